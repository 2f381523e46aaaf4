/** Manifests and signal mappings, field by field: what is refused, where, and in which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectPackage, Problems } from '../../../../tools/dbc/package/index.ts';
import { spdxProblem } from '../../../../tools/dbc/package/spdx.ts';
import { dbcBytes, golden, manifest, vss } from './support.ts';

function problemsOf(changes: { manifest?: unknown; vss?: unknown }) {
  const problems = new Problems();
  inspectPackage({ manifest, dbc: dbcBytes, golden, goldenPlace: String, vss, ...changes }, problems);
  return problems.list
    .filter(({ severity }) => severity === 'error')
    .map(({ place, message }) => `${place}: ${message}`);
}

const { platform } = manifest;
const address = manifest.author;
const manifests: [string, unknown, RegExp][] = [
  ['no object', [], /^manifest\.json: expected an object, found \[\]$/],
  ['a missing field', { ...manifest, license: undefined }, /^manifest\.json \/license: missing: expected a text$/],
  ['an unknown field', { ...manifest, licence: 'MIT' }, /\/licence: unknown key, expected id, version, author/],
  ['an unknown field below', { ...manifest, platform: { ...platform, vin: '1' } }, /\/platform\/vin: unknown key/],
  ['an id with capitals', { ...manifest, id: 'Acme.Car' }, /\/id: "Acme\.Car": expected names of a-z/],
  ['an id with an empty part', { ...manifest, id: 'acme..car' }, /\/id:/],
  ['an id that climbs', { ...manifest, id: '../../etc' }, /\/id:/],
  ['a long id', { ...manifest, id: 'a'.repeat(129) }, /\/id: "a+\.\.\.: expected at most 128 characters$/],
  ['a version of two parts', { ...manifest, version: '1.2' }, /\/version: "1\.2": expected a semantic version/],
  ['a version with leading zeros', { ...manifest, version: '01.2.3' }, /\/version:/],
  ['a version with an empty label', { ...manifest, version: '1.2.3-' }, /\/version:/],
  ['an address without checksum', { ...manifest, author: address.toLowerCase() }, /\/author: .*no EIP-55 checksum/],
  ['an address one letter off', { ...manifest, author: address.replace('F', 'f') }, /expected 0xf39Fd6e51aad88F6F4/],
  ['a short address', { ...manifest, author: address.slice(0, -1) }, /\/author: .*0x and 40 hex digits$/],
  ['no licence', { ...manifest, license: '' }, /\/license: "": expected a text that is not empty$/],
  ['a bad licence', { ...manifest, license: 'MIT AND' }, /\/license: "MIT AND": a licence id is missing at the end$/],
  ['no platform', { ...manifest, platform: null }, /\/platform: null: expected an object$/],
  [
    'years the wrong way round',
    { ...manifest, platform: { ...platform, years: [2020, 2019] } },
    /first year lies after/,
  ],
  [
    'one year',
    { ...manifest, platform: { ...platform, years: [2020] } },
    /\/platform\/years: \[2020\]: expected \[first/,
  ],
  ['a year as text', { ...manifest, platform: { ...platform, years: ['2020', 2021] } }, /from 1886 to 2200$/],
  [
    'a bit rate in kbit/s',
    { ...manifest, platform: { ...platform, bitRate: 500 } },
    /\/platform\/bitRate: 500: .*5000/,
  ],
  ['a control character', { ...manifest, platform: { ...platform, make: 'A\u0007' } }, /\/platform\/make: .*printable/],
  ['a hidden direction mark', { ...manifest, platform: { ...platform, make: 'A\u202e' } }, /\/platform\/make:/],
  ['blanks at the end', { ...manifest, platform: { ...platform, model: 'X ' } }, /\/platform\/model:/],
];

for (const [name, value, message] of manifests) {
  test(`manifest: ${name}`, () => {
    const errors = problemsOf({ manifest: value });
    assert.equal(errors.length, 1, errors.join('\n'));
    assert.match(errors[0], message);
  });
}

const [speed] = vss;
const mappings: [string, unknown, RegExp][] = [
  ['no array', {}, /^vss\.json: expected an array/],
  ['no object', [1], /^vss\.json \/0: expected an object, found 1$/],
  ['an unknown field', [{ ...speed, units: 'rpm' }], /\/0\/units: unknown key, expected message, signal, path, unit$/],
  ['an unknown signal', [{ ...speed, signal: 'Sped' }], /\/0: the decoder has no signal "Motor\.Sped"$/],
  ['a signal mapped twice', [speed, speed], /\/1: Motor\.Speed is mapped by \/0 already$/],
  ['no name', [{ ...speed, message: 3 }], /\/0\/message: 3: expected a name$/],
  ['a path of one part', [{ ...speed, path: 'Vehicle' }], /\/0\/path: "Vehicle": expected a path such as/],
  ['a path in small letters', [{ ...speed, path: 'vehicle.speed' }], /\/0\/path:/],
  ['a path with an empty part', [{ ...speed, path: 'Vehicle..Speed' }], /\/0\/path:/],
  ['a path with slashes', [{ ...speed, path: 'Vehicle/Speed' }], /\/0\/path:/],
  ['an empty unit', [{ ...speed, unit: '' }], /\/0\/unit: "": expected a VSS unit such as/],
  ['a unit with a sign', [{ ...speed, unit: '°C' }], /\/0\/unit:/],
];

for (const [name, value, message] of mappings) {
  test(`mapping: ${name}`, () => {
    const errors = problemsOf({ vss: value });
    assert.equal(errors.length, 1, errors.join('\n'));
    assert.match(errors[0], message);
  });
}

test('what is right passes', () => {
  for (const version of ['0.0.0', '1.0.0-alpha.1', '1.0.0-0.3.7', '1.0.0+20130313144700', '1.0.0-beta+exp.sha.5114f85'])
    assert.deepEqual(problemsOf({ manifest: { ...manifest, version } }), []);
  const fd = { ...manifest, platform: { ...platform, make: 'Škoda', model: '日本 3', dataBitRate: 2_000_000 } };
  assert.deepEqual(problemsOf({ manifest: fd, vss: [] }), []);
});

const licences: [string, RegExp | undefined][] = [
  ['MIT', undefined],
  ['GPL-2.0+', undefined],
  ['GPL-2.0-only WITH Classpath-exception-2.0', undefined],
  ['(MIT OR Apache-2.0) AND CC-BY-4.0', undefined],
  ['LicenseRef-Proprietary', undefined],
  ['DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2', undefined],
  ['(((MIT)))', undefined],
  [' ', /empty/],
  ['MIT OR', /missing at the end/],
  ['AND MIT', /AND stands where a licence id is due/],
  ['MIT Apache-2.0', /Apache-2\.0 stands where AND, OR or WITH is due/],
  ['(MIT', /a \( without its \)/],
  ['MIT)', /a \) without its \(/],
  ['()', /\) stands where a licence id is due/],
  ['(MIT) WITH X', /WITH joins/],
  ['MIT WITH', /WITH joins/],
  ['MIT, Apache', /expected licence ids/],
  ['MIT++', /MIT\+\+ stands where/],
  ['see http://example.org', /stands where|expected licence/],
  [`${'('.repeat(300)}MIT${')'.repeat(300)}`, /603 characters/],
];

for (const [text, problem] of licences) {
  test(`licence ${text.slice(0, 60)}`, () => {
    const found = spdxProblem(text);
    if (problem === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', problem);
  });
}
