/** Flash in memory that loses power in the middle of an operation, as badly as data sheets allow. */
import { SeededRandom } from '../sim/index.ts';
import { type FlashGeometry, NorFlash } from './nor-flash.ts';
import { PowerSupply } from './power-supply.ts';

/**
 * The model of a cut within a write: any number of its words are written, the next one may be torn (any part of its
 * bits, or anything at all). Within an erase: each byte of the sector is erased, old or anything at all; also in
 * order from either end, as charge pumps leave it. What is written or erased otherwise stays so.
 */
export class MemoryFlash extends NorFlash {
  readonly power: PowerSupply;
  readonly #random: SeededRandom;

  /** @param options.random decides what a cut leaves behind */
  constructor(geometry: FlashGeometry, options: { power?: PowerSupply; random?: SeededRandom } = {}) {
    super(geometry);
    this.power = options.power ?? new PowerSupply();
    this.#random = options.random ?? new SeededRandom(1);
  }

  override read(offset: number, length: number): Uint8Array {
    this.power.require('read');
    return super.read(offset, length);
  }

  protected program(offset: number, bytes: Uint8Array): void {
    this.power.run(
      `write ${bytes.length} bytes at ${offset}`,
      () => this.cells.set(bytes, offset),
      () => this.#tearWrite(offset, bytes),
    );
  }

  protected eraseSectors(offset: number, length: number): void {
    for (let at = offset; at < offset + length; at += this.sectorBytes) {
      this.power.run(
        `erase at ${at}`,
        () => this.cells.fill(this.erasedByte, at, at + this.sectorBytes),
        () => this.#tearErase(at),
      );
    }
  }

  /** For an onlooker, with or without power: whether just these bytes lie there. */
  holds(offset: number, bytes: Uint8Array): boolean {
    const { cells } = this;
    if (offset + bytes.length > cells.length) return false;
    for (let i = 0; i < bytes.length; i++) if (cells[offset + i] !== bytes[i]) return false;
    return true;
  }

  /** As a programmer writes it, whatever is there; no operation. */
  load(offset: number, bytes: Uint8Array): void {
    this.cells.set(bytes, offset);
  }

  #tearWrite(offset: number, bytes: Uint8Array): void {
    const random = this.#random;
    const word = this.writeAlignBytes;
    const whole = random.below(bytes.length / word + 1) * word;
    this.cells.set(bytes.subarray(0, whole), offset);
    if (whole === bytes.length || random.chance(1, 3)) return;
    const isAnything = random.chance(1, 3);
    for (let i = whole; i < whole + word; i++) {
      const changed = isAnything ? (random.chance(1, 3) ? 0 : 0xff) : this.erasedByte ^ bytes[i];
      this.cells[offset + i] = this.erasedByte ^ (changed & random.below(256));
    }
  }

  #tearErase(offset: number): void {
    const random = this.#random;
    const cells = this.cells.subarray(offset, offset + this.sectorBytes);
    if (random.chance(1, 2)) this.#eraseFromOneEnd(cells);
    else this.#eraseHereAndThere(cells);
  }

  #eraseFromOneEnd(cells: Uint8Array): void {
    const random = this.#random;
    // Where a sector is mostly erased most places leave the same: those between what is written count as much.
    const edges = random.chance(1, 2) ? this.#edgesOf(cells) : [];
    const at = edges.length > 0 ? random.pick(edges) : random.below(cells.length + 1);
    const isFromStart = random.chance(1, 2);
    cells.fill(this.erasedByte, isFromStart ? 0 : at, isFromStart ? at : cells.length);
    if (at < cells.length && random.chance(1, 2)) cells[at] = random.below(256);
  }

  /** Where written bytes begin or end. */
  #edgesOf(cells: Uint8Array): number[] {
    const edges: number[] = [];
    for (let i = 1; i < cells.length; i++) {
      if ((cells[i] === this.erasedByte) !== (cells[i - 1] === this.erasedByte)) edges.push(i);
    }
    return edges;
  }

  #eraseHereAndThere(cells: Uint8Array): void {
    const random = this.#random;
    const oldShare = random.below(257);
    const anythingShare = random.chance(1, 2) ? 0 : random.below(257);
    for (let i = 0; i < cells.length; i++) {
      const draw = random.nextUint32();
      if ((draw & 255) < oldShare) continue;
      cells[i] = ((draw >>> 8) & 255) < anythingShare ? draw >>> 24 : this.erasedByte;
    }
  }
}
