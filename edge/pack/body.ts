/** What a pack says, and its deterministic CBOR: `body` of docs/pack.cddl. */
import { edgeError } from '../errors/index.ts';
import { decodeCbor } from './cbor-decode.ts';
import { cborMap, encodeCbor } from './cbor-encode.ts';
import type { CborArray, CborValue } from './cbor-value.ts';
import { type Column, encodeColumns, type TextColumn } from './columns.ts';
import { decodeColumns } from './columns-decode.ts';
import { decodeFrames, encodeFrames, type FrameColumn } from './frames.ts';
import { shownValue } from './shown.ts';

export const schemaVersion = 1;

/** Where a wall-clock time came from. */
export const AnchorSource = { none: 0, rtc: 1, network: 2, gnss: 3, vehicle: 4 } as const;

/** Keys of field 10. All count since boot, but the bus load. */
export const PackCounter = {
  framesReceived: 1,
  framesDropped: 2,
  adapterOverruns: 3,
  busOffs: 4,
  packsEvicted: 5,
  /** Of the time since the last pack, in 1/1000. */
  busLoad: 6,
  framesUndecoded: 7,
  errorFrames: 8,
} as const;

/** Why numbers in `seq` will never come. */
export const GapReason = {
  /** Reserved ahead, and skipped after a power cut: never signed, or lost before it could be sent. */
  skipped: 1,
  /** Evicted from a full store before a gateway took them. */
  evicted: 2,
  /** Lost from the store: damaged, or torn by a power cut. */
  damaged: 3,
  /** Given up on after a gateway refused them. */
  refused: 4,
} as const;

/** Both ends inclusive. */
export interface SeqGap {
  from: number;
  to: number;
  reason: number;
}

export interface PackDecoder {
  /** 32 bytes: what the decoder is. */
  contentHash: Uint8Array;
  /** Its place in the on-chain registry, where known. */
  registryIndex?: number;
}

export interface WallClockAnchor {
  /** Unix time in milliseconds at t0 + 0. */
  unixMs: number;
  /** AnchorSource. */
  source: number;
  uncertaintyMs: number;
}

export interface PackBody {
  /** Never reused, never reset. */
  seq: number;
  bootCount: number;
  /** The first 16 bytes of SHA-256 of the pack before. */
  previousHash?: Uint8Array;
  decoders: readonly PackDecoder[];
  /** t0: milliseconds since boot that times are written relative to. */
  startMs: number;
  anchor?: WallClockAnchor;
  columns: readonly Column[];
  /** Written into field 8 after the columns. */
  texts?: readonly TextColumn[];
  frames?: readonly FrameColumn[];
  /** By PackCounter. */
  counters?: ReadonlyMap<number, number>;
  /** Below `seq`, ascending, apart from each other. */
  gaps?: readonly SeqGap[];
  /** SHA-256 of the running firmware image. */
  imageHash?: Uint8Array;
}

/** Keys of the body map. */
const Field = {
  version: 1,
  seq: 2,
  bootCount: 3,
  previousHash: 4,
  decoders: 5,
  startMs: 6,
  anchor: 7,
  columns: 8,
  frames: 9,
  counters: 10,
  gaps: 11,
  imageHash: 12,
} as const;

/** Writes a body. Empty optional lists are left out. */
export function encodeBody(body: PackBody): Uint8Array {
  const { anchor, texts = [], frames = [], counters, gaps = [] } = body;
  const decoders = body.decoders.map(({ contentHash, registryIndex }) =>
    registryIndex === undefined ? [contentHash] : [contentHash, registryIndex],
  );
  return encodeCbor(
    cborMap([
      [Field.version, schemaVersion],
      [Field.seq, body.seq],
      [Field.bootCount, body.bootCount],
      [Field.previousHash, body.previousHash],
      [Field.decoders, decoders],
      [Field.startMs, body.startMs],
      [Field.anchor, anchor && [anchor.unixMs, anchor.source, anchor.uncertaintyMs]],
      [Field.columns, encodeColumns(body.columns, texts, body.startMs)],
      [Field.frames, frames.length > 0 ? encodeFrames(frames, body.startMs) : undefined],
      [Field.counters, counters && counters.size > 0 ? counters : undefined],
      [Field.gaps, gaps.length > 0 ? gaps.map(({ from, to, reason }) => [from, to, reason]) : undefined],
      [Field.imageHash, body.imageHash],
    ]),
  );
}

export interface BodyLimits {
  /** Samples over all columns, and frames over all frame columns; 2^20 unless told. */
  samplesMax?: number;
}

/**
 * Reads a body; whatever encodeBody wrote comes back equal.
 * @throws {MinerError} CBOR_INVALID, PACK_FIELD, PACK_COLUMN
 */
