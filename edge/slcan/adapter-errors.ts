import type { Clock } from '../sim/index.ts';
import type { SlcanChannel } from './adapter-commands.ts';
import {
  CAN_ERR_BUSERROR,
  CAN_ERR_CRTL,
  CAN_ERR_CRTL_RX_OVERFLOW,
  CAN_ERR_LOSTARB,
  CAN_ERR_PROT,
} from './error-class.ts';
import { type CanErrorCounters, type CanErrorFrame, type CanErrorState, errorLine, stateLine } from './error-lines.ts';
import type { SlcanProfile } from './profile.ts';
import { SlcanErrorRegister, SlcanStatus } from './status.ts';

export interface AdapterErrorsOptions {
  clock: Clock;
  channel: SlcanChannel;
  profile: SlcanProfile;
  /** Milliseconds from bus-off to the next start; undefined for never. */
  restartMs: number | undefined;
  /** Sends a line unasked. */
  say: (line: string) => void;
}

/**
 * Fault confinement of the emulated controller, and what its firmware lets a host know of it: flags and register to
 * be asked for, or lines of its own.
 */
export class AdapterErrors {
  readonly #options: AdapterErrorsOptions;
  #counters: CanErrorCounters = { transmitErrors: 0, receiveErrors: 0 };
  #state: CanErrorState = 'error-active';
  #cancelRestart: () => void = () => {};

  constructor(options: AdapterErrorsOptions) {
    this.#options = options;
  }

  get state(): CanErrorState {
    return this.#state;
  }

  busError(frame: CanErrorFrame): void {
    const { channel, profile, say } = this.#options;
    if ((frame.errorClass & (CAN_ERR_PROT | CAN_ERR_BUSERROR)) !== 0) channel.status |= SlcanStatus.busError;
    if ((frame.errorClass & CAN_ERR_LOSTARB) !== 0) channel.status |= SlcanStatus.arbitrationLost;
    const line = profile.pushesErrors ? errorLine(frame) : undefined;
    if (line !== undefined) say(line);
  }

  setState(state: CanErrorState, counters: Partial<CanErrorCounters> = {}): void {
    const { channel, clock, profile, restartMs, say } = this.#options;
    this.#cancelRestart();
    this.#cancelRestart = () => {};
    this.#counters = { ...this.#counters, ...counters };
    this.#state = state;
    if (state === 'error-warning') channel.status |= SlcanStatus.errorWarning;
    if (state === 'error-passive') channel.status |= SlcanStatus.errorWarning | SlcanStatus.errorPassive;
    // There is no flag for bus-off: the SJA1000 shows it as a warning, and counts as a bus error what led there.
    if (state === 'bus-off')
      channel.status |= SlcanStatus.errorWarning | SlcanStatus.errorPassive | SlcanStatus.busError;
    if (profile.pushesErrors) say(stateLine(state, this.#counters));
    if (state === 'bus-off' && restartMs !== undefined) {
      this.#cancelRestart = clock.schedule(restartMs, () =>
        this.setState('error-active', { transmitErrors: 0, receiveErrors: 0 }),
      );
    }
  }

  /** Closing or opening the channel resets the controller. */
  restart(): void {
    this.stop();
    this.#state = 'error-active';
    this.#counters = { transmitErrors: 0, receiveErrors: 0 };
  }

  /** Cancels what is due. */
  stop(): void {
    this.#cancelRestart();
    this.#cancelRestart = () => {};
  }

  /** The bus carries what this controller cannot read. */
  wrongBitRate(): void {
    this.#options.channel.status |= SlcanStatus.busError | SlcanStatus.errorWarning;
  }

  /** Frames came while there was no room for them. */
  overrun(): void {
    const { channel, profile, say } = this.#options;
    channel.status |= SlcanStatus.dataOverrun | SlcanStatus.receiveQueueFull;
    channel.errorRegister |= SlcanErrorRegister.canReceiveOverflow;
    const data = Uint8Array.of(0, CAN_ERR_CRTL_RX_OVERFLOW, 0, 0, 0, 0, 0, 0);
    const line = profile.pushesErrors ? errorLine({ errorClass: CAN_ERR_CRTL, data }) : undefined;
    if (line !== undefined) say(line);
  }
}
