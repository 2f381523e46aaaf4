/** The scalar module behind the same interface as the other decoders, one call per frame. */
import { FrameFlag } from '../../can/index.ts';
import { narrow } from '../interpret.ts';
import { isSigned, messageBytesNeeded } from '../layout.ts';
import { type FrameDecoder, type Plan, type PlanMessage, SignalStatus } from '../types.ts';
import { emitScalarModule } from './scalar-module.ts';

interface ScalarExports {
  memory: WebAssembly.Memory;
  heap_base: WebAssembly.Global;
  decode(key: number, payload: number, length: number, physical: number, raw: number, status: number): number;
}

/**
 * Emits, compiles and instantiates the scalar module of a plan.
 * Browsers compile only small modules synchronously on their main thread; use a worker for a large plan.
 * @throws {MinerError} `MESSAGE_TOO_LARGE`, as `emitScalarModule` does
 */
export function createWasmDecoder(plan: Plan): FrameDecoder {
  return new WasmDecoder(plan, emitScalarModule(plan));
}

class WasmDecoder implements FrameDecoder {
  readonly plan: Plan;
  readonly physical: Float64Array;
  readonly raw: Float64Array;
  readonly status: Uint8Array;
  readonly #exports: ScalarExports;
  readonly #payload: Uint8Array;
  readonly #exact: BigInt64Array;
  /** The same bytes as #exact: low half, high half. */
  readonly #halves: Uint32Array;
  #last: PlanMessage | undefined;

  constructor(plan: Plan, module: Uint8Array) {
    const slots = plan.messages.reduce((most, { signals }) => Math.max(most, signals.length), 0);
    const payloadBytes = plan.messages.reduce((most, message) => Math.max(most, messageBytesNeeded(message)), 0);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module as BufferSource));
    this.#exports = instance.exports as unknown as ScalarExports;
    const { memory, heap_base } = this.#exports;
    const physicalAt = Number(heap_base.value);
    const rawAt = physicalAt + slots * 8;
    const statusAt = rawAt + slots * 8;
    const payloadAt = statusAt + slots;
    const missing = payloadAt + payloadBytes + 8 - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    this.plan = plan;
    this.physical = new Float64Array(memory.buffer, physicalAt, slots);
    this.raw = new Float64Array(slots);
    this.status = new Uint8Array(memory.buffer, statusAt, slots);
    this.#payload = new Uint8Array(memory.buffer, payloadAt, payloadBytes);
    this.#exact = new BigInt64Array(memory.buffer, rawAt, slots);
    this.#halves = new Uint32Array(memory.buffer, rawAt, slots * 2);
  }

  decode(id: number, flags: number, data: Uint8Array, offset: number, length: number): PlanMessage | undefined {
    if ((flags & (FrameFlag.remote | FrameFlag.error)) !== 0) return undefined;
    const isExtended = (flags & FrameFlag.extended) !== 0;
    if (!(id >= 0 && id <= 0x1fffffff) || (!isExtended && id > 0x7ff)) return undefined;
    const payload = this.#payload;
    const present = Math.min(length, data.length - offset, payload.length);
    for (let i = 0; i < present; i++) payload[i] = data[offset + i];
    const index = this.#exports.decode(
      isExtended ? id | 0x80000000 : id,
      payload.byteOffset,
      present,
      this.physical.byteOffset,
      this.#exact.byteOffset,
      this.status.byteOffset,
    );
    if (index < 0) return undefined;
    this.#last = this.plan.messages[index];
    for (const signal of this.#last.signals) this.#roundRaw(signal.slot, isSigned(signal));
    return this.#last;
  }

  rawAt(slot: number): number | bigint {
    const signal = this.#last!.signals[slot];
    const status = this.status[slot];
    const isRead = status !== SignalStatus.absent && status !== SignalStatus.inactive;
    if (signal.length <= 53 || !isRead) return this.raw[slot];
    const exact = this.#exact[slot];
    return narrow(isSigned(signal) ? exact : BigInt.asUintN(64, exact));
  }

  #roundRaw(slot: number, signed: boolean): void {
    const high = this.#halves[slot * 2 + 1];
    this.raw[slot] = (signed ? high | 0 : high) * 4294967296 + this.#halves[slot * 2];
  }
}
