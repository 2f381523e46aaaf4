/** One cold run of `miner bench parse`, in a process of its own: prints how long the file in its argument took. */
import { readFileSync } from 'node:fs';
import { parseDbc } from '../edge/dbc/index.ts';
import { compilePlan, createFrameDecoder } from '../edge/decode/index.ts';
import { millisecondsOf } from './measure.ts';

export interface ColdRun {
  /** Milliseconds from the file's bytes to a decoder. */
  readyMs: number;
}

const bytes = readFileSync(process.argv[2]);
const [readyMs] = millisecondsOf(() => createFrameDecoder(compilePlan(parseDbc(bytes).database)));
process.stdout.write(JSON.stringify({ readyMs } satisfies ColdRun));
