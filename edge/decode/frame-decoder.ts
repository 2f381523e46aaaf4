/** The decoder for driving: generated JavaScript, one function per message, compiled at the message's first frame. */
import { FrameFlag } from '../can/index.ts';
import { CompiledMessage, compilableBytes } from './compiled-message.ts';
import { type GeneratedDecoder, generateDecoder, generatedParameters } from './generate.ts';
import { type GeneratedObjectDecoder, generateObjectDecoder, objectParameters } from './generate-object.ts';
import { createInterpreter, type DecodedArrays, decodedArrays, Interpreter, narrow } from './interpret.ts';
import { isSigned } from './layout.ts';
import { MessageIndex } from './message-index.ts';
import type { DecodedFrame } from './objects.ts';
import { PayloadScratch } from './payload-scratch.ts';
import { allOk, readSignals, readStatus } from './records.ts';
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

/** More bytes than any frame has, so that one comparison sorts out frames too short and messages too large. */
const neverWhole = 0x7fffffff;

/** Decodes with generated functions, into arrays or straight into objects. */
export class GeneratedFrameDecoder implements FrameDecoder {
  readonly plan: Plan;
  readonly #arrays: DecodedArrays;
  /** Halves of raw integers past 53 bits; the low one unsigned, the high one as its signal is. */
  readonly #rawLow: Uint32Array;
  readonly #rawHigh: Float64Array;
  readonly #payload: PayloadScratch;
  readonly #index: MessageIndex;
  /** By message: bytes of a whole frame, and the functions for such frames. */
  readonly #bytesNeeded: Int32Array;
  readonly #decoders: GeneratedDecoder[];
  readonly #objectDecoders: GeneratedObjectDecoder[];
  /** By message: the functions for all lengths. */
  readonly #compiled: CompiledMessage<GeneratedDecoder>[];
  readonly #compiledObjects: CompiledMessage<GeneratedObjectDecoder>[];
  /**
   * Messages of one layout share a function: of a real database's 294 messages 82 are left, a third faster as there
   * is less code to fetch.
   */
  readonly #decoderByText = new Map<string, GeneratedDecoder>();
  /** Decodes messages too large to generate code for; made when one comes. */
  #interpreter: Interpreter | undefined;
  /**
   * What the last result was, in one number, because a second store costs a frame 6 %: the message's index i when a
   * whole frame went into the arrays; -1 - i when it went into an object, and the arrays still hold an older result;
   * i + messages * (bytes + 1) when a frame was too short.
   */
  #last = 0;

