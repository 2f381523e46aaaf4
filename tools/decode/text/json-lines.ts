/**
 * One JSON object per frame:
 * `{"t":12.34,"id":257,"ext":false,"name":"MSG","signals":{"A":1.5},"status":{"B":"absent"}}`.
 */
import { type FrameDecoder, type PlanMessage, SignalStatus, statusNames } from '../../../edge/decode/index.ts';
import type { LineBuffer } from './line-buffer.ts';
import { TimeText } from './number-text.ts';
import { type SignalPiece, SignalPieces } from './signal-pieces.ts';
import type { LineWriter } from './text-sink.ts';

/** A message's parts that are the same in every line. */
interface Template {
  name: Uint8Array;
  /** Each with a comma before it. */
  values: SignalPiece[];
  /** By slot and status, each with a comma before it. */
  statuses: Uint8Array[][];
  bytesMax: number;
}

const openBrace = 0x7b;
/** Braces, `t` and `id`, beside the message's own parts. */
const frameBytesMax = 160;

export function createJsonLines(decoder: FrameDecoder): LineWriter {
  const time = new TimeText();
  const pieces = new SignalPieces('"');
  const encoder = new TextEncoder();
  const templates = new Map<PlanMessage, Template>();
  const status = encoder.encode('},"status":');
  const lineEnd = encoder.encode('}}\n');
  const standard = encoder.encode(',"ext":false,"name":');
  const extendedText = encoder.encode(',"ext":true,"name":');
  /** Slots of the current frame whose status is to be told. */
  const told: number[] = [];

  const makeTemplate = ({ name, signals }: PlanMessage): Template => {
    const keys = signals.map((signal) => `,${JSON.stringify(signal.name)}:`);
    const nameBytes = encoder.encode(`${JSON.stringify(name)},"signals":`);
    const values = signals.map((signal, slot) => pieces.of(signal, keys[slot], ''));
    const statuses = keys.map((key) =>
      Object.values(SignalStatus).map((outcome) => encoder.encode(`${key}"${statusNames[outcome]}"`)),
    );
    const ofSignals = values.reduce((sum, { bytesMax }, slot) => sum + bytesMax + statuses[slot][4].length + 8, 0);
    return { name: nameBytes, values, statuses, bytesMax: frameBytesMax + nameBytes.length + ofSignals };
  };

  return {
    header: '',
    write(out, message, timeUs, id, extended) {
      let template = templates.get(message);
      if (template === undefined) {
        template = makeTemplate(message);
        templates.set(message, template);
      }
      const { values, statuses } = template;
      out.reserve(template.bytesMax);
      out.ascii('{"t":');
      out.ascii(time.text(timeUs) || 'null');
      out.ascii(',"id":');
      out.ascii(String(id));
      out.piece(extended ? extendedText : standard);
      out.piece(template.name);
      told.length = 0;
      const valuesAt = out.at;
      for (let slot = 0; slot < values.length; slot++) {
        const outcome = decoder.status[slot];
        if (outcome === SignalStatus.inactive) continue;
        if (outcome !== SignalStatus.ok) told.push(slot);
        if (outcome !== SignalStatus.absent) values[slot].write(out, decoder);
      }
      openObject(out, valuesAt);
      out.piece(status);
      const statusAt = out.at;
      for (const slot of told) out.piece(statuses[slot][decoder.status[slot]]);
      openObject(out, statusAt);
      out.piece(lineEnd);
    },
  };
}

/** The comma before the first entry becomes the brace that opens the object. */
function openObject(out: LineBuffer, firstAt: number): void {
  if (out.at === firstAt) out.byte(openBrace);
  else out.bytes[firstAt] = openBrace;
}
