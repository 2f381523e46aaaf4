/** What a frame decodes to, in the form golden frames keep. */
import { FrameFlag } from '../../../edge/can/index.ts';
import { decodeToObject, type FrameDecoder } from '../../../edge/decode/index.ts';
import type { GoldenFrame } from './golden-line.ts';

/** A frame as golden files know it: no time, no direction. */
export interface BareFrame {
  id: number;
  extended: boolean;
  data: Uint8Array;
}

/** Bits of FrameFlag for such a frame. */
export function flagsOf({ extended, data }: BareFrame): number {
  return (extended ? FrameFlag.extended : 0) | (data.length > 8 && data.length <= 64 ? FrameFlag.fd : 0);
}

/** @returns undefined when no message answers */
export function goldenOf(decoder: FrameDecoder, frame: BareFrame): GoldenFrame | undefined {
  const { id, extended, data } = frame;
  const decoded = decodeToObject(decoder, id, flagsOf(frame), data);
  if (decoded === undefined) return undefined;
  return {
    id,
    extended,
    data,
    message: decoded.message.name,
    signals: new Map(Object.entries(decoded.signals)),
    status: new Map(Object.entries(decoded.status)),
  };
}
