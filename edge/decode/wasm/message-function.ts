/** The WebAssembly function that decodes one message: the generated JavaScript's twin, on 64-bit integers. */
import { j1939Indicator } from '../indicator.ts';
import { bitPosition, bytesNeeded, canLeaveRange, isSigned, messageBytesNeeded, offsetIsNeutral } from '../layout.ts';
import { type Branch, branchesBySelector } from '../multiplexer.ts';
import { type PlanMessage, type PlanSignal, SignalStatus } from '../types.ts';
import { FunctionBody } from './assembler.ts';
import type { ValueType } from './opcodes.ts';

/** (payload, length, physical, raw, status): addresses, but for the length in bytes. */
export const messageParameters: ValueType[] = ['i32', 'i32', 'i32', 'i32', 'i32'];
/** What becomes of a selector; its signals follow it. Locals begin as 0. */
const [, decoded, absent] = [0, 1, 2];
const [payload, length, physicalOut, rawOut, statusOut] = [0, 1, 2, 3, 4];

/**
 * Emits the body. Loads reach up to 8 bytes past the payload, whose value never matters: the host keeps them readable.
 * @param swapFunction index of the function that reverses the bytes of an i64
 */
export function emitMessageFunction(message: PlanMessage, swapFunction: number): Uint8Array {
  return new Emitter(message, swapFunction).emit();
}

class Emitter {
  readonly #message: PlanMessage;
  readonly #swapFunction: number;
  readonly #branches: Map<number, Branch[]>;
  readonly #body = new FunctionBody(messageParameters.length);
  readonly #raw = this.#body.local('i64');
  readonly #physical = this.#body.local('f64');
  readonly #known = this.#body.local('i32');
  /** Per selector slot: how it fared in this frame (`inactive`, `decoded` or `absent`), and its raw value. */
  readonly #active = new Map<number, number>();
  readonly #selector = new Map<number, number>();
  /** Eight payload bytes from a multiple of 8, read as Intel or Motorola, by `i8`, `m0`... */
  readonly #windows = new Map<string, number>();

  constructor(message: PlanMessage, swapFunction: number) {
    this.#message = message;
    this.#swapFunction = swapFunction;
    this.#branches = branchesBySelector(message);
  }

  emit(): Uint8Array {
    const { signals } = this.#message;
    for (const slot of this.#branches.keys()) {
      this.#active.set(slot, this.#body.local('i32'));
      this.#selector.set(slot, this.#body.local('i64'));
    }
    for (const signal of signals) this.#loadWindow(signal);
    this.#resetMultiplexed();
    const isWhole = this.#body.local('i32');
    const needed = messageBytesNeeded(this.#message);
    this.#body.get(length).i32(needed).do('i32.ge_u').set(isWhole);
    for (const signal of signals) if (signal.selectorSlot < 0) this.#signal(signal, isWhole);
    for (const selector of signals) if (this.#branches.has(selector.slot)) this.#dispatch(selector, isWhole);
    return this.#body.done();
  }

  /** Signals that fit an aligned window of 8 bytes share one load, and one byte reversal. */
  #windowOf(signal: PlanSignal): { key: string; base: number; shift: number } | undefined {
    const position = bitPosition(signal);
    const base = Math.floor(position / 64) * 8;
    const shift = position - base * 8;
    if (shift + signal.length > 64) return undefined;
    return { key: `${signal.byteOrder[0]}${base}`, base, shift };
  }

  #loadWindow(signal: PlanSignal): void {
    const window = this.#windowOf(signal);
    if (window === undefined || this.#windows.has(window.key)) return;
    const local = this.#body.local('i64');
    this.#windows.set(window.key, local);
    // A frame that ends before the window holds none of its signals; the load must not leave memory either.
    this.#body.get(length).i32(window.base).do('i32.gt_u').open('if').get(payload).memory('i64.load', window.base);
    if (signal.byteOrder === 'motorola') this.#body.call(this.#swapFunction);
    this.#body.set(local).do('end');
  }

  #resetMultiplexed(): void {
    const first = this.#message.signals.findIndex((signal) => signal.selectorSlot >= 0);
    if (first < 0) return;
    for (const { slot } of this.#message.signals.slice(first)) this.#storeNothing(slot, SignalStatus.inactive);
  }

  #storeNothing(slot: number, status: number): void {
    this.#body
      .get(physicalOut)
      .f64(Number.NaN)
      .memory('f64.store', slot * 8);
    this.#body
      .get(rawOut)
      .i64(0n)
      .memory('i64.store', slot * 8);
    this.#body.get(statusOut).i32(status).memory('i32.store8', slot);
  }

  /** Decodes the signal if the frame covers it, else marks it absent. */
  #signal(signal: PlanSignal, isWhole: number): void {
    const body = this.#body;
    body.get(isWhole).get(length).i32(bytesNeeded(signal)).do('i32.ge_u', 'i32.or').open('if');
    this.#readRaw(signal);
    this.#storeValue(signal);
    body.get(statusOut);
    this.#status(signal);
    body.memory('i32.store8', signal.slot);
    const active = this.#active.get(signal.slot);
    if (active !== undefined) body.i32(decoded).set(active).get(this.#raw).set(this.#selector.get(signal.slot)!);
    body.do('else');
    this.#absent(signal);
    body.do('end');
  }

