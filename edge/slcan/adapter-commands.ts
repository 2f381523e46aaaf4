import { bitRateOfRegisters, bitRateOfTiming } from './bit-rates.ts';
import type { SlcanProfile } from './profile.ts';
import { errorRegisterPrefix } from './status.ts';

/** An adapter's CAN channel as its commands see it. */
export interface SlcanChannel {
  state: 'closed' | 'open' | 'listening';
  /** bit/s; 0 until a host or the adapter's owner sets one. */
  bitRate: number;
  /** Of CAN FD's data phase, bit/s; 0 without FD. */
  dataBitRate: number;
  /** `Z`: received frames carry a time stamp in milliseconds (1) or microseconds (2). */
  timestamps: 0 | 1 | 2;
  /** `X1`: received frames are sent unasked. */
  autoSend: boolean;
  /** `M1` of a CANable: opening only listens. */
  silent: boolean;
  /** `z`: received frames are sent at all; sent ones are reported; a digit of error state stands behind each. */
  reports: { received: boolean; transmitted: boolean; errorState: boolean };
  /** Bits of SlcanStatus since last read. */
  status: number;
  /** Bits of SlcanErrorRegister since power-on. */
  errorRegister: number;
  /** Bits a second towards the host; 0 for as fast as it reads. */
  serialBaud: number;
}

/** What an adapter answers to `V` and `N`, without those letters. */
export interface SlcanIdentity {
  version: string;
  serialNumber: string;
}

const ok = '\r';
const refused = '\x07';

/** `Un`. @see CAN232 manual, "U" */
const serialBauds = [230_400, 115_200, 57_600, 38_400, 19_200, 9600, 2400];

/**
 * Carries out one command line on the channel and returns the bytes to answer, as text. An adapter that does not
 * acknowledge keeps its CR and BEL to itself.
 * Frames (t T r R...) and polls (P A) are not commands on the channel; the adapter handles them.
 * @param line without terminator, not empty
 * @see LAWICEL CAN232 manual, "Available commands"; docs/slcan.md for the other firmwares
 */
export function answerCommand(
  channel: SlcanChannel,
  line: string,
  profile: SlcanProfile,
  identity: SlcanIdentity,
): string {
  const letter = line[0];
  const argument = line.slice(1);
  if (!profile.commands.includes(letter)) return refused;
  if (profile.mode === 'silent') return answerCanable(channel, letter, argument, profile, identity);
  const isClosed = channel.state === 'closed';
  const when = (holds: boolean, effect: () => void = () => {}): string => {
    if (holds) effect();
    return holds ? ok : refused;
  };
  switch (letter) {
    case 'S': {
      const bitRate = bitRateOf(profile, argument);
      return when(isClosed && bitRate !== undefined, () => (channel.bitRate = bitRate ?? 0));
    }
    case 's': {
      const bitRate = timedBitRate(profile, argument);
      return when(isClosed && bitRate !== undefined, () => (channel.bitRate = bitRate ?? 0));
    }
    case 'Y': {
      const bitRate = dataBitRateOf(profile, argument);
      return when(isClosed && bitRate !== undefined, () => (channel.dataBitRate = bitRate ?? 0));
    }
    case 'y': {
      const bitRate = timedBitRate(profile, argument);
      return when(isClosed && bitRate !== undefined, () => (channel.dataBitRate = bitRate ?? 0));
    }
    case 'O':
    case 'L':
      return when(isClosed && channel.bitRate > 0 && argument === '', () => {
        channel.state = letter === 'O' ? 'open' : 'listening';
        channel.status = 0;
      });
    case 'C':
      return when(!isClosed && argument === '', () => (channel.state = 'closed'));
    case 'V':
      return argument === '' ? `V${identity.version}\r` : refused;
    case 'v':
      return argument === '' ? `v: hardware="CANable2.0", software="${identity.version}"\r` : refused;
    case 'N':
      return argument === '' ? `N${identity.serialNumber}\r` : refused;
    case 'F': {
      // Linux's driver resets the error state with F before it opens the channel.
      if ((isClosed && !profile.pushesErrors) || argument !== '') return refused;
      const status = channel.status.toString(16).toUpperCase().padStart(2, '0');
      channel.status = 0;
      return `F${status}\r`;
    }
    case 'Z': {
      const mode = Number(/^[012]$/.test(argument) ? argument : Number.NaN);
      return when(isClosed && mode <= profile.timestampMode, () => setReports(channel, mode, 0x01));
    }
    case 'z': {
      const parts = /^([012])[\da-f]([\da-f]{2})$/i.exec(argument);
      const [mode, bits] = parts === null ? [0, 0] : [Number(parts[1]), Number.parseInt(parts[2], 16)];
      return when(isClosed && parts !== null, () => setReports(channel, mode, bits));
    }
    case 'X':
      return when(isClosed && /^[01]$/.test(argument), () => (channel.autoSend = argument === '1'));
    case 'U': {
      const baud = /^\d$/.test(argument) ? serialBauds[Number(argument)] : undefined;
      // A line that is not paced has no baud rate to change.
      return when(baud !== undefined, () => (channel.serialBaud = channel.serialBaud > 0 ? (baud ?? 0) : 0));
    }
    case 'W':
      return when(isClosed && (profile.fd ? /^2$/ : /^[01]$/).test(argument));
    case 'Q':
      return when(/^[012]$/.test(argument));
    // The filter registers: only "let everything pass" is carried out, so nothing else is acknowledged.
    case 'M':
      return when(isClosed && argument === '00000000');
    case 'm':
      return when(isClosed && /^F{8}$/i.test(argument));
    default:
      return refused;
  }
}

