/** Packs as today's consumers have them: DIMO's status message, version 2, a CloudEvent in JSON; one a line. */

import { toolError } from '../errors/index.ts';
import {
  type ExportedPack,
  type Exporter,
  type ExportOptions,
  hasNoValue,
  isFlag,
  jsonNumber,
  stateLabel,
} from './export.ts';
import { type NamedSample, unixMsAt } from './samples.ts';

/**
 * `id` is the pack's SHA-256, so that exporting twice makes no second event; `time` that of the last sample. There is no
 * `signature`: the legacy one is made over the JSON by the device's key, which only the device has. What the device
 * did sign is the pack, and `id` names it.
 */
export function createCloudEvents({ names, subject, source }: ExportOptions): Exporter {
  let left = 0;
  const signalText = (sample: NamedSample, timestamp: number): string | undefined => {
    const value = valueText(sample);
    if (value !== undefined) {
      return `{"timestamp":${timestamp},"name":${JSON.stringify(names.of(sample).name)},"value":${value}}`;
    }
    left++;
    return undefined;
  };
  return {
    header: '',
    get left() {
      return left;
    },
    *write(pack) {
      const { body, device, hash } = pack;
      let lastMs = body.startMs;
      const signals: string[] = [];
      for (const sample of pack.samples) {
        const text = signalText(sample, timestampOf(pack, sample.timeMs));
        if (text === undefined) continue;
        signals.push(text);
        lastMs = sample.timeMs;
      }
      if (signals.length === 0) return;
      const timestamp = timestampOf(pack, lastMs);
      const head = {
        id: hash,
        source: source ?? `miner/${device}`,
        specversion: '1.0',
        dataversion: 'v2',
        subject: subject ?? device,
        time: new Date(timestamp).toISOString(),
        type: 'dimo.status',
      };
      const inner = `"timestamp":${timestamp},"device":{"rpiUptimeSecs":${Math.floor(lastMs / 1000)}}`;
      yield `${JSON.stringify(head).slice(0, -1)},"data":{${inner},"vehicle":{"signals":[`;
      for (const [i, signal] of signals.entries()) yield i === 0 ? signal : `,${signal}`;
      yield ']}}}\n';
    },
  };
}

function timestampOf({ body, bootedUnixMs, name }: ExportedPack, timeMs: number): number {
  const unixMs = unixMsAt(body, timeMs, bootedUnixMs);
  if (unixMs !== undefined) return unixMs;
  throw toolError('PACK_CLOCK_UNKNOWN', { pack: name, format: 'a CloudEvent' });
}

function valueText(sample: NamedSample): string | undefined {
  const { value, raw } = sample;
  if (hasNoValue(sample)) return undefined;
  if (typeof value === 'string') return JSON.stringify(value);
  if (isFlag(sample)) return String(Number(raw) === 1);
  const label = stateLabel(sample);
  return label === undefined ? jsonNumber(value) : JSON.stringify(label);
}