  constructor(plan: Plan) {
    const { messages } = plan;
    const bytes = messages.map(compilableBytes);
    this.plan = plan;
    this.#arrays = decodedArrays(plan);
    this.#rawLow = new Uint32Array(this.#arrays.status.length);
    this.#rawHigh = new Float64Array(this.#arrays.status.length);
    this.#payload = new PayloadScratch(bytes.reduce<number>((most, needed = 0) => Math.max(most, needed), 0));
    this.#index = new MessageIndex(messages);
    this.#bytesNeeded = Int32Array.from(bytes, (needed = neverWhole) => needed);
    this.#compiled = messages.map((message) => new CompiledMessage(message, (...facts) => this.#compile(...facts)));
    this.#compiledObjects = messages.map(
      (message) => new CompiledMessage(message, (...facts) => this.#compileObject(...facts)),
    );
    // Each stands in until its message first comes.
    this.#decoders = messages.map((_, index) => () => {
      this.#decoders[index] = this.#compiled[index].forLength(neverWhole);
      this.#decoders[index]();
    });
    this.#objectDecoders = messages.map((_, index) => () => {
      this.#objectDecoders[index] = this.#compiledObjects[index].forLength(neverWhole);
      return this.#objectDecoders[index]();
    });
  }

  get physical(): Float64Array {
    if (this.#last < 0) this.#refreshArrays();
    return this.#arrays.physical;
  }

  get raw(): Float64Array {
    if (this.#last < 0) this.#refreshArrays();
    return this.#arrays.raw;
  }

  get status(): Uint8Array {
    if (this.#last < 0) this.#refreshArrays();
    return this.#arrays.status;
  }

  decode(id: number, flags: number, data: Uint8Array, offset: number, length: number): PlanMessage | undefined {
    const index = this.#find(id, flags);
    if (index < 0) return undefined;
    const bytes = Math.min(length, data.length - offset);
    const needed = this.#bytesNeeded[index];
    if (bytes >= needed) {
      this.#last = index;
      this.#payload.load(data, offset, needed);
      this.#decoders[index]();
    } else this.#decodeOther(index, data, offset, Math.max(0, bytes));
    return this.plan.messages[index];
  }

  /** As decode, but into an object; the arrays follow when they are next asked for. */
  decodeObject(id: number, flags: number, data: Uint8Array, offset: number, length: number): DecodedFrame | undefined {
    const index = this.#find(id, flags);
    if (index < 0) return undefined;
    const bytes = Math.min(length, data.length - offset);
    const needed = this.#bytesNeeded[index];
    if (bytes >= needed) {
      this.#last = -1 - index;
      this.#payload.load(data, offset, needed);
      return this.#objectDecoders[index]();
    }
    this.decode(id, flags, data, offset, length);
    return this.lastObject();
  }

  /** The last result as an object. */
  lastObject(): DecodedFrame {
    const index = this.#lastIndex;
    if (this.#bytesNeeded[index] === neverWhole) return this.#objectFromArrays(this.plan.messages[index]);
    return this.#compiledObjects[index].forLength(this.#lastBytes)();
  }

  rawAt(slot: number): number | bigint {
    const { raw, status } = this;
    const index = this.#lastIndex;
    if (this.#bytesNeeded[index] === neverWhole) return this.#interpreter!.rawAt(slot);
    const signal = this.plan.messages[index].signals[slot];
    const isRead = status[slot] !== SignalStatus.absent && status[slot] !== SignalStatus.inactive;
    if (signal.length <= 53 || !isRead) return raw[slot];
    const pattern = (BigInt(this.#rawHigh[slot]) << 32n) + BigInt(this.#rawLow[slot]);
    return narrow(isSigned(signal) ? pattern : BigInt.asUintN(64, pattern));
  }

  get #lastIndex(): number {
    return this.#last < 0 ? -1 - this.#last : this.#last % this.plan.messages.length;
  }

  /** Bytes of the last frame that stand in the payload's scratch. */
  get #lastBytes(): number {
    const isWhole = this.#last < this.plan.messages.length;
    return isWhole ? neverWhole : Math.floor(this.#last / this.plan.messages.length) - 1;
  }

  /** A frame too short for its message, or of a message too large to generate code for. */
  #decodeOther(index: number, data: Uint8Array, offset: number, bytes: number): void {
    const { messages } = this.plan;
    this.#last = index + messages.length * (bytes + 1);
    if (this.#bytesNeeded[index] === neverWhole) {
      this.#interpreter ??= new Interpreter(this.plan, this.#arrays);
      this.#interpreter.decodeMessage(messages[index], data.subarray(offset, offset + bytes));
    } else {
      this.#payload.load(data, offset, bytes);
      this.#compiled[index].forLength(bytes)();
    }
  }

  #find(id: number, flags: number): number {
    if ((flags & (FrameFlag.remote | FrameFlag.error)) !== 0) return -1;
    return this.#index.indexOf(id, (flags & FrameFlag.extended) !== 0);
  }

  #refreshArrays(): void {
    this.#last = this.#lastIndex;
    this.#compiled[this.#last].forLength(neverWhole)();
  }

  #objectFromArrays(message: PlanMessage): DecodedFrame {
    return { message, signals: readSignals(this, message), status: readStatus(this, message) };
  }

  #compile(message: PlanMessage, coveredBytes: number): GeneratedDecoder {
    const text = generateDecoder(message, coveredBytes);
    const known = this.#decoderByText.get(text);
    if (known !== undefined) return known;
    const { physical, raw, status } = this.#arrays;
    const statusWords = new DataView(status.buffer);
    const given = [physical, raw, status, this.#rawLow, this.#rawHigh, float, this.#payload.view, statusWords];
    const decoder = compileText<GeneratedDecoder>(generatedParameters, text, given);
    this.#decoderByText.set(text, decoder);
    return decoder;
  }

  #compileObject(message: PlanMessage, coveredBytes: number): GeneratedObjectDecoder {
    const text = generateObjectDecoder(message, coveredBytes);
    if (text !== undefined) return compileText(objectParameters, text, [message, this.#payload.view, float, allOk]);
    // Reading the arrays refreshes them.
    return () => this.#objectFromArrays(message);
  }
}

let compiledTexts = 0;

/**
 * Compiles the body of a function that returns another, and calls it with what it is given. Engines keep what they
 * compiled by its text, and would let two decoders share a function, to which its arrays are then no longer
 * constants: a quarter slower. So every text is made to differ.
 */
function compileText<F>(parameters: readonly string[], text: string, given: readonly unknown[]): F {
  return new Function(...parameters, `${text}\n// ${++compiledTexts}`)(...given);
}

/** Turns bits into floats. */
const float = new DataView(new ArrayBuffer(8));
