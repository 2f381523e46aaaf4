/**
 * The list of accepted packs that a gateway publishes, so that others count the same without its ledger: JSON lines,
 * by device and number, `{"device":"0x..","seq":1,"hash":"..","receivedMs":1..,"samples":9,"signals":"..:0,1"}`.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { toolError } from '../errors/index.ts';
import type { Delivery } from './activity.ts';

export interface ListedPack {
  device: `0x${string}`;
  seq: number;
  /** SHA-256 of the signed pack, hex: who has the pack can check the row. */
  hash: string;
  receivedMs: number;
  samples: number;
  /** As in Delivery; null without samples. */
  signals: string | null;
}

export const weekMs = 7 * 86_400_000;

const lineLengthMax = 1 << 20;

export function formatListedPack({ device, seq, hash, receivedMs, samples, signals }: ListedPack): string {
  return `${JSON.stringify({ device, seq, hash, receivedMs, samples, signals })}\n`;
}

/**
 * Reads a list, summed up by device, epoch and set of signals.
 * @param weeks.startMs Unix time at which epoch `firstEpoch` began; packs before it and from `endMs` on are left out.
 * @throws {MinerError} REWARD_FILE with the line that is wrong; INPUT_READ when it can't be read
 */
export async function readPacksList(
  path: string,
  weeks: { startMs: number; firstEpoch: number; endMs: number },
): Promise<Delivery[]> {
  const groups = new Map<string, Delivery>();
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  let last: ListedPack | undefined;
  try {
    for await (const line of lines) {
      number += 1;
      if (line === '') continue;
      const pack = parseLine(line, (problem) => {
        throw toolError('REWARD_FILE', { path: `${path}:${number}`, problem });
      });
      const isAfter = !last || pack.device > last.device || (pack.device === last.device && pack.seq > last.seq);
      if (!isAfter) {
        const problem = `pack ${pack.seq} of ${pack.device} does not follow pack ${last!.seq} of ${last!.device}`;
        throw toolError('REWARD_FILE', { path: `${path}:${number}`, problem });
      }
      last = pack;
      if (pack.receivedMs < weeks.startMs || pack.receivedMs >= weeks.endMs) continue;
      const epoch = weeks.firstEpoch + Math.floor((pack.receivedMs - weeks.startMs) / weekMs);
      const key = `${pack.device} ${epoch} ${pack.signals}`;
      const group = groups.get(key);
      if (group) {
        group.packs += 1;
        group.samples += pack.samples;
      } else {
        const signals = pack.signals ?? undefined;
        groups.set(key, { device: pack.device, epoch, packs: 1, samples: pack.samples, ...(signals && { signals }) });
      }
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw toolError('REWARD_FILE', { path, problem: (cause as Error).message }, cause);
  }
  return [...groups.values()];
}

function parseLine(line: string, fail: (problem: string) => never): ListedPack {
  if (line.length > lineLengthMax) return fail(`longer than ${lineLengthMax} characters`);
  let pack: ListedPack;
  try {
    pack = JSON.parse(line) as ListedPack;
  } catch {
    return fail(`not JSON: ${JSON.stringify(line.slice(0, 60))}`);
  }
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (typeof pack?.device !== 'string' || !/^0x[0-9a-f]{40}$/.test(pack.device))
    return fail('device is no address in lower case');
  if (!isCount(pack.seq) || !isCount(pack.receivedMs) || !isCount(pack.samples))
    return fail('seq, receivedMs and samples are counts');
  if (typeof pack.hash !== 'string' || !/^[0-9a-f]{64}$/.test(pack.hash)) return fail('hash is no SHA-256 in hex');
  const isSet =
    typeof pack.signals === 'string' && /^[0-9a-f]{64}:\d+(,\d+)*(;[0-9a-f]{64}:\d+(,\d+)*)*$/.test(pack.signals);
  if (pack.signals !== null && !isSet) return fail('signals is neither null nor <decoder>:<index>,...');
  if ((pack.samples === 0) !== (pack.signals === null)) return fail('samples and signals do not agree');
  return pack;
}