export function decodeBody(bytes: Uint8Array, limits: BodyLimits = {}): PackBody {
  const { samplesMax = 2 ** 20 } = limits;
  const fields = decodeCbor(bytes);
  if (!(fields instanceof Map)) return refuse('the body', fields as CborValue, 'a map');
  const known = new Set<CborValue>(Object.values(Field));
  for (const key of fields.keys()) if (!known.has(key)) refuse('a field', key, `a number from 1 to ${Field.imageHash}`);
  const version = fields.get(Field.version);
  if (version !== schemaVersion) refuse('the schema version', version, String(schemaVersion));

  const seq = unsigned('seq', fields.get(Field.seq));
  if (seq === 0) refuse('seq', seq, 'a number from 1');
  const startMs = unsigned('t0', fields.get(Field.startMs));
  const decoders = array('decoders', fields.get(Field.decoders)).map(decoderOf);
  const columns = array('columns', fields.get(Field.columns));
  const decoded = decodeColumns(columns, { startMs, decoderCount: decoders.length, samplesMax });
  const body: PackBody = {
    seq,
    bootCount: unsigned('the boot count', fields.get(Field.bootCount)),
    decoders,
    startMs,
    columns: decoded.columns,
  };
  if (decoded.texts.length > 0) body.texts = decoded.texts;
  const optional = <Value>(key: number, read: (value: CborValue) => Value): Value | undefined => {
    const value = fields.get(key);
    return value === undefined ? undefined : read(value);
  };
  assignPresent(body, {
    previousHash: optional(Field.previousHash, (value) => byteString('the previous hash', value, 16)),
    anchor: optional(Field.anchor, anchorOf),
    frames: optional(Field.frames, (value) => decodeFrames(nonEmpty('frames', value), startMs, samplesMax)),
    counters: optional(Field.counters, countersOf),
    gaps: optional(Field.gaps, (value) => gapsOf(nonEmpty('gaps', value), seq)),
    imageHash: optional(Field.imageHash, (value) => byteString('the image hash', value, 32)),
  });
  return body;
}

/** One sample, as forEachSample and samplesOf hand it out. */
export interface Sample {
  /** The decoder's content hash. */
  decoder: Uint8Array;
  signalIndex: number;
  /** Since boot. */
  timeMs: number;
  raw: number | bigint;
}

/** Every numeric sample in pack order: column by column, in each by position. */
export function* samplesOf(body: PackBody): Generator<Sample> {
  for (const { decoder, signalIndex, timesMs, values } of body.columns) {
    const { contentHash } = body.decoders[decoder];
    for (let i = 0; i < timesMs.length; i++) {
      yield { decoder: contentHash, signalIndex, timeMs: timesMs[i], raw: values[i] };
    }
  }
}

/** Samples of a body, texts included. */
export function sampleCount(body: PackBody): number {
  const columns = [...body.columns, ...(body.texts ?? [])];
  return columns.reduce((sum, column) => sum + column.timesMs.length, 0);
}

function assignPresent(body: PackBody, fields: Partial<PackBody>): void {
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) Object.assign(body, { [name]: value });
}

function refuse(field: string, value: CborValue | undefined, expected: string): never {
  throw edgeError('PACK_FIELD', { field, got: shownValue(value), expected });
}

function unsigned(field: string, value: CborValue | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  return refuse(field, value, 'an unsigned integer below 2^53');
}

function array(field: string, value: CborValue | undefined): CborArray {
  return Array.isArray(value) ? value : refuse(field, value, 'an array');
}

function nonEmpty(field: string, value: CborValue): CborArray {
  const items = array(field, value);
  return items.length > 0 ? items : refuse(field, value, 'at least one, or no such field');
}

function byteString(field: string, value: CborValue, length: number): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return value;
  return refuse(field, value, `${length} bytes`);
}

function decoderOf(item: CborValue, index: number): PackDecoder {
  const parts = array(`decoder ${index}`, item);
  if (parts.length < 1 || parts.length > 2) refuse(`decoder ${index}`, item, '[content hash, ? registry index]');
  const contentHash = byteString(`the content hash of decoder ${index}`, parts[0], 32);
  if (parts.length === 1) return { contentHash };
  return { contentHash, registryIndex: unsigned(`the registry index of decoder ${index}`, parts[1]) };
}

function anchorOf(value: CborValue): WallClockAnchor {
  const parts = array('the wall-clock anchor', value);
  if (parts.length !== 3) refuse('the wall-clock anchor', value, '[unix ms, source, uncertainty ms]');
  const [unixMs, source, uncertaintyMs] = parts.map((part) => unsigned('a part of the wall-clock anchor', part));
  if (source > AnchorSource.vehicle) refuse("the wall-clock anchor's source", source, '0 to 4');
  return { unixMs, source, uncertaintyMs };
}

function countersOf(value: CborValue): ReadonlyMap<number, number> {
  if (!(value instanceof Map)) return refuse('counters', value, 'a map');
  if (value.size === 0) return refuse('counters', value, 'at least one, or no such field');
  const counters = new Map<number, number>();
  for (const [key, count] of value)
    counters.set(unsigned('a counter', key), unsigned(`counter ${shownValue(key)}`, count));
  return counters;
}

function gapsOf(items: CborArray, seq: number): SeqGap[] {
  let last = 0;
  return items.map((item, index) => {
    const parts = array(`gap ${index}`, item);
    if (parts.length !== 3) refuse(`gap ${index}`, item, '[from, to, reason]');
    const [from, to, reason] = parts.map((part) => unsigned(`a part of gap ${index}`, part));
    if (from <= last || to < from) refuseGap(index, parts, `an ascending range above ${last}`);
    if (to >= seq) refuseGap(index, parts, `a range below the pack's own seq ${seq}`);
    last = to;
    return { from, to, reason };
  });
}

function refuseGap(index: number, [from, to]: CborArray, expected: string): never {
  throw edgeError('PACK_FIELD', { field: `gap ${index}`, got: `${from} to ${to}`, expected });
}
