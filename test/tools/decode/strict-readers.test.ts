// Parquet and Arrow files through readers of other people, which forgive less than hyparquet: pyarrow and DuckDB.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { decodeHere, temporaryFolder } from './decode-process.ts';
import { readManifest } from './read-tables.ts';

const folder = temporaryFolder();
const dbc = folder.file(
  'kinds.dbc',
  `BO_ 257 KINDS: 8 X
 SG_ Mux M : 0|8@1+ (1,0) [0|9] "" X
 SG_ Float m0 : 8|32@1- (1,0) [0|0] "V" X
 SG_ Scaled m1 : 8|8@1- (0.1,-4) [0|0] "°C" X
 SG_ Long m1 : 16|40@1+ (1,0) [0|0] "" X
BO_ 258 WIDE: 8 X
 SG_ Serial : 0|64@1+ (1,0) [0|0] "" X
BO_ 259 SIGNED: 8 X
 SG_ Deep : 7|64@0- (1,0) [0|0] "" X
SIG_VALTYPE_ 257 Float : 1;
`,
);
const lines: string[] = [];
for (let i = 0; i < 500; i++) {
  const payload = i.toString(16).padStart(4, '0').repeat(4);
  const id = ['101', '101', '102', '103'][i % 4];
  const selector = ['00', '01', '77'][i % 3];
  const data = id === '101' ? selector + payload.slice(2, i % 5 === 0 ? 4 : 16) : payload;
  lines.push(`(${i}.5) can0 ${id}#${data.toUpperCase()}`);
}
const log = folder.file('kinds.log', `${lines.join('\n')}\n`);

/** Reads every table with both libraries and compares them with the JSON lines; prints how many values. */
const script = `
import json, sys, duckdb, pyarrow.ipc as ipc, pyarrow.parquet as pq
jsonl, parquet, arrow = sys.argv[1:]
lines = [json.loads(line) for line in open(jsonl)]
def check(read, folder):
    values = 0
    found = {line["t"]: ({}, {}) for line in lines}
    for table in json.load(open(folder + "/tables.json")):
        rows = read(folder + "/" + table["file"])
        assert len(rows) == table["rows"]
        for row in rows:
            signals, status = found[row["t"]]
            for column in table["columns"]:
                if row[column["name"]] is not None: signals[column["signal"]] = row[column["name"]]
            status.update(json.loads(row["status"] or "{}"))
    for line in lines:
        signals, status = found[line["t"]]
        assert line["signals"].keys() == signals.keys(), line
        for name, value in line["signals"].items():
            values += 1
            exact = int(value) if isinstance(value, str) and value.isdigit() else float(value)
            assert exact == signals[name] or exact != exact, (line, signals[name])
        assert {k: v for k, v in line["status"].items() if v != "absent"} == status, line
    return values
def of_arrow(table):
    table.validate(full=True)
    return table.to_pylist()
def of_duckdb(file):
    query = duckdb.sql("select * from read_parquet('" + file + "')")
    return [dict(zip(query.columns, row)) for row in query.fetchall()]
print(check(lambda f: of_arrow(pq.read_table(f)), parquet), check(of_duckdb, parquet),
      check(lambda f: of_arrow(ipc.open_file(f).read_all()), arrow))
`;

const hasReaders = spawnSync('python3', ['-c', 'import duckdb, pyarrow']).status === 0;

test('pyarrow and DuckDB read what the JSON lines say', {
  skip: !hasReaders && 'needs the Python packages pyarrow and duckdb',
}, async () => {
  const outputs = ['jsonl', 'parquet', 'arrow'].map((name) => path.join(folder.path, `out.${name}`));
  for (const [i, format] of (['jsonl', 'parquet', 'arrow'] as const).entries())
    await decodeHere(dbc, log, { format, output: outputs[i] });
  const { status, stdout, stderr } = spawnSync('python3', ['-c', script, ...outputs], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const objects = readFileSync(outputs[0], 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const values = objects.reduce((sum, { signals }) => sum + Object.keys(signals).length, 0);
  assert.equal(stdout.trim(), `${values} ${values} ${values}`);
});

test('unsigned 64-bit columns say so by their converted type alone', async () => {
  const output = path.join(folder.path, 'unsigned');
  await decodeHere(dbc, log, { format: 'parquet', output });
  assert.ok(readManifest(output).some(({ file }) => file === 'WIDE.parquet'));
  const file = await asyncBufferFromFile(path.join(output, 'WIDE.parquet'));
  const { schema } = await parquetMetadataAsync(file);
  const serial = schema.find(({ name }) => name === 'Serial')!;
  // A logical INTEGER type would be written in a way that strict readers refuse.
  assert.deepEqual([serial.type, serial.converted_type, serial.logical_type], ['INT64', 'UINT_64', undefined]);
});
