import { edgeError } from '../errors/index.ts';
import { canable1, canable2, lawicel, type SlcanProfile, slcanProfiles, weact } from './profile.ts';

/**
 * An adapter that we know nothing of: no answer is waited for, and every known way to keep silent on the bus is
 * tried before the channel is opened.
 */
export const unknownAdapter: SlcanProfile = {
  ...canable1,
  name: 'unknown',
  replies: lawicel.replies,
  open: { normal: ['O'], listenOnly: ['M1', 'L', 'O'] },
};

/**
 * The profile that an answer to `V` tells of. CANable and WeAct answer a line of text, Lawicel and everybody who
 * follows it `Vhhss`; an adapter of Linux's driver looks like Lawicel and must be named.
 * @param versionReply the line without its terminator; undefined when there was none
 * @returns `unknownAdapter` for what nobody is known to answer
 * @example detectProfile('V1013').name // 'lawicel'
 */
export function detectProfile(versionReply: string | undefined): SlcanProfile {
  if (versionReply === undefined || versionReply === '') return unknownAdapter;
  if (/weact/i.test(versionReply)) return weact;
  // CANable 2.5 begins its answer with a plus sign, and takes CANable 2's commands.
  if (/canable[-_ ]?2/i.test(versionReply) || versionReply.startsWith('+')) return canable2;
  if (/canable/i.test(versionReply) || /^[\da-f]{6,}\S* (https?:|git@)/.test(versionReply)) return canable1;
  return /^V[\w.-]+$/.test(versionReply) ? lawicel : unknownAdapter;
}

/** Whether a line can be an answer to `V`: a word after the letter, or text with a blank, which no frame has. */
export function isVersionReply(line: string): boolean {
  return /^V[!-~]/.test(line) || /^[!-~]+ [ -~]*$/.test(line);
}

/**
 * The profile that a person named.
 * @throws {MinerError} SLCAN_PROFILE
 */
export function profileOf(name: string): SlcanProfile {
  const profile = Object.hasOwn(slcanProfiles, name) ? slcanProfiles[name] : undefined;
  if (profile === undefined) throw edgeError('SLCAN_PROFILE', { name, allowed: Object.keys(slcanProfiles) });
  return profile;
}
