/** Seeded values that need no history: the same (seed, key, time) gives the same number in any order of asking. */

/** Uniform in 0..2^32-1. @see Murmur3's finaliser */
export function hash(seed: number, key: number, index: number): number {
  let mixed = (seed ^ Math.imul(key, 0x9e3779b1) ^ Math.imul(index, 0x85ebca77)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Uniform in 0..1, 1 excluded. */
export function unit(seed: number, key: number, index: number): number {
  return hash(seed, key, index) / 2 ** 32;
}

/** A walk in 0..1 without jumps: a new random goal every `periodMs`, eased into. */
export function walk(seed: number, key: number, timeMs: number, periodMs: number): number {
  const index = Math.floor(timeMs / periodMs);
  const part = timeMs / periodMs - index;
  const eased = part * part * (3 - 2 * part);
  const from = unit(seed, key, index);
  return from + (unit(seed, key, index + 1) - from) * eased;
}

/** Key of a name, for walks that should not depend on a signal's position in its file. */
export function keyOf(name: string): number {
  let key = 0;
  for (let i = 0; i < name.length; i++) key = hash(key, name.charCodeAt(i), i);
  return key;
}
