// The gate: a decoder that is right passes with a report that anyone can make again; one that is not stops with the frame.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { MinerError } from '../../../edge/errors/index.ts';
import { benchmarkDecoder } from '../../../tools/applicants/benchmark.ts';
import {
  benchmarkGate,
  compareReports,
  decoderHash,
  gateReportText,
  readGateReport,
  runGate,
} from '../../../tools/applicants/index.ts';
import { encodePackage, initFolder, openPackage } from '../../../tools/dbc/package/index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'miner-gate-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const dbc = (factor: string, comment = '') => `VERSION ""
BU_: ECU
BO_ 256 Motor: 8 ECU
 SG_ Speed : 0|16@1+ (${factor},0) [0|0] "rpm" ECU
 SG_ Torque : 16|16@1- (1,0) [0|0] "Nm" ECU
${comment}`;

const manifest = {
  id: 'acme.roadster',
  version: '1.0.0',
  author: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  license: 'MIT',
  platform: { make: 'Acme', model: 'Roadster', years: [2024, 2026], bus: 'main', bitRate: 500_000 },
};

/** A package whose golden frames were made from its own DBC. */
function packageOf(name: string, text: string): string {
  const source = path.join(folder, `${name}.dbc`);
  writeFileSync(source, text);
  const target = path.join(folder, name);
  initFolder(target, source);
  writeFileSync(path.join(target, 'manifest.json'), JSON.stringify(manifest));
  return target;
}

const good = packageOf('good', dbc('0.5'));
const refused = (run: () => unknown, code: string, message: RegExp) =>
  assert.throws(run, (error: MinerError) => {
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });

test('a good package passes, and its report is the same each time', () => {
  const steps: string[] = [];
  const { report } = runGate(good, { onStep: (step) => steps.push(step) });
  assert.deepEqual(steps, ['package and golden frames']);
  assert.equal(report.decoder.contentHash, createHash('sha256').update(dbc('0.5')).digest('hex'));
  assert.deepEqual(report.golden.backEnds, ['interpreter', 'per-frame', 'wasm', 'batch']);
  assert.deepEqual([report.replaces, report.benchmark], [null, null]);
  assert.equal(gateReportText(runGate(good, {}).report), gateReportText(report));
});

test('the folder and the file made of it give one report, but for the hash of the file', () => {
  const file = path.join(folder, 'good.dimopkg');
  writeFileSync(file, encodePackage(openPackage(good).inspected!.package!));
  const { report } = runGate(file, {});
  assert.equal(report.package.sha256, createHash('sha256').update(readFileSync(file)).digest('hex'));
  const { sha256: _, ...packed } = report.package;
  const fromFolder = runGate(good, {}).report;
  assert.deepEqual({ ...report, package: { ...packed, sha256: null } }, fromFolder);
  for (const way of [good, file, path.join(good, 'decoder.dbc'), report.decoder.contentHash]) {
    assert.equal(decoderHash(way), `0x${report.decoder.contentHash}`);
  }
});

test('a golden frame that comes out otherwise stops it, with frame, expected and actual value', () => {
  const wrong = path.join(folder, 'wrong');
  cpSync(good, wrong, { recursive: true });
  const golden = path.join(wrong, 'golden.jsonl');
  const line = { id: 256, ext: false, data: '0a00f6ff00000000', name: 'Motor', signals: { Speed: 6, Torque: -10 } };
  writeFileSync(
    golden,
    `${JSON.stringify({ ...line, signals: { Speed: 5, Torque: -10 } })}\n${JSON.stringify(line)}\n`,
  );
  refused(
    () => runGate(wrong, {}),
    'GATE_GOLDEN',
    /golden\.jsonl:2: frame 100#0A00F6FF00000000: Motor\.Speed: expected 6, interpreter gives 5/,
  );
});

