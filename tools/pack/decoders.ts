/** The DBC files at hand, by what packs call them: the SHA-256 of their bytes. */
import path from 'node:path';
import { contentHash, parseDbc } from '../../edge/dbc/index.ts';
import { compilePlan, type Plan, type PlanMessage, type PlanSignal } from '../../edge/decode/index.ts';
import { type PackBody, toHex } from '../../edge/pack/index.ts';
import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';

export interface LoadedDecoder {
  /** The file's, without its folder. */
  name: string;
  /** 64 lower-case hex digits. */
  hash: string;
  plan: Plan;
  /** By signalIndex. */
  places: readonly SignalPlace[];
}

export interface SignalPlace {
  message: PlanMessage;
  signal: PlanSignal;
}

/** @throws {MinerError} FILE_UNREADABLE, DECODER_EMPTY */
export function loadDecoder(file: string): LoadedDecoder {
  const decoder = decoderOf(path.basename(file), readInput(file));
  if (decoder.plan.messages.length === 0) throw toolError('DECODER_EMPTY', { path: file });
  return decoder;
}

export function decoderOf(name: string, bytes: Uint8Array): LoadedDecoder {
  const plan = compilePlan(parseDbc(bytes).database);
  const places: SignalPlace[] = [];
  for (const message of plan.messages)
    for (const signal of message.signals) places[signal.signalIndex] = { message, signal };
  return { name, hash: contentHash(bytes), plan, places };
}

/**
 * The decoders of a pack, by their place in it; one whose values the pack does not hold may be missing.
 * @param pack its name, for the message
 * @throws {MinerError} PACK_DECODER_MISSING
 */
export function decodersOf(
  pack: string,
  body: PackBody,
  loaded: readonly LoadedDecoder[],
): (LoadedDecoder | undefined)[] {
  const used = new Set([...body.columns, ...(body.texts ?? [])].map(({ decoder }) => decoder));
  return body.decoders.map(({ contentHash: bytes }, index) => {
    const wanted = toHex(bytes);
    const found = loaded.find(({ hash }) => hash === wanted);
    if (found || !used.has(index)) return found;
    const given = loaded.map(({ name, hash }) => `${name} (${hash})`);
    throw toolError('PACK_DECODER_MISSING', { pack, wanted, given });
  });
}

/** @throws {MinerError} PACK_SIGNAL_UNKNOWN */
export function placeOf(pack: string, decoder: LoadedDecoder, signalIndex: number): SignalPlace {
  const place = decoder.places[signalIndex];
  if (place) return place;
  const { hash, places } = decoder;
  throw toolError('PACK_SIGNAL_UNKNOWN', { pack, signalIndex, decoder: hash, signals: places.length });
}
