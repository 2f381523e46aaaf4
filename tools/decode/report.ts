/** What a run says on stderr when it is over: what came out, what was left out and why. */
import path from 'node:path';
import type { Input } from './input.ts';
import type { DecodeFormat } from './sink.ts';
import type { SinkResult } from './sink-thread.ts';

export interface RunFacts {
  input: Pick<Input, 'unit' | 'stats'>;
  result: SinkResult;
  format: DecodeFormat;
  output: string | undefined;
}

const idsShown = 5;
const malformedShown = 3;

/** Several lines; those without anything to count are left away. */
export function reportText({ input, result, format, output }: RunFacts): string {
  const { tally, files } = result;
  const { stats, unit } = input;
  const isTable = format === 'parquet' || format === 'arrow';
  const place = isTable ? ` into ${counted(files, 'table')} in ${output}${path.sep}` : '';
  const lines = [`${counted(tally.frames, 'frame')}, ${grouped(tally.decoded)} decoded${place}`];
  if (tally.unknown > 0) {
    const ids = [...tally.unknownIds].sort((a, b) => b[1] - a[1]);
    const shown = ids.slice(0, idsShown).map(([key]) => idText(key));
    const more = ids.length > shown.length ? ', ...' : '';
    lines.push(`left out: ${counted(tally.unknown, 'frame')} that the DBC does not have (${shown.join(', ')}${more})`);
  }
  if (tally.remote > 0) lines.push(`left out: ${counted(tally.remote, 'remote frame')}`);
  if (tally.error > 0) lines.push(`left out: ${counted(tally.error, 'error frame')}`);
  if (tally.transport > 0 || tally.reassembled > 0) {
    const lost = tally.transportLost > 0 ? `, ${grouped(tally.transportLost)} incomplete` : '';
    lines.push(`J1939 transport: ${counted(tally.reassembled, 'message')} put together${lost}`);
  }
  if (stats.malformed > 0) {
    lines.push(`left out: ${counted(stats.malformed, `malformed ${unit}`)}`);
    for (const { line, reason, text } of stats.firstMalformed.slice(0, malformedShown)) {
      lines.push(`  ${unit} ${line}: ${reason}: ${JSON.stringify(text)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;
}

const grouped = (count: number): string => count.toLocaleString('en-US');

function idText(key: number): string {
  const extended = key >= 0x80000000;
  const id = extended ? key - 0x80000000 : key;
  return `0x${id
    .toString(16)
    .toUpperCase()
    .padStart(extended ? 8 : 3, '0')}`;
}
