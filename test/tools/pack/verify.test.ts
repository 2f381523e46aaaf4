/** Packs in a row: what holds, what is broken, and what is missing; from files, folders, and a log that is in use. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fromHex, openPack, type PackBody, packHash, signPack, softwareSigner } from '../../../edge/pack/index.ts';
import { PackLog } from '../../../edge/store/index.ts';
import { DirectoryStorage } from '../../../edge/store/node.ts';
import { FileUplink } from '../../../edge/uplink/node-file.ts';
import { ChainCheck, type ChainReport, type PackVerdict, readPacks, verifyPacks } from '../../../tools/pack/index.ts';
import { exampleSigner } from '../../edge/pack/example.ts';
import { device, driveBody, externalAad, scratch, signed } from './fixtures.ts';

const { folder, file } = scratch();

type Row = Partial<PackBody> & { seq: number; follows?: Uint8Array; signer?: typeof exampleSigner };

/** Signs bodies; each but the first of a boot names the pack before, unless told otherwise. */
function chain(rows: Row[]): Uint8Array[] {
  let before: Uint8Array | undefined;
  let boot = 0;
  return rows.map(({ follows, signer = exampleSigner, ...parts }) => {
    const bootCount = parts.bootCount ?? 1;
    const named = follows ?? (bootCount === boot && before ? packHash(before) : undefined);
    const body = driveBody({ ...parts, bootCount, ...(named && { previousHash: named.slice(0, 16) }) });
    before = signPack(signer, body, { externalAad });
    boot = bootCount;
    return before;
  });
}

function check(packs: Uint8Array[]): ChainReport {
  const checker = new ChainCheck();
  for (const [i, bytes] of packs.entries()) checker.add(`#${i}`, openPack(bytes, { externalAad }));
  return checker.report();
}

const other = softwareSigner(fromHex('11'.repeat(32)));
const skipped = (from: number, to: number) => ({ gaps: [{ from, to, reason: 1 }] });

const chains: [string, Row[], Partial<ChainReport>, string[]][] = [
  ['three in a row', [{ seq: 1 }, { seq: 2 }, { seq: 3 }], { packs: 3, linked: 2, missing: [] }, []],
  ['a new boot names no pack', [{ seq: 1 }, { seq: 2, bootCount: 2 }], { linked: 0, missing: [] }, []],
  [
    'a number is missing',
    [{ seq: 1 }, { seq: 2 }, { seq: 5, bootCount: 2 }],
    { missing: [{ device, from: 3, to: 4 }], declared: 0 },
    [],
  ],
  ['a gap is declared', [{ seq: 1 }, { seq: 5, bootCount: 2, ...skipped(2, 4) }], { missing: [], declared: 3 }, []],
  [
    'a gap is declared in part, by a later pack',
    [{ seq: 1 }, { seq: 6, bootCount: 2 }, { seq: 7, bootCount: 2, ...skipped(3, 4) }],
    {
      missing: [
        { device, from: 2, to: 2 },
        { device, from: 5, to: 5 },
      ],
      declared: 2,
    },
    [],
  ],
  ['a pack after missing ones cannot be judged', [{ seq: 1 }, { seq: 3 }], { linked: 0 }, []],
  [
    'another predecessor is named',
    [{ seq: 1 }, { seq: 2, follows: new Uint8Array(32) }],
    { linked: 0 },
    ['previous-hash'],
  ],
  ['one number twice', [{ seq: 1 }, { seq: 1, startMs: 599_000 }], { packs: 1 }, ['seq-twice']],
  [
    'boots run backwards',
    [
      { seq: 1, bootCount: 2 },
      { seq: 2, bootCount: 1 },
    ],
    {},
    ['boot-count'],
  ],
  ['two devices do not mix', [{ seq: 1 }, { seq: 7, signer: other, bootCount: 2 }], { devices: 2, missing: [] }, []],
];
for (const [what, rows, expected, kinds] of chains) {
  test(`chain: ${what}`, () => {
    const packs = chain(rows);
    for (const order of [packs, packs.toReversed()]) {
      const report = check(order);
      const found = Object.fromEntries(Object.keys(expected).map((key) => [key, report[key as keyof ChainReport]]));
      assert.deepEqual(found, expected);
      assert.deepEqual(
        report.breaks.map(({ kind }) => kind),
        kinds,
      );
    }
  });
}

