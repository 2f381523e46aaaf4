import {
  CAN_ERR_BUSERROR,
  CAN_ERR_CRTL,
  CAN_ERR_CRTL_RX_OVERFLOW,
  CAN_ERR_CRTL_TX_OVERFLOW,
  CAN_ERR_LOSTARB,
  CAN_ERR_PROT,
  CAN_ERR_RESTARTED,
} from './error-class.ts';
import { type CanErrorFrame, type CanErrorState, parseErrorLine, parseStateLine, stateFrame } from './error-lines.ts';
import { SlcanErrorRegister, SlcanStatus } from './status.ts';

/** What an adapter tells of its bus and of itself besides frames. Times in microseconds since boot. */
export type SlcanBusEvent =
  | {
      type: 'state';
      timeUs: number;
      state: CanErrorState;
      /** Undefined where the adapter tells a state without its counters. */
      transmitErrors: number | undefined;
      receiveErrors: number | undefined;
    }
  /** Bits and bytes as in linux/can/error.h. */
  | { type: 'error'; timeUs: number; errorClass: number; data: Uint8Array }
  /** The adapter had no room: at least one frame towards us (`receive`) or to the bus (`transmit`) is lost. */
  | { type: 'overrun'; timeUs: number; where: 'receive' | 'transmit' };

export interface BusCounters {
  errorFrames: number;
  overruns: number;
  busOffs: number;
}

/** Where the events and the error frames that go with them are handed to. */
export interface BusEventSink {
  onEvent: (event: SlcanBusEvent) => void;
  onErrorFrame: (timeUs: number, frame: CanErrorFrame) => void;
}

/**
 * Turns what an adapter says of its bus into events and error frames: lines it sends by itself, flags and the
 * register it is asked for. A state is told when it changes.
 */
export class BusEvents {
  readonly counters: BusCounters = { errorFrames: 0, overruns: 0, busOffs: 0 };
  readonly #sink: BusEventSink;
  #state: CanErrorState = 'error-active';
  /** Of the error register, which is never cleared: undefined until first read. */
  #registerBefore: number | undefined;

  constructor(sink: BusEventSink) {
    this.#sink = sink;
  }

  /** Fault confinement as last told. */
  get state(): CanErrorState {
    return this.#state;
  }

  /** The channel was opened, and with it the controller begins anew: a state it was in before is over. */
  restart(timeUs: number): void {
    const before = this.#state;
    if (before === 'error-active') return;
    this.#state = 'error-active';
    const isRestart = before === 'bus-off';
    const restarted = { errorClass: CAN_ERR_RESTARTED, data: new Uint8Array(8) };
    this.#errorFrame(timeUs, isRestart ? restarted : stateFrame('error-active'));
    this.#sink.onEvent({ type: 'state', timeUs, state: 'error-active', transmitErrors: 0, receiveErrors: 0 });
  }

  /** @returns false when the line is none of this kind */
  takeLine(line: string, timeUs: number): boolean {
    const state = parseStateLine(line);
    if (state !== undefined) {
      this.#changeState(timeUs, state.state, state);
      return true;
    }
    const frame = parseErrorLine(line);
    if (frame === undefined) return false;
    if ((frame.errorClass & CAN_ERR_CRTL) !== 0) {
      if ((frame.data[1] & CAN_ERR_CRTL_RX_OVERFLOW) !== 0) this.#overrun(timeUs, 'receive');
      if ((frame.data[1] & CAN_ERR_CRTL_TX_OVERFLOW) !== 0) this.#overrun(timeUs, 'transmit');
    }
    this.#error(timeUs, frame);
    return true;
  }

  /** @param flags bits of SlcanStatus since last read */
  takeFlags(flags: number, timeUs: number): void {
    if ((flags & (SlcanStatus.receiveQueueFull | SlcanStatus.dataOverrun)) !== 0) this.#overrun(timeUs, 'receive');
    if ((flags & SlcanStatus.transmitQueueFull) !== 0) this.#overrun(timeUs, 'transmit');
    let errorClass = 0;
    if ((flags & SlcanStatus.busError) !== 0) errorClass |= CAN_ERR_PROT | CAN_ERR_BUSERROR;
    if ((flags & SlcanStatus.arbitrationLost) !== 0) errorClass |= CAN_ERR_LOSTARB;
    if (errorClass !== 0) this.#error(timeUs, { errorClass, data: new Uint8Array(8) });
    const isPassive = (flags & SlcanStatus.errorPassive) !== 0;
    const isWarning = (flags & SlcanStatus.errorWarning) !== 0;
    this.#changeState(timeUs, isPassive ? 'error-passive' : isWarning ? 'error-warning' : 'error-active');
  }

  /** @param value bits of SlcanErrorRegister since power-on; what was set before the first reading is history */
  takeErrorRegister(value: number, timeUs: number): void {
    const fresh = value & ~(this.#registerBefore ?? value);
    this.#registerBefore = value;
    const { canReceiveOverflow, usbTransmitFull, canTransmitFailed, canTransmitFull, usbReceiveFull } =
      SlcanErrorRegister;
    if ((fresh & (canReceiveOverflow | usbTransmitFull)) !== 0) this.#overrun(timeUs, 'receive');
    if ((fresh & (canTransmitFailed | canTransmitFull | usbReceiveFull)) !== 0) this.#overrun(timeUs, 'transmit');
  }

  #overrun(timeUs: number, where: 'receive' | 'transmit'): void {
    this.counters.overruns++;
    this.#sink.onEvent({ type: 'overrun', timeUs, where });
  }

  #error(timeUs: number, frame: CanErrorFrame): void {
    this.#errorFrame(timeUs, frame);
    this.#sink.onEvent({ type: 'error', timeUs, ...frame });
  }

  #errorFrame(timeUs: number, frame: CanErrorFrame): void {
    this.counters.errorFrames++;
    this.#sink.onErrorFrame(timeUs, frame);
  }

  #changeState(
    timeUs: number,
    state: CanErrorState,
    counters?: { transmitErrors: number; receiveErrors: number },
  ): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state === 'bus-off') this.counters.busOffs++;
    this.#errorFrame(timeUs, stateFrame(state, counters));
    const { transmitErrors, receiveErrors } = counters ?? { transmitErrors: undefined, receiveErrors: undefined };
    this.#sink.onEvent({ type: 'state', timeUs, state, transmitErrors, receiveErrors });
  }
}
