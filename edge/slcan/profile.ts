import { canable1, canable2 } from './profiles/canable.ts';
import { can232, kernel, lawicel } from './profiles/lawicel.ts';
import { slcanfd } from './profiles/slcanfd.ts';
import { weact } from './profiles/weact.ts';

/**
 * What differs between the firmwares that speak SLCAN, as data: the same letter means different things in
 * different adapters, so codec, host and emulated adapter all read it from here.
 */
export interface SlcanProfile {
  /** As people select it: `lawicel`. */
  readonly name: string;
  /** bit/s by the hex digit of the `S` command. */
  readonly bitRates: readonly number[];
  /** bit/s of CAN FD's data phase by the digit of the `Y` command; empty without FD. */
  readonly dataBitRates: Readonly<Record<number, number>>;
  /** Whether the CAN FD letters d D b B are frames. Their batches need a stride of 64. */
  readonly fd: boolean;
  /** First letters of the lines an adapter sends besides frames. */
  readonly replies: string;
  /** First letters of the lines a host sends besides frames. */
  readonly commands: string;
  /** Milliseconds at which the time stamps of `Z1` start again from 0. */
  readonly timestampWrapMs: number;
  /** The finest time stamp: 0 none, 1 `Z1` in milliseconds (4 digits), 2 `Z2` in microseconds (8 digits). */
  readonly timestampMode: 0 | 1 | 2;
  /** Whether the `z` command can add a digit with the sender's error state (ESI) behind each frame. */
  readonly errorStateDigit: boolean;
  /** Whether every command is answered by CR or BEL. A host never waits for what will not come. */
  readonly acknowledges: boolean;
  /** Sent before opening so that frames come unasked; a refusal is harmless. */
  readonly autoSend: string | undefined;
  /** Whether frames come unasked without that command, as the adapter leaves the factory. */
  readonly autoSendAtPowerOn: boolean;
  /** `V` is answered by `Vhhss`, or by a line of text without a letter in front. */
  readonly version: 'letter' | 'text';
  /** Ends a half-written line and closes the channel. */
  readonly greeting: string;
  /** The commands that open the channel, in their order. */
  readonly open: Readonly<Record<'normal' | 'listenOnly', readonly string[]>>;
  /** `M` sets an acceptance code, or switches silent mode on and off. */
  readonly mode: 'filter' | 'silent';
  /** Whether opening an open channel and closing a closed one are taken rather than refused. */
  readonly forgiving: boolean;
  /** An empty line carries out the line before it once more: a frame would be sent twice. */
  readonly emptyLineRepeats: boolean;
  /** What tells of lost frames and bus errors: the flags of `F`, the register of `E`, or nothing that can be asked. */
  readonly status: 'flags' | 'register' | 'none';
  /** Whether the adapter tells its error state by lines of its own: `s` (state, counters) and `e` (error classes). */
  readonly pushesErrors: boolean;
  /** What the emulated adapter says it is: its answers to `V` and `N` without those letters. */
  readonly identity: { readonly version: string; readonly serialNumber: string };
}

export { can232, canable1, canable2, kernel, lawicel, slcanfd, weact };

/** Every profile, by name. */
export const slcanProfiles: Readonly<Record<string, SlcanProfile>> = {
  lawicel,
  can232,
  canable1,
  canable2,
  weact,
  kernel,
  slcanfd,
};
