/** One CSV row per signal value, quoted as RFC 4180 says. */
import { type FrameDecoder, type PlanMessage, SignalStatus, statusNames } from '../../../edge/decode/index.ts';
import { TimeText } from './number-text.ts';
import { type SignalPiece, SignalPieces } from './signal-pieces.ts';
import type { LineWriter } from './text-sink.ts';

/** A message's parts that are the same in every row. */
interface Template {
  /** Between commas. */
  name: Uint8Array;
  /** `signal,value,unit,`. */
  values: SignalPiece[];
  /** The same of signals that have no value. */
  absent: Uint8Array[];
  bytesMax: number;
}

const lineEnd = 0x0a;
/** The longest status, and the line end. */
const statusBytesMax = 24;
/** Time, id and `ext`. */
const frameBytesMax = 64;

export function createCsv(decoder: FrameDecoder): LineWriter {
  const time = new TimeText();
  const pieces = new SignalPieces('');
  const encoder = new TextEncoder();
  const templates = new Map<PlanMessage, Template>();

  const makeTemplate = (message: PlanMessage): Template => {
    const name = encoder.encode(`,${field(message.name)},`);
    const values = message.signals.map((signal) =>
      pieces.of(signal, `${field(signal.name)},`, `,${field(signal.unit)},`),
    );
    const absent = message.signals.map((signal) => encoder.encode(`${field(signal.name)},,${field(signal.unit)},`));
    const frame = frameBytesMax + name.length;
    const bytesMax = values.reduce((sum, piece) => sum + frame + piece.bytesMax + statusBytesMax, 0);
    return { name, values, absent, bytesMax };
  };

  return {
    header: 't,id,ext,name,signal,value,unit,status\n',
    write(out, message, timeUs, id, extended) {
      let template = templates.get(message);
      if (template === undefined) {
        template = makeTemplate(message);
        templates.set(message, template);
      }
      const { values, absent } = template;
      out.reserve(template.bytesMax);
      const frameAt = out.at;
      let frameEnd = 0;
      for (let slot = 0; slot < values.length; slot++) {
        const outcome = decoder.status[slot];
        if (outcome === SignalStatus.inactive) continue;
        if (frameEnd === 0) {
          out.ascii(`${time.text(timeUs)},${id},${extended}`);
          out.piece(template.name);
          frameEnd = out.at;
        } else out.repeat(frameAt, frameEnd);
        if (outcome === SignalStatus.absent) out.piece(absent[slot]);
        else values[slot].write(out, decoder);
        if (outcome !== SignalStatus.ok) out.ascii(statusNames[outcome]);
        out.byte(lineEnd);
      }
    },
  };
}

/** RFC 4180, 2.6 and 2.7: in double quotes, doubling those inside, when it has a comma, a quote or a line end. */
export function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