test('copies of a pack are counted, and are no fault', () => {
  const [one, two] = chain([{ seq: 1 }, { seq: 2 }]);
  const { duplicates, packs, breaks } = check([one, two, one, one]);
  assert.deepEqual([duplicates, packs, breaks], [2, 2, []]);
});

function verdictsOf(paths: string[], options: object = {}): { verdicts: PackVerdict[]; report: ChainReport } {
  const verdicts: PackVerdict[] = [];
  const steps = verifyPacks(paths, { externalAad, ...options });
  for (;;) {
    const step = steps.next();
    if (step.done) return { verdicts, report: step.value };
    verdicts.push(step.value);
  }
}

test('a folder of the file uplink is read by number; what is no pack is left alone', () => {
  const target = path.join(folder, 'uplink');
  const uplink = new FileUplink(target, exampleSigner.kid);
  for (const [i, bytes] of chain([{ seq: 9 }, { seq: 10 }, { seq: 11 }]).entries()) uplink.send(9 + i, bytes);
  writeFileSync(path.join(target, 'notes.txt'), 'hello');
  const { verdicts, report } = verdictsOf([target]);
  assert.deepEqual(
    verdicts.map((verdict) => 'valid' in verdict && verdict.valid && verdict.seq),
    [9, 10, 11],
  );
  assert.equal(report.linked, 2);
});

test("a running Miner's log is read without its lock, and not a byte of it changes", () => {
  const target = path.join(folder, 'log');
  const storage = new DirectoryStorage(target);
  const { log } = PackLog.open(storage, { segmentBytes: 700 });
  for (const bytes of chain(Array.from({ length: 12 }, (_, i) => ({ seq: i + 1 })))) log.append(log.nextSeq()!, bytes);
  const state = () =>
    readdirSync(target).map((name) => {
      const { mtimeMs, size } = statSync(path.join(target, name));
      return [name, mtimeMs, size, readFileSync(path.join(target, name), 'hex')];
    });
  const before = state();
  assert.ok(before.length > 4, 'a lock and several segments');
  const { verdicts, report } = verdictsOf([target]);
  assert.deepEqual([verdicts.length, report.linked, report.missing], [12, 11, []]);
  assert.deepEqual(state(), before);

  const last = path.join(
    target,
    readdirSync(target)
      .filter((name) => name.endsWith('.log'))
      .sort()
      .at(-1)!,
  );
  writeFileSync(last, Buffer.concat([readFileSync(last), Buffer.from('MR torn')]));
  const tail = verdictsOf([target]).verdicts.at(-1);
  assert.ok(tail && 'damagedBytes' in tail && tail.isTail && tail.damagedBytes === 7);
  const first = path.join(target, '00000001.log');
  const bytes = readFileSync(first);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(first, bytes);
  const damaged = verdictsOf([target]).verdicts.find((verdict) => 'damagedBytes' in verdict);
  assert.ok(damaged && 'damagedBytes' in damaged && !damaged.isTail);
  storage.close();
});

test('a pack of another device, or for another chain, is refused with the reason', () => {
  const pack = file('one.pack', signed(driveBody()));
  const [wanted] = verdictsOf([pack], { device: `0x${'00'.repeat(20)}` }).verdicts;
  assert.ok('valid' in wanted && !wanted.valid && wanted.code === 'PACK_DEVICE');
  const [foreign] = verdictsOf([pack], { externalAad: new Uint8Array(1) }).verdicts;
  assert.ok('valid' in foreign && !foreign.valid && foreign.code === 'COSE_SIGNATURE');
});

test('a folder without packs, and a file too large for one, are refused before they are read', () => {
  const empty = path.join(folder, 'empty');
  mkdirSync(empty);
  assert.throws(() => [...readPacks([empty])], { code: 'PACK_SOURCE_EMPTY', exitCode: 2 });
  assert.throws(() => [...readPacks([path.join(folder, 'none.pack')])], { code: 'FILE_UNREADABLE', exitCode: 3 });
  const large = file('large.pack', new Uint8Array(2 ** 24 + 1));
  assert.throws(() => [...readPacks([large])], { code: 'PACK_SIZE', exitCode: 1 });
});
