/** `tables.json`: what stands in the folder, so that a program, or an analyst, needn't guess from file names. */
import { rangesText, type TableSchema } from './table-schema.ts';

export const manifestName = 'tables.json';

export interface ManifestEntry {
  file: string;
  rows: number;
  schema: TableSchema;
}

/** As JSON, one table per line. */
export function manifestText(entries: readonly ManifestEntry[]): string {
  const lines = entries.map(({ file, rows, schema }) => JSON.stringify({ file, rows, ...tableFacts(schema) }));
  return `[${lines.map((line) => `\n  ${line}`).join(',')}\n]\n`;
}

/** What a table is of; its columns' signals with their units. */
export function tableFacts({ message, branch, columns }: TableSchema) {
  return {
    message: message.name,
    id: message.id,
    ext: message.extended,
    branch: branch.map(({ selector, ranges }) => ({ selector: selector.name, raw: rangesText(ranges) })),
    columns: columns.flatMap(({ name, signal }) =>
      signal === undefined ? [] : [{ name, signal: signal.name, unit: signal.unit }],
    ),
  };
}
