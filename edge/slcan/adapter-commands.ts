import { bitRateOfRegisters, type SlcanProfile } from './profile.ts';

/** An adapter's CAN channel as its commands see it. */
export interface SlcanChannel {
  state: 'closed' | 'open' | 'listening';
  /** bit/s; 0 until a host or the adapter's owner sets one. */
  bitRate: number;
  /** `Z1`: received frames carry a time stamp. */
  timestamps: boolean;
  /** `X1`: received frames are sent unasked. */
  autoSend: boolean;
  /** Bits of SlcanStatus since last read. */
  status: number;
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
 * Carries out one command line on the channel and returns the bytes to answer, as text.
 * Frames (t T r R) and polls (P A) are not commands on the channel; the adapter handles them.
 * @param line without terminator, not empty
 * @see LAWICEL CAN232 manual, "Available commands"
 */
export function answerCommand(
  channel: SlcanChannel,
  line: string,
  profile: SlcanProfile,
  identity: SlcanIdentity,
): string {
  const letter = line[0];
  const argument = line.slice(1);
  const isClosed = channel.state === 'closed';
  const when = (holds: boolean, effect: () => void = () => {}): string => {
    if (holds) effect();
    return holds ? ok : refused;
  };
  switch (letter) {
    case 'S': {
      const bitRate = /^\d$/.test(argument) ? profile.bitRates[Number(argument)] : undefined;
      return when(isClosed && bitRate !== undefined, () => (channel.bitRate = bitRate ?? 0));
    }
    case 's': {
      const isValid = /^[\da-f]{4}$/i.test(argument);
      return when(isClosed && isValid, () => (channel.bitRate = bitRateOfRegisters(Number.parseInt(argument, 16))));
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
    case 'N':
      return argument === '' ? `N${identity.serialNumber}\r` : refused;
    case 'F': {
      if (isClosed || argument !== '') return refused;
      const status = channel.status.toString(16).toUpperCase().padStart(2, '0');
      channel.status = 0;
      return `F${status}\r`;
    }
    case 'Z':
      return when(isClosed && /^[01]$/.test(argument), () => (channel.timestamps = argument === '1'));
    case 'X':
      return when(isClosed && /^[01]$/.test(argument), () => (channel.autoSend = argument === '1'));
    case 'U': {
      const baud = /^\d$/.test(argument) ? serialBauds[Number(argument)] : undefined;
      // A line that is not paced has no baud rate to change.
      return when(baud !== undefined, () => (channel.serialBaud = channel.serialBaud > 0 ? (baud ?? 0) : 0));
    }
    case 'W':
      return when(isClosed && /^[01]$/.test(argument));
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
