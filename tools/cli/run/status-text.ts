/** One line that says how a Miner does, as long as there is room: the most telling parts stay longest. */
import { countText } from '../../progress.ts';
import type { Snapshot } from './snapshot.ts';

/** @param columns at most this many characters */
export function statusText(snapshot: Snapshot, columns: number): string {
  const parts = partsOf(snapshot);
  const textOf = () => parts.map(({ text }) => text).join('  ');
  while (parts.length > 1 && textOf().length > columns) {
    parts.splice(parts.indexOf(parts.reduce((least, part) => (part.weight < least.weight ? part : least))), 1);
  }
  return textOf().slice(0, columns);
}

interface Part {
  text: string;
  /** The least goes first where room is short. */
  weight: number;
}

/** A side that is not well outweighs every count. */
function partsOf({ link, uplink, trust, storage, ...rest }: Snapshot): Part[] {
  const { framesPerSecond, busLoad, decodedShare, samples, packs } = rest;
  const share = (value: number) => `${Math.round(value * 100)} %`;
  const parts = [
    { text: `port ${link.up ? 'up' : `away ${durationText(link.forMs)}`}`, weight: link.up ? 6 : 15 },
    { text: `${countText(framesPerSecond).trim()} frames/s`, weight: 10 },
    link.up && link.busState !== undefined && link.busState !== 'error-active'
      ? { text: `bus ${link.busState}`, weight: 13 }
      : { text: `bus ${share(busLoad)}`, weight: 5 },
    ...(decodedShare === undefined ? [] : [{ text: `decoded ${share(decodedShare)}`, weight: 8 }]),
    { text: `${countText(samples).trim()} samples`, weight: 4 },
    { text: `packs ${packs.signed} signed`, weight: 7 },
    { text: `${packs.waiting} waiting`, weight: packs.waiting > 0 ? 9 : 3 },
    ...(uplink === undefined
      ? [{ text: 'no uplink', weight: 11 }]
      : [{ text: `uplink ${uplink.up ? 'up' : `down ${durationText(uplink.forMs)}`}`, weight: uplink.up ? 2 : 12 }]),
    trustPart(trust),
  ];
  if (storage.failing) parts.push({ text: 'storage failing', weight: 13 });
  return parts;
}

function trustPart({ source, forMs }: Snapshot['trust']): Part {
  if (source === 'chain' || source === undefined) return { text: `trust ${source ?? 'unasked'}`, weight: 1 };
  const word = source === 'none' ? 'expired' : source;
  return { text: `trust ${word} ${durationText(forMs)}`, weight: source === 'none' ? 14 : 11 };
}

/** `12 s`, `5 min`, `3 h`, `2 d`: as exact as is of use. */
export function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
