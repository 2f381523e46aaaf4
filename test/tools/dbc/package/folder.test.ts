/** Packages on disk that are not what they should be: every fault is found and located, and nothing outside is read. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openPackage } from '../../../../tools/dbc/package/index.ts';
import { dbcText, goldenText, writeFolder } from './support.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'miner-package-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => path.join(folder, name);
writeFileSync(at('notes.txt'), 'hello\n');

test('a good folder', () => {
  const { problems, sha256, inspected } = openPackage(writeFolder(at('good')));
  assert.deepEqual(
    problems.list.filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.equal(sha256, undefined);
  assert.equal(inspected?.report.frameCount, 200);
});

const bad: [string, () => string, RegExp][] = [
  ['no manifest', () => writeFolder(at('a'), { manifest: undefined }), /manifest\.json: is missing/],
  ['a manifest that is no JSON', () => writeFolder(at('b'), { manifest: '{,}' }), /manifest\.json: not JSON: /],
  ['no DBC', () => writeFolder(at('c'), { dbc: undefined }), /decoder\.dbc: is missing/],
  ['a DBC that is none', () => writeFolder(at('d'), { dbc: 'hello' }), /decoder\.dbc: no message could be read/],
  [
    'a DBC that loses a signal',
    () => writeFolder(at('e'), { dbc: dbcText.replace('SG_ Speed :', 'SG_ Bad : nonsense\n SG_ Speed :') }),
    /decoder\.dbc:4:\d+: /,
  ],
  ['no golden frames', () => writeFolder(at('f'), { golden: undefined }), /golden\.jsonl: no golden frame/],
  [
    'a golden frame that differs',
    () => writeFolder(at('g'), { golden: goldenText.replace('"Speed":0', '"Speed":7') }),
    /golden\.jsonl:1: Motor\.Speed: expected 7, interpreter gives 0/,
  ],
  [
    'a mapping of a stranger',
    () => writeFolder(at('h'), { vss: '[{"message":"M","signal":"S","path":"A.B"}]' }),
    /no signal "M\.S"/,
  ],
  [
    'a link out of the folder',
    () => {
      writeFolder(at('i'), { vss: undefined });
      symlinkSync('/etc/passwd', path.join(at('i'), 'vss.json'));
      return at('i');
    },
    /vss\.json: is a link; a package holds files only/,
  ],
  [
    'a manifest of 65 kB',
    () => {
      truncateSync(path.join(writeFolder(at('j')), 'manifest.json'), 65 * 1024);
      return at('j');
    },
    /manifest\.json: 66560 bytes, at most 65536 are read/,
  ],
  ['a file that is no package', () => at('notes.txt'), /not deterministic CBOR/],
  ['a device', () => '/dev/zero', /expected a file of at most/],
];

for (const [name, make, message] of bad) {
  test(name, { skip: process.platform === 'win32' && 'needs links and devices' }, () => {
    const { problems } = openPackage(make());
    const errors = problems.list.filter(({ severity }) => severity === 'error');
    const texts = errors.map((one) => `${one.place}: ${one.message}`);
    assert.ok(
      texts.some((text) => message.test(text)),
      texts.join('\n'),
    );
    assert.equal(problems.errorCount, errors.length);
  });
}

test('what else lies in the folder is named, and does no harm', () => {
  writeFileSync(path.join(writeFolder(at('with-readme')), 'README.md'), '# mine');
  const { problems } = openPackage(at('with-readme'));
  assert.equal(problems.errorCount, 0);
  assert.ok(problems.list.some(({ message }) => message === 'not part of the package: README.md'));
});
