/** What is said to an adapter from the first byte until its channel is open. */
import { edgeError, type MinerError } from '../errors/index.ts';
import { bitRateDigit, dataBitRateDigit } from './bit-rates.ts';
import { detectProfile, unknownAdapter } from './detect.ts';
import type { Dialogue } from './dialogue.ts';
import { lawicel, type SlcanProfile, slcanfd } from './profile.ts';

/** Until the adapter is known: Lawicel's letters, and a greeting that no firmware mistakes. */
export const probing: SlcanProfile = { ...lawicel, greeting: unknownAdapter.greeting };

/** How a channel is to be opened. */
export interface ChannelOptions {
  /** bit/s; default 500,000. */
  bitRate?: number;
  dataBitRate?: number;
  listenOnly?: boolean;
  timestamps?: boolean;
}

/** The same in the profile's letters. */
export interface ChannelSettings {
  bitRateDigit: string;
  dataBitRateDigit: string | undefined;
  listenOnly: boolean;
  /** Of `Z`, 0 for none. */
  timestampMode: 0 | 1 | 2;
}

/** @throws {MinerError} SLCAN_BIT_RATE, SLCAN_DATA_BIT_RATE, SLCAN_TIMESTAMPS */
export function settingsOf(profile: SlcanProfile, options: ChannelOptions): ChannelSettings {
  const { bitRate = 500_000, dataBitRate, listenOnly = false, timestamps = false } = options;
  const digit = bitRateDigit(profile, bitRate);
  if (digit === undefined) {
    throw edgeError('SLCAN_BIT_RATE', { bitRate, profile: profile.name, allowed: profile.bitRates });
  }
  const dataDigit = dataBitRate === undefined ? undefined : dataBitRateDigit(profile, dataBitRate);
  if (dataBitRate !== undefined && dataDigit === undefined) {
    const allowed = Object.values(profile.dataBitRates);
    throw edgeError('SLCAN_DATA_BIT_RATE', { dataBitRate, profile: profile.name, allowed });
  }
  if (timestamps && profile.timestampMode === 0) throw edgeError('SLCAN_TIMESTAMPS', { profile: profile.name });
  const timestampMode = timestamps ? profile.timestampMode : 0;
  return { bitRateDigit: digit, dataBitRateDigit: dataDigit, listenOnly, timestampMode };
}

/**
 * Ends a half-written line, closes the channel and asks for the version. Asked twice, as the first bytes may only
 * wake the adapter up.
 * @param isAlive whether silence upon `V` is no proof that nobody is there
 * @returns the answer; empty where the adapter gives none and need not
 * @throws {MinerError} SLCAN_NO_ANSWER, PORT_LOST
 */
export async function greet(dialogue: Dialogue, profile: SlcanProfile, isAlive: () => boolean): Promise<string> {
  for (const isLast of [false, true]) {
    try {
      return await dialogue.synchronise(profile.greeting);
    } catch (problem) {
      if ((problem as MinerError).code !== 'SLCAN_NO_ANSWER') throw problem;
      if (isLast && profile.acknowledges && !isAlive()) throw problem;
    }
  }
  return '';
}

/** The profile behind a version. Of two that answer `V` alike, only the one with CAN FD knows `v`. */
export async function findProfile(dialogue: Dialogue, version: string): Promise<SlcanProfile> {
  const profile = detectProfile(version);
  if (profile !== lawicel) return profile;
  const details = await dialogue
    .ask('v', { letter: 'v', orAcknowledged: true })
    .catch(unless('', 'SLCAN_REFUSED', 'SLCAN_NO_ANSWER'));
  return details.startsWith('v:') ? slcanfd : lawicel;
}

/** Empty where the adapter has none, or need not answer. */
export async function askSerialNumber(dialogue: Dialogue, profile: SlcanProfile): Promise<string> {
  if (!profile.acknowledges || !profile.commands.includes('N')) return '';
  return (await dialogue.ask('N', { letter: 'N' }).catch(unless('N', 'SLCAN_REFUSED'))).slice(1);
}

/**
 * Sets the closed channel up and opens it.
 * @param onOpened called before the first frame of the open channel
 * @throws {MinerError} SLCAN_NO_ANSWER, SLCAN_REFUSED, PORT_LOST
 */
export async function setUp(
  dialogue: Dialogue,
  profile: SlcanProfile,
  settings: ChannelSettings,
  onOpened: () => void,
): Promise<void> {
  await dialogue.ask(`S${settings.bitRateDigit}`);
  if (settings.dataBitRateDigit !== undefined) await dialogue.ask(`Y${settings.dataBitRateDigit}`);
  await setTimestamps(dialogue, profile, settings.timestampMode);
  if (profile.autoSend !== undefined) await dialogue.ask(profile.autoSend).catch(unless('', 'SLCAN_REFUSED'));
  const commands = profile.open[settings.listenOnly ? 'listenOnly' : 'normal'];
  for (const command of commands.slice(0, -1)) {
    // An unknown adapter that acknowledges L is open already, and is not asked again.
    if (command === 'L' && (await listens(dialogue, onOpened))) return;
    if (command !== 'L') await dialogue.ask(command);
  }
  await dialogue.ask(commands[commands.length - 1], { onAnswer: onOpened });
}

async function setTimestamps(dialogue: Dialogue, profile: SlcanProfile, mode: 0 | 1 | 2): Promise<void> {
  // z: received frames only, with the sender's error state behind them; it includes what Z sets.
  const setsBoth = () => dialogue.ask(`z${mode}011`).then(() => true, unless(false, 'SLCAN_REFUSED'));
  if (profile.timestampMode === 0 || (profile.errorStateDigit && (await setsBoth()))) return;
  // Without this command an adapter has no time stamps to turn off.
  await (mode > 0 ? dialogue.ask(`Z${mode}`) : dialogue.ask('Z0').catch(unless('', 'SLCAN_REFUSED')));
}

function listens(dialogue: Dialogue, onOpened: () => void): Promise<boolean> {
  const asked = dialogue.ask('L', { expectsAnswer: true, onAnswer: onOpened });
  return asked.then(() => true, unless(false, 'SLCAN_REFUSED', 'SLCAN_NO_ANSWER'));
}

/** Goes on with `fallback` when the adapter lacks what we can do without. */
function unless<Fallback>(fallback: Fallback, ...codes: string[]) {
  return (problem: MinerError): Fallback => {
    if (codes.includes(problem.code)) return fallback;
    throw problem;
  };
}
