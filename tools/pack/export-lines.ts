/** Samples one to a line, with all that is known of them: JSON lines, and CSV. */
import { type PlanSignal, SignalStatus, statusNames } from '../../edge/decode/index.ts';
import type { SignalPlace } from './decoders.ts';
import { type ExportedPack, type Exporter, type ExportOptions, jsonNumber } from './export.ts';
import { dbcNames } from './names.ts';
import { unixMsAt } from './samples.ts';

/** What JSON has no number for, integers past 2^53, NaN and infinities, is a text, as `miner dbc decode` has it. */
function jsonValue(value: number | bigint | string): string {
  return (typeof value === 'number' && jsonNumber(value)) || JSON.stringify(String(value));
}

/** Makes the text of times; keeps the last second, which most samples share with the one before. */
class TimeText {
  #second = Number.NaN;
  #prefix = '';

  /** RFC 3339 with milliseconds; empty when the time is not known. */
  of({ body, bootedUnixMs }: ExportedPack, timeMs: number): string {
    const unixMs = unixMsAt(body, timeMs, bootedUnixMs);
    if (unixMs === undefined) return '';
    const second = Math.floor(unixMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = new Date(second * 1000).toISOString().slice(0, -4);
    }
    return `${this.#prefix}${String(unixMs - second * 1000).padStart(3, '0')}Z`;
  }
}

/** The parts of a line that are the same for every sample of a signal. */
interface Fixed {
  before: string;
  unit: string;
}

function fixedBySignal(make: (place: SignalPlace) => Fixed): (place: SignalPlace) => Fixed {
  const known = new WeakMap<PlanSignal, Fixed>();
  return (place) => {
    let fixed = known.get(place.signal);
    if (fixed === undefined) {
      fixed = make(place);
      known.set(place.signal, fixed);
    }
    return fixed;
  };
}

export function createJsonLines({ names }: ExportOptions): Exporter {
  const time = new TimeText();
  const fixedOf = fixedBySignal((place) => {
    const { name, unit } = names.of(place);
    const own = `"message":${JSON.stringify(place.message.name)},"signal":${JSON.stringify(place.signal.name)}`;
    return {
      before: names === dbcNames ? own : `${own},"name":${JSON.stringify(name)}`,
      unit: unit === '' ? '' : `,"unit":${JSON.stringify(unit)}`,
    };
  });
  return {
    header: '',
    left: 0,
    *write(pack) {
      const head = `"device":"${pack.device}","seq":${pack.body.seq}`;
      for (const sample of pack.samples) {
        const { timeMs, value, raw, label, status, from } = sample;
        const when = time.of(pack, timeMs);
        const { before, unit } = fixedOf(sample);
        let line = `{"time":${when ? `"${when}"` : 'null'},"ms":${timeMs},${head},${before},"value":${jsonValue(value)}${unit}`;
        if (label !== undefined) line += `,"label":${JSON.stringify(label)}`;
        if (raw !== undefined) line += `,"raw":${jsonValue(raw)}`;
        if (status !== SignalStatus.ok) line += `,"status":"${statusNames[status]}"`;
        if (from === 'frame') line += ',"from":"frame"';
        yield `${line}}\n`;
      }
    },
  };
}

export function createCsv({ names }: ExportOptions): Exporter {
  const time = new TimeText();
  const fixedOf = fixedBySignal((place) => {
    const { name, unit } = names.of(place);
    return { before: [place.message.name, place.signal.name, name].map(csvField).join(), unit: csvField(unit) };
  });
  return {
    header: 'time,ms,device,seq,message,signal,name,value,unit,label,raw,status,from\n',
    left: 0,
    *write(pack) {
      const head = `${pack.device},${pack.body.seq}`;
      for (const sample of pack.samples) {
        const { timeMs, value, raw = '', label = '', status, from } = sample;
        const { before, unit } = fixedOf(sample);
        const shown = typeof value === 'string' ? csvField(value) : value;
        const outcome = status === SignalStatus.ok ? '' : statusNames[status];
        const tail = `${unit},${label && csvField(label)},${raw},${outcome},${from}`;
        yield `${time.of(pack, timeMs)},${timeMs},${head},${before},${shown},${tail}\n`;
      }
    },
  };
}

/** RFC 4180, 2.6 and 2.7. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