const badRows: [string, (copy: string) => void, RegExp][] = [
  ['without golden frames', (copy) => writeFileSync(path.join(copy, 'golden.jsonl'), ''), /no golden frame/],
  [
    'whose DBC loses a signal on reading',
    (copy) => writeFileSync(path.join(copy, 'decoder.dbc'), dbc('0.5').replace('16|16@1-', '16|x@1-')),
    /decoder\.dbc:5/,
  ],
  [
    'whose manifest has no author',
    (copy) => writeFileSync(path.join(copy, 'manifest.json'), JSON.stringify({ ...manifest, author: '' })),
    /manifest\.json \/author/,
  ],
  ['without a DBC', (copy) => rmSync(path.join(copy, 'decoder.dbc')), /decoder\.dbc: is missing/],
];
for (const [name, spoil, message] of badRows) {
  test(`a package ${name} is refused`, () => {
    const copy = path.join(folder, name.replaceAll(' ', '-'));
    cpSync(good, copy, { recursive: true });
    spoil(copy);
    refused(() => runGate(copy, {}), 'GATE_PACKAGE', message);
  });
}

test('nothing at the path, or a file that is no package, is refused', () => {
  refused(() => runGate(path.join(folder, 'none'), {}), 'FILE_UNREADABLE', /no such file/);
  const file = path.join(folder, 'junk.dimopkg');
  writeFileSync(file, 'junk');
  refused(() => runGate(file, {}), 'GATE_PACKAGE', /junk\.dimopkg: one error: /);
  refused(() => decoderHash(file), 'GATE_PACKAGE', /junk/);
});

test('what changes against the replaced decoder is told in words and in values', () => {
  const { report } = runGate(good, { replaced: Buffer.from(dbc('0.25')) });
  const { meaningDiffers, changes, values } = report.replaces!;
  assert.equal(meaningDiffers, true);
  assert.deepEqual(changes, ['Motor.Speed: factor and offset changed from 0.25, 0 to 0.5, 0']);
  assert.ok(values.changed > 0 && values.compared > values.changed);
});

test('a replaced decoder that means the same is said to', () => {
  const { report } = runGate(good, { replaced: Buffer.from(dbc('0.5', 'CM_ "older";\n')) });
  const { meaningDiffers, values } = report.replaces!;
  assert.deepEqual([meaningDiffers, values.changed, values.relabelled], [false, 0, 0]);
});

test('the benchmark goes by its clock, over full blocks of golden frames', () => {
  let now = 0;
  const { plan, golden } = openPackage(good).inspected!.package!;
  // A clock on which each block takes 10 ms.
  const benchmark = benchmarkDecoder(plan, golden, () => (now += 10))!;
  assert.deepEqual(benchmark, {
    framesPerRound: 2_048,
    rounds: 5,
    framesPerSecond: { interpreter: 205_000, perFrame: 205_000, batch: 205_000 },
    ratio: 1,
  });
  assert.equal(
    benchmarkDecoder(plan, [], () => 0),
    undefined,
  );
});

test("somebody's report agrees but for its benchmark, and what was changed in it is named", () => {
  const passed = runGate(good, { replaced: Buffer.from(dbc('0.25')) });
  const { report } = passed;
  let now = 0;
  const theirs = benchmarkGate(passed, { nowMs: () => (now += 10), runtime: 'another machine' });
  assert.deepEqual(compareReports(JSON.parse(gateReportText(theirs)), report), []);
  const file = path.join(folder, 'theirs.json');
  const changes: [string, string, string[]][] = [
    ['"frames": ', '"frames": 9', ['golden.frames', 'replaces.values.frames']],
    ['from 0.25, 0', 'from 0.5, 0', ['replaces.changes.0']],
    ['"notes": [', '"notes": ["all fine"', ['notes', 'notes.0']],
  ];
  for (const [text, changed, expected] of changes) {
    writeFileSync(file, gateReportText(theirs).replaceAll(text, changed));
    const places = compareReports(readGateReport(file).report, report).map(({ at }) => at);
    assert.deepEqual(places.sort(), expected);
  }
  const deep = `{"format":"dimo-decoder-gate/1","golden":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
  writeFileSync(file, deep);
  assert.ok(compareReports(readGateReport(file).report, report).length > 5);
  for (const [content, message] of [
    ['{', /is no JSON/],
    ['null', /format is no/],
    ['{"format":"x"}', /format is no/],
  ] as const) {
    writeFileSync(file, content);
    refused(() => readGateReport(file), 'GATE_REPORT', message);
  }
});
