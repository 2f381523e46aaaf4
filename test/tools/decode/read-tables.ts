/** Tables read back by other libraries than those that wrote them, or by the writer's own reader where there is no other. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';

export type Row = Record<string, number | bigint | string | null>;

/** A line of tables.json. */
export interface ManifestLine {
  file: string;
  rows: number;
  message: string;
  id: number;
  ext: boolean;
  branch: { selector: string; raw: string }[];
  columns: { name: string; signal: string; unit: string }[];
}

export function readManifest(folder: string): ManifestLine[] {
  return JSON.parse(readFileSync(path.join(folder, 'tables.json'), 'utf8'));
}

/** All rows of a table, in order. */
export async function readRows(file: string): Promise<Row[]> {
  return file.endsWith('.arrow') ? readArrow(file) : readParquet(file);
}

async function readParquet(file: string): Promise<Row[]> {
  return (await parquetReadObjects({ file: await asyncBufferFromFile(file) })) as Row[];
}

function readArrow(file: string): Row[] {
  const table = tableFromIPC(readFileSync(file));
  return table.toArray().map((row) => row.toJSON() as Row);
}
