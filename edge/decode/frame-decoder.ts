/** The decoder for driving: generated JavaScript, one function per message, compiled at the message's first frame. */
import { FrameFlag } from '../can/index.ts';
import { type GeneratedDecoder, generateDecoder, generatedParameters } from './generate.ts';
import { createInterpreter, decodedArrays, Interpreter, narrow } from './interpret.ts';
import { bytesNeeded, generatedSize, generatedSizeMax, isSigned, messageBytesNeeded } from './layout.ts';
import { MessageIndex } from './message-index.ts';
import { type FrameDecoder, type Plan, type PlanMessage, SignalStatus } from './types.ts';

/**
 * Makes a decoder that compiles each message when it first meets it.
 * Where a content security policy forbids `new Function`, this is the interpreter: the same results, slower.
 * @example
 *   const decoder = createFrameDecoder(plan);
 *   const message = decoder.decode(frame.id, frame.flags, frame.data, 0, frame.data.length);
 *   if (message) console.log(message.signals[0].name, decoder.physical[0]);
 */
export function createFrameDecoder(plan: Plan): FrameDecoder {
  try {
    new Function('');
  } catch {
    return createInterpreter(plan);
  }
  return new GeneratedFrameDecoder(plan);
}

class GeneratedFrameDecoder implements FrameDecoder {
  readonly plan: Plan;
  readonly physical: Float64Array;
  readonly raw: Float64Array;
  readonly status: Uint8Array;
  /** Halves of raw integers past 53 bits; the low one unsigned, the high one as its signal is. */
  readonly #rawLow: Uint32Array;
  readonly #rawHigh: Float64Array;
  readonly #index: MessageIndex;
  readonly #compiled: CompiledMessage[];
  /** Decodes messages too large to generate code for; made when one comes. */
  #interpreter: Interpreter | undefined;
  #last: CompiledMessage | undefined;

  constructor(plan: Plan) {
    const { physical, raw, status } = decodedArrays(plan);
    this.plan = plan;
    this.physical = physical;
    this.raw = raw;
    this.status = status;
    this.#rawLow = new Uint32Array(status.length);
    this.#rawHigh = new Float64Array(status.length);
    this.#index = new MessageIndex(plan.messages);
    const float = new DataView(new ArrayBuffer(8));
    const given = [this.physical, this.raw, this.status, this.#rawLow, this.#rawHigh, float];
    this.#compiled = plan.messages.map((message) => new CompiledMessage(message, given));
  }

  decode(id: number, flags: number, data: Uint8Array, offset: number, length: number): PlanMessage | undefined {
    if ((flags & (FrameFlag.remote | FrameFlag.error)) !== 0) return undefined;
    const index = this.#index.indexOf(id, (flags & FrameFlag.extended) !== 0);
    if (index < 0) return undefined;
    const compiled = this.#compiled[index];
    const present = Math.min(length, data.length - offset);
    if (present >= compiled.bytesNeeded) compiled.whole()(data, offset);
    else if (!compiled.isTooLarge) compiled.short(present)(data, offset);
    else this.#interpret(compiled.message, data.subarray(offset, offset + present));
    this.#last = compiled;
    return compiled.message;
  }

  #interpret(message: PlanMessage, payload: Uint8Array): void {
    this.#interpreter ??= new Interpreter(this.plan, this);
    this.#interpreter.decodeMessage(message, payload);
  }

  rawAt(slot: number): number | bigint {
    const { message, isTooLarge } = this.#last!;
    if (isTooLarge) return this.#interpreter!.rawAt(slot);
    const signal = message.signals[slot];
    const status = this.status[slot];
    const isRead = status !== SignalStatus.absent && status !== SignalStatus.inactive;
    if (signal.length <= 53 || !isRead) return this.raw[slot];
    const pattern = (BigInt(this.#rawHigh[slot]) << 32n) + BigInt(this.#rawLow[slot]);
    return narrow(isSigned(signal) ? pattern : BigInt.asUintN(64, pattern));
  }
}

/** A message and the functions compiled for it: one for whole frames, one for each set of signals short ones cover. */
class CompiledMessage {
  readonly message: PlanMessage;
  readonly isTooLarge: boolean;
  /** Bytes of a whole frame; without end for a message too large, so that one comparison sorts both out. */
  readonly bytesNeeded: number;
  readonly #given: unknown[];
  #whole: GeneratedDecoder | undefined;
  readonly #byCovered = new Map<number, GeneratedDecoder>();

  constructor(message: PlanMessage, given: unknown[]) {
    this.message = message;
    this.isTooLarge = generatedSize(message) > generatedSizeMax;
    this.bytesNeeded = this.isTooLarge ? Number.POSITIVE_INFINITY : messageBytesNeeded(message);
    this.#given = given;
  }

  whole(): GeneratedDecoder {
    this.#whole ??= this.#compile(this.bytesNeeded);
    return this.#whole;
  }

  short(length: number): GeneratedDecoder {
    const known = this.#byCovered.get(length);
    if (known !== undefined) return known;
    // Lengths between the ends of two signals cover the same ones, and share a function.
    const ends = this.message.signals.map(bytesNeeded).filter((end) => end <= length);
    const covered = ends.reduce((most, end) => Math.max(most, end), 0);
    const decoder = this.#byCovered.get(covered) ?? this.#compile(covered);
    this.#byCovered.set(covered, decoder).set(length, decoder);
    return decoder;
  }

  #compile(coveredBytes: number): GeneratedDecoder {
    const make = new Function(...generatedParameters, generateDecoder(this.message, coveredBytes));
    return make(...this.#given) as GeneratedDecoder;
  }
}