/** CANable's commands and WeAct's: settings of an open channel are taken and have no effect. */
function answerCanable(
  channel: SlcanChannel,
  letter: string,
  argument: string,
  profile: SlcanProfile,
  identity: SlcanIdentity,
): string {
  const isClosed = channel.state === 'closed';
  const set = (isValid: boolean, effect: () => void): string => {
    if (isValid && isClosed) effect();
    return isValid ? ok : refused;
  };
  switch (letter) {
    case 'S': {
      const bitRate = bitRateOf(profile, argument);
      return set(bitRate !== undefined, () => (channel.bitRate = bitRate ?? 0));
    }
    case 'Y': {
      const bitRate = dataBitRateOf(profile, argument);
      return set(bitRate !== undefined, () => (channel.dataBitRate = bitRate ?? 0));
    }
    case 'O':
      return set(argument === '', () => (channel.state = channel.silent ? 'listening' : 'open'));
    case 'C':
      if (argument !== '') return refused;
      channel.state = 'closed';
      return ok;
    case 'M':
    case 'm':
      // WeAct's refuses it while open; CANable's ignores it.
      if (!isClosed && profile.acknowledges) return refused;
      return set(/^[01]$/.test(argument), () => (channel.silent = argument === '1'));
    case 'A':
    case 'a':
      return !isClosed && profile.acknowledges ? refused : set(/^[01]$/.test(argument), () => {});
    case 'V':
    case 'v':
      return argument === '' ? `${identity.version}\r` : refused;
    case 'E':
      return argument === '' ? `${errorRegisterPrefix}${channel.errorRegister.toString(16).toUpperCase()}` : refused;
    default:
      return refused;
  }
}

function bitRateOf(profile: SlcanProfile, digit: string): number | undefined {
  return /^[\da-f]$/i.test(digit) ? profile.bitRates[Number.parseInt(digit, 16)] : undefined;
}

function dataBitRateOf(profile: SlcanProfile, digit: string): number | undefined {
  return /^\d$/.test(digit) ? profile.dataBitRates[Number(digit)] : undefined;
}

/** `sxxyy` of Lawicel's controller, or `sddxxyyzz` of one with CAN FD. */
function timedBitRate(profile: SlcanProfile, argument: string): number | undefined {
  if (profile.fd) return bitRateOfTiming(argument);
  return /^[\da-f]{4}$/i.test(argument) ? bitRateOfRegisters(Number.parseInt(argument, 16)) : undefined;
}

/** @param bits of the `z` command: 0x01 received frames, 0x02 sent frames, 0x10 error state */
function setReports(channel: SlcanChannel, timestamps: number, bits: number): void {
  channel.timestamps = timestamps as SlcanChannel['timestamps'];
  channel.reports = {
    received: (bits & 0x01) !== 0,
    transmitted: (bits & 0x02) !== 0,
    errorState: (bits & 0x10) !== 0,
  };
}
