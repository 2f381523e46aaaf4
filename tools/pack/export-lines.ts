/** Samples one to a line, with all that is known of them: JSON lines, and CSV. */
import { SignalStatus, statusNames } from '../../edge/decode/index.ts';
import { type ExportedPack, type Exporter, type ExportOptions, jsonNumber } from './export.ts';
import { dbcNames } from './names.ts';
import { type NamedSample, unixMsAt } from './samples.ts';

/** What JSON has no number for, integers past 2^53, NaN and infinities, is a text, as `miner dbc decode` has it. */
function jsonValue(value: number | bigint | string): string {
  return (typeof value === 'number' && jsonNumber(value)) || JSON.stringify(String(value));
}

/** RFC 3339 with milliseconds; empty when the time is not known. */
function timeText(pack: ExportedPack, timeMs: number): string {
  const unixMs = unixMsAt(pack.body, timeMs, pack.bootedUnixMs);
  return unixMs === undefined ? '' : new Date(unixMs).toISOString();
}

export function createJsonLines({ names }: ExportOptions): Exporter {
  return {
    header: '',
    left: 0,
    *write(pack) {
      const { device, body } = pack;
      const head = `"device":"${device}","seq":${body.seq}`;
      for (const sample of pack.samples) {
        const { timeMs, message, signal, value, raw, label, status, from } = sample;
        const time = timeText(pack, timeMs);
        const outside = names.of(sample);
        const parts = [
          `{"time":${time ? `"${time}"` : 'null'},"ms":${timeMs},${head}`,
          `"message":${JSON.stringify(message.name)},"signal":${JSON.stringify(signal.name)}`,
        ];
        if (names !== dbcNames) parts.push(`"name":${JSON.stringify(outside.name)}`);
        parts.push(`"value":${jsonValue(value)}`);
        if (outside.unit !== '') parts.push(`"unit":${JSON.stringify(outside.unit)}`);
        if (label !== undefined) parts.push(`"label":${JSON.stringify(label)}`);
        if (raw !== undefined) parts.push(`"raw":${jsonValue(raw)}`);
        if (status !== SignalStatus.ok) parts.push(`"status":"${statusNames[status]}"`);
        if (from === 'frame') parts.push('"from":"frame"');
        yield `${parts.join(',')}}\n`;
      }
    },
  };
}

const csvColumns = 'time,ms,device,seq,message,signal,name,value,unit,label,raw,status,from';

export function createCsv({ names }: ExportOptions): Exporter {
  return {
    header: `${csvColumns}\n`,
    left: 0,
    *write(pack) {
      const { device, body } = pack;
      for (const sample of pack.samples) {
        const { timeMs, message, signal, value, raw = '', label = '', from } = sample;
        const { name, unit } = names.of(sample);
        const texts = [message.name, signal.name, name, String(value), unit, label, String(raw)].map(csvField);
        const head = `${timeText(pack, timeMs)},${timeMs},${device},${body.seq}`;
        yield `${head},${texts.join()},${statusText(sample)},${from}\n`;
      }
    },
  };
}

function statusText({ status }: NamedSample): string {
  return status === SignalStatus.ok ? '' : statusNames[status];
}

/** RFC 4180, 2.6 and 2.7. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