  #absent(signal: PlanSignal): void {
    this.#storeNothing(signal.slot, SignalStatus.absent);
    const active = this.#active.get(signal.slot);
    if (active !== undefined) this.#body.i32(absent).set(active);
  }

  /** Sets the raw local to the exact integer, sign- or zero-extended to 64 bits. */
  #readRaw(signal: PlanSignal): void {
    const body = this.#body;
    const drop = 64 - signal.length;
    // Leaves the signal's first bit (in its direction of reading) at the edge that the next shift cuts.
    const left = signal.byteOrder === 'motorola' ? this.#readMotorola(signal) : this.#readIntel(signal, drop);
    if (left > 0) body.i64(BigInt(left)).do('i64.shl');
    if (drop > 0) body.i64(BigInt(drop)).do(isSigned(signal) ? 'i64.shr_s' : 'i64.shr_u');
    body.set(this.#raw);
  }

  #readIntel(signal: PlanSignal, drop: number): number {
    const window = this.#windowOf(signal);
    if (window !== undefined) {
      this.#body.get(this.#windows.get(window.key)!);
      return drop - window.shift;
    }
    const first = Math.floor(signal.startBit / 8);
    const shift = signal.startBit % 8;
    this.#body.get(payload).memory('i64.load', first);
    if (shift + signal.length <= 64) return drop - shift;
    this.#body.i64(BigInt(shift)).do('i64.shr_u');
    this.#body
      .get(payload)
      .memory('i64.load8_u', first + 8)
      .i64(BigInt(64 - shift))
      .do('i64.shl', 'i64.or');
    return drop;
  }

  #readMotorola(signal: PlanSignal): number {
    const window = this.#windowOf(signal);
    if (window !== undefined) {
      this.#body.get(this.#windows.get(window.key)!);
      return window.shift;
    }
    const position = bitPosition(signal);
    const first = Math.floor(position / 8);
    const shift = position % 8;
    this.#body.get(payload).memory('i64.load', first).call(this.#swapFunction);
    if (shift + signal.length <= 64) return shift;
    this.#body.i64(BigInt(shift)).do('i64.shl');
    this.#body
      .get(payload)
      .memory('i64.load8_u', first + 8)
      .i64(BigInt(8 - shift))
      .do('i64.shr_u', 'i64.or');
    return 0;
  }

  #storeValue(signal: PlanSignal): void {
    const body = this.#body;
    body
      .get(rawOut)
      .get(this.#raw)
      .memory('i64.store', signal.slot * 8);
    body.get(physicalOut).get(this.#raw);
    if (signal.valueType === 'float64') body.do('f64.reinterpret_i64');
    else if (signal.valueType === 'float32') body.do('i32.wrap_i64', 'f32.reinterpret_i32', 'f64.promote_f32');
    else body.do(isSigned(signal) ? 'f64.convert_i64_s' : 'f64.convert_i64_u');
    if (signal.scale !== 1) body.f64(signal.scale).do('f64.mul');
    if (!offsetIsNeutral(signal)) body.f64(signal.offset).do('f64.add');
    body.tee(this.#physical).memory('f64.store', signal.slot * 8);
  }

  /** Leaves the status on the stack. `select` takes the first of its two values when the third is not 0. */
  #status(signal: PlanSignal): void {
    const body = this.#body;
    const indicator = j1939Indicator(this.#message, signal);
    const isTop = (value: number): void => {
      body.get(this.#raw).i64(BigInt(indicator!.shift)).do('i64.shr_u');
      body
        .i64(2n ** BigInt(Math.min(8, signal.length)) - 1n)
        .do('i64.and')
        .i64(BigInt(value))
        .do('i64.eq');
    };
    if (indicator !== undefined) body.i32(SignalStatus.notAvailable).i32(SignalStatus.error);
    if (!canLeaveRange(signal)) body.i32(SignalStatus.ok);
    else {
      body.get(this.#physical).f64(signal.minimum).do('f64.lt');
      body.get(this.#physical).f64(signal.maximum).do('f64.gt', 'i32.or');
    }
    if (indicator === undefined) return;
    isTop(indicator.error);
    body.do('select');
    isTop(indicator.notAvailable);
    body.do('select');
  }

  #dispatch(selector: PlanSignal, isWhole: number): void {
    const body = this.#body;
    const compare = isSigned(selector) ? (['i64.ge_s', 'i64.le_s'] as const) : (['i64.ge_u', 'i64.le_u'] as const);
    const raw = this.#selector.get(selector.slot)!;
    const active = this.#active.get(selector.slot)!;
    const branches = this.#branches.get(selector.slot)!;
    // Without the selector nobody knows what is there.
    body.get(active).i32(absent).do('i32.eq').open('if');
    for (const { signals } of branches) for (const signal of signals) this.#absent(signal);
    body.do('end');
    body.get(active).i32(decoded).do('i32.eq').open('if').i32(0).set(this.#known);
    for (const { ranges, signals } of branches) {
      body.i32(0);
      for (const { from, to } of ranges) {
        body.get(raw).i64(from);
        if (from === to) body.do('i64.eq', 'i32.or');
        else body.do(compare[0]).get(raw).i64(to).do(compare[1], 'i32.and', 'i32.or');
      }
      body.open('if').i32(1).set(this.#known);
      for (const signal of signals) this.#signal(signal, isWhole);
      body.do('end');
    }
    body.get(this.#known).do('i32.eqz').open('if');
    body.get(statusOut).i32(SignalStatus.unknownMultiplexer).memory('i32.store8', selector.slot);
    body.do('end', 'end');
  }
}
