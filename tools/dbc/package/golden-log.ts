/** Golden frames out of a recorded drive. */
import type { FrameBatch } from '../../../edge/can/index.ts';
import { openLogFile } from '../../../edge/can/node.ts';
import type { Plan } from '../../../edge/decode/index.ts';
import { createJ1939Reassembler } from '../../../edge/j1939/index.ts';
import { createProgress } from '../../progress.ts';
import { type GoldenSet, goldenCollector } from './golden-make.ts';

/**
 * Reads a log to its end and keeps the frames that show something new. Messages that J1939 sends in several frames are
 * put together first.
 * @param path a log in any format that is read, gzip too; `-` is standard input
 * @throws {MinerError} `LOG_NOT_FOUND`, `LOG_UNREADABLE`, `LOG_FORMAT_UNKNOWN`
 */
export async function goldenFromLog(plan: Plan, path: string): Promise<GoldenSet> {
  const collector = goldenCollector(plan);
  const hasTransport = plan.messages.some(({ j1939, length }) => j1939 && length > 8);
  const reassembler = hasTransport ? createJ1939Reassembler() : undefined;
  const offer = ({ timeUs, id, flags, data, length, stride, count }: FrameBatch): void => {
    for (let i = 0; i < count; i++) {
      collector.offer(id[i], flags[i], data, i * stride, length[i]);
      const whole = reassembler?.push(timeUs[i], id[i], flags[i], data, i * stride, length[i]);
      if (whole) collector.offer(whole.id, whole.flags, whole.data, 0, whole.data.length);
    }
  };
  const log = await openLogFile(path);
  const progress = createProgress({ label: 'golden', unit: 'frames' });
  let frames = 0;
  try {
    for await (const batch of log.batches()) {
      offer(batch);
      frames += batch.count;
      progress.update(0, frames);
    }
  } finally {
    progress.end();
  }
  return collector.finish();
}
