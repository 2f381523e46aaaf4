// Four real databases, 400 frames each, with values computed elsewhere: through the command, in every format.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { DecodeFlags } from '../../../tools/decode/index.ts';
import { bytes } from '../../edge/decode/support/build.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { sharedPath, skipWithout } from '../../shared.ts';
import { decodeHere, records, temporaryFolder } from './decode-process.ts';
import { readManifest, readRows } from './read-tables.ts';

interface VectorLine {
  id: number;
  ext: boolean;
  data: string;
  /** Raw (a string from 2^53 up) and physical value, of active signals only. */
  signals: Record<string, [number | string, number]>;
}

const folder = temporaryFolder();

for (const name of ['tesla_can', 'vw_mlb', 'cadillac_ct6_object', 'ford_lincoln_base_pt']) {
  const [dbc, vectors] = [`corpus/opendbc/${name}.dbc`, `vectors/decode/${name}.jsonl`];
  describe(name, { skip: skipWithout(dbc) || skipWithout(vectors) }, () => {
    const text = sharedPath(vectors) === undefined ? '' : readFileSync(sharedPath(vectors)!, 'utf8');
    const lines = text
      .split('\n')
      .filter(Boolean)
      .map((line): VectorLine => JSON.parse(line));
    const frames = records(
      lines.map(({ id, ext, data }) => ({ id, ext, data: bytes(data) })),
      64,
    );
    /** @returns where the output is */
    const decode = async (format: DecodeFlags['format']) => {
      const output = path.join(folder.path, `${name}.${format}`);
      const source = { frames: folder.file(`${name}.frames`, frames), fd: true };
      const { error } = await decodeHere(sharedPath(dbc)!, undefined, { ...source, format, output });
      assert.equal(error, undefined);
      return output;
    };
    const expected = lines.map(({ signals }) =>
      Object.fromEntries(Object.entries(signals).map(([signal, [, physical]]) => [signal, physical])),
    );

    test('jsonl: the line of every frame', async () => {
      const stdout = readFileSync(await decode('jsonl'), 'utf8');
      const decoded = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.equal(decoded.length, lines.length);
      decoded.forEach(({ t, id, ext, signals }, i) => {
        assert.deepEqual([t, id, ext], [null, lines[i].id, lines[i].ext]);
        const numbers = Object.fromEntries(Object.entries(signals).map(([key, value]) => [key, Number(value)]));
        assert.deepEqual(numbers, expected[i]);
        for (const [signal, value] of Object.entries(signals)) {
          if (typeof value !== 'string') continue;
          // Scale 1 and offset 0 here: the integer itself.
          assert.equal(value, lines[i].signals[signal][0]);
        }
      });
    });

    test('csv, read by Python: a row for every value', { skip: skipWithoutProgram('python3') }, async () => {
      const out = await decode('csv');
      const script = 'import csv,json,sys; print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline=""))) ))';
      const { stdout } = spawnSync('python3', ['-c', script, out], { encoding: 'utf8', maxBuffer: 1 << 28 });
      const rows: Record<string, string>[] = JSON.parse(stdout).filter(({ value }: { value: string }) => value !== '');
      const wanted = lines.flatMap(({ id, signals }) =>
        Object.entries(signals).map(([signal, [, physical]]) => `${id} ${signal} ${physical}`),
      );
      const got = rows.map(({ id, signal, value }) => `${id} ${signal} ${Number(value)}`);
      assert.deepEqual(got.sort(), wanted.sort());
    });

    for (const format of ['parquet', 'arrow'] as const) {
      test(`${format}: a row for every frame, joined with its branches`, async () => {
        const out = await decode(format);
        const found: Record<string, number>[] = lines.map(() => ({}));
        for (const table of readManifest(out)) {
          for (const row of await readRows(path.join(out, table.file))) {
            for (const { name: column, signal } of table.columns) {
              if (row[column] !== null) found[Number(row.frame)][signal] = Number(row[column]);
            }
          }
        }
        assert.deepEqual(found, expected);
      });
    }
  });
}
