/** Puts WebAssembly bytes together: integers in LEB128, one method per kind of operand. */
import {
  blockVoid,
  type Opcode,
  opcode,
  type ValueType,
  type VectorOpcode,
  valueType,
  vectorOpcode,
  vectorPrefix,
} from './opcodes.ts';

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

/** A growing run of bytes. */
export class Bytes {
  #bytes = new Uint8Array(64);
  #length = 0;

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  append(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Unsigned LEB128, to 2^53. */
  u(value: number): this {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 0x80);
    return this.byte(rest);
  }

  /** Signed LEB128. */
  s(value: bigint): this {
    let rest = value;
    for (; rest < -64n || rest > 63n; rest >>= 7n) this.byte(Number(rest & 127n) | 0x80);
    return this.byte(Number(rest & 127n));
  }

  f64(value: number): this {
    scratch.setFloat64(0, value, true);
    return this.append(scratchBytes);
  }

  u32(value: number): this {
    return this.byte(value)
      .byte(value >>> 8)
      .byte(value >>> 16)
      .byte(value >>> 24);
  }

  /** Length in bytes, then the bytes: how sections, function bodies and names are written. */
  sized(bytes: Uint8Array): this {
    return this.u(bytes.length).append(bytes);
  }

  get length(): number {
    return this.#length;
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** One function body: instructions and the locals they ask for. Local indices count the parameters first. */
export class FunctionBody {
  readonly #code = new Bytes();
  readonly #parameterCount: number;
  readonly #locals: ValueType[] = [];

  constructor(parameterCount: number) {
    this.#parameterCount = parameterCount;
  }

  /** @returns the index of a new local, zero at the start */
  local(type: ValueType): number {
    return this.#parameterCount + this.#locals.push(type) - 1;
  }

  /** Instructions without operands, in the order given. */
  do(...names: Opcode[]): this {
    for (const name of names) this.#code.byte(opcode[name]);
    return this;
  }

  get(local: number): this {
    this.#code.byte(opcode['local.get']).u(local);
    return this;
  }

  set(local: number): this {
    this.#code.byte(opcode['local.set']).u(local);
    return this;
  }

  tee(local: number): this {
    this.#code.byte(opcode['local.tee']).u(local);
    return this;
  }

  i32(value: number): this {
    this.#code.byte(opcode['i32.const']).s(BigInt(value | 0));
    return this;
  }

  /** Values from 2^63 up are taken for the same bits. */
  i64(value: bigint): this {
    this.#code.byte(opcode['i64.const']).s(BigInt.asIntN(64, value));
    return this;
  }

  f64(value: number): this {
    this.#code.byte(opcode['f64.const']).f64(value);
    return this;
  }

  /** A load or store at a constant offset from the address on the stack; any alignment. */
  memory(name: Opcode, offset: number): this {
    this.#code.byte(opcode[name]).u(0).u(offset);
    return this;
  }

  /** Vector instructions without operands, in the order given. */
  vector(...names: VectorOpcode[]): this {
    for (const name of names) this.#code.byte(vectorPrefix).u(vectorOpcode[name]);
    return this;
  }

  /** A vector load or store at a constant offset from the address on the stack; any alignment. */
  vectorMemory(name: VectorOpcode, offset: number): this {
    this.#code.byte(vectorPrefix).u(vectorOpcode[name]).u(0).u(offset);
    return this;
  }

  /** A load or store of one lane of the vector on the stack. */
  lane(name: 'v128.load64_lane' | 'v128.store64_lane', lane: number): this {
    this.vectorMemory(name, 0);
    this.#code.byte(lane);
    return this;
  }

  /** Puts together 16 bytes of the two vectors on the stack, by their positions 0 to 31. */
  shuffle(positions: readonly number[]): this {
    this.vector('i8x16.shuffle');
    for (const position of positions) this.#code.byte(position);
    return this;
  }

  call(functionIndex: number): this {
    this.#code.byte(opcode.call).u(functionIndex);
    return this;
  }

  callIndirect(typeIndex: number): this {
    this.#code.byte(opcode.call_indirect).u(typeIndex).u(0);
    return this;
  }

  branch(name: 'br' | 'br_if', depth: number): this {
    this.#code.byte(opcode[name]).u(depth);
    return this;
  }

  /** Opens a block, loop or if without a result; close it with `do('end')`. */
  open(name: 'block' | 'loop' | 'if'): this {
    this.#code.byte(opcode[name]).byte(blockVoid);
    return this;
  }

  done(): Uint8Array {
    const runs = new Bytes();
    let runCount = 0;
    for (let i = 0; i < this.#locals.length; ) {
      const type = this.#locals[i];
      let end = i;
      while (this.#locals[end] === type) end++;
      runs.u(end - i).byte(valueType[type]);
      runCount++;
      i = end;
    }
    return new Bytes().u(runCount).append(runs.done()).append(this.#code.done()).byte(opcode.end).done();
  }
}
