/**
 * Which signals a pack has samples of, as one short text: `<decoder hex>:<index>,<index>;...`, ascending. Packs of one
 * device mostly say the same, so the ledger keeps each text once, and rewards count signals from it.
 */

export interface SignalName {
  /** Content hash, 32 bytes. */
  decoder: Uint8Array;
  signalIndex: number;
}

/** @returns undefined for none */
export function encodeSignals(signals: Iterable<SignalName>): string | undefined {
  const byDecoder = new Map<string, Set<number>>();
  for (const { decoder, signalIndex } of signals) {
    const name = Buffer.from(decoder).toString('hex');
    const indexes = byDecoder.get(name);
    if (indexes) indexes.add(signalIndex);
    else byDecoder.set(name, new Set([signalIndex]));
  }
  if (byDecoder.size === 0) return undefined;
  const parts = [...byDecoder].sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.map(([name, indexes]) => `${name}:${[...indexes].sort((a, b) => a - b).join(',')}`).join(';');
}

/** Distinct signals over several sets; those of different decoders are different. */
export function countSignals(sets: Iterable<string>): number {
  const all = new Set<string>();
  for (const set of sets) {
    for (const part of set.split(';')) {
      const [decoder, indexes] = part.split(':');
      for (const index of indexes.split(',')) all.add(`${decoder}:${index}`);
    }
  }
  return all.size;
}
