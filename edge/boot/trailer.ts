/** A slot's trailer: what boot loader and firmware tell each other across a reset. */
import { BootFlagSet, BootMagic, BootMagicAligned } from '../firmware/index.ts';
import { alignDown, type FlashDevice, isErased, padded } from '../flash/index.ts';
import { type Geometry, magicBytes, statesPerUnit, type TrailerPlace } from './geometry.ts';

/** `bad`: written, but not whole. */
export type Flag = 'unset' | 'set' | 'bad';

export interface TrailerState {
  magic: 'good' | 'unset' | 'bad';
  imageOk: Flag;
  copyDone: Flag;
}

/** What is asked of a swap, as MCUboot numbers it in swap_info. */
export const SwapType = { test: 2, permanent: 3, revert: 4 } as const;

const usualFieldBytes = 8;

/** Where fields are further apart than 8 bytes, the magic's first two bytes say how far. */
export function magicOf(fieldBytes: number): Uint8Array {
  return fieldBytes === usualFieldBytes ? BootMagic : Uint8Array.of(fieldBytes, 0, ...BootMagicAligned);
}

export class Trailer {
  readonly place: TrailerPlace;
  readonly #flash: FlashDevice;
  readonly #geometry: Geometry;
  readonly #magic: Uint8Array;

  constructor(flash: FlashDevice, geometry: Geometry, slot: 'primary' | 'secondary') {
    this.#flash = flash;
    this.#geometry = geometry;
    this.place = geometry[slot];
    this.#magic = magicOf(geometry.fieldBytes);
  }

  read(): TrailerState {
    const { imageOk, copyDone } = this.place;
    return { magic: this.#readMagic(), imageOk: this.#readFlag(imageOk), copyDone: this.#readFlag(copyDone) };
  }

  /** Whether all fields can be written. */
  get areFieldsErased(): boolean {
    const { swapSize } = this.place;
    return isErased(this.#flash, this.#flash.read(swapSize, this.#flash.sizeBytes - swapSize));
  }

  /** All of it, with every unit that it touches. */
  erase(): void {
    this.#flash.erase(this.place.start, this.#flash.sizeBytes - this.place.start);
  }

  writeMagic(): void {
    // Where words are longer than the magic, its first half is erased bytes.
    const start = alignDown(this.place.magic, this.#flash.writeAlignBytes);
    const bytes = new Uint8Array(this.#flash.sizeBytes - start).fill(this.#flash.erasedByte);
    bytes.set(this.#magic, bytes.length - magicBytes);
    this.#flash.write(start, bytes);
  }

  writeImageOk(): void {
    this.#writeOnce(this.place.imageOk, Uint8Array.of(BootFlagSet));
  }

  writeCopyDone(): void {
    this.#writeOnce(this.place.copyDone, Uint8Array.of(BootFlagSet));
  }

  readField(offset: number): Uint8Array {
    return this.#flash.read(offset, this.#geometry.fieldBytes);
  }

  /** In one write, as far as words reach. */
  writeField(offset: number, bytes: Uint8Array): void {
    this.#flash.write(offset, padded(this.#flash, bytes));
  }

  /** How many of the swap's steps are done: entries are written in order, and a torn one was written after its step. */
  readStatus(units: number): number {
    const { entryBytes } = this.#geometry;
    const entries = units * statesPerUnit;
    const bytes = this.#flash.read(this.place.status, entries * entryBytes);
    let done = 0;
    while (done < entries && !isErased(this.#flash, bytes.subarray(done * entryBytes, (done + 1) * entryBytes))) done++;
    return done;
  }

  /** @param step counts from 0 */
  writeStatus(step: number): void {
    const { entryBytes } = this.#geometry;
    const state = (step % statesPerUnit) + 1;
    this.#flash.write(this.place.status + step * entryBytes, padded(this.#flash, Uint8Array.of(state), entryBytes));
  }

  /** A flag that was torn before counts as set, and its word cannot be written again. */
  #writeOnce(offset: number, bytes: Uint8Array): void {
    if (this.#readFlag(offset) === 'unset') this.writeField(offset, bytes);
  }

  #readMagic(): TrailerState['magic'] {
    const bytes = this.#flash.read(this.place.magic, magicBytes);
    if (isErased(this.#flash, bytes)) return 'unset';
    return bytes.every((byte, i) => byte === this.#magic[i]) ? 'good' : 'bad';
  }

  #readFlag(offset: number): Flag {
    const bytes = this.readField(offset);
    if (isErased(this.#flash, bytes)) return 'unset';
    return bytes[0] === BootFlagSet ? 'set' : 'bad';
  }
}
