/** A short drive of the electric car, as files that a contributor would drop. */
import { readFileSync } from 'node:fs';
import { candumpLine } from '../../../edge/can/index.ts';
import { parseDbc } from '../../../edge/dbc/index.ts';
import { compilePlan } from '../../../edge/decode/index.ts';
import { driveFrames, electricCarDbc } from '../../../tools/vehicle/index.ts';

export const carDbc: Uint8Array = readFileSync(electricCarDbc);

/** candump text of every frame, and then what no decoder reads: two unknown ids, a remote frame, a malformed line. */
export function driveLog(durationMs: number): string {
  const plan = compilePlan(parseDbc(carDbc).database);
  const lines: string[] = [];
  for (const batch of driveFrames({ plan, seed: 7, durationMs })) {
    for (let index = 0; index < batch.count; index++) lines.push(candumpLine(batch.frame(index), 'can0'));
  }
  const time = (durationMs / 1000).toFixed(6);
  lines.push(`(${time}) can0 7DF#0201`, `(${time}) can0 18DAF110#0201`, `(${time}) can0 065#R`, 'not a frame');
  return `${lines.join('\n')}\n`;
}

export function namedFile(name: string, content: string | Uint8Array): File {
  return new File([content as BlobPart], name);
}
