/**
 * What an upload leaves in the secondary slot's trailer, so that it goes on after a power cut: which upload it is, and
 * how far it came. "DMUP", length u32, SHA-256, CRC-32C u32 over all before it; then one word for every so many units.
 * It lies where the primary slot's trailer has its status, and goes with the trailer.
 */
import { alignUp, type FlashDevice, isErased, padded } from '../flash/index.ts';
import { crc32c } from '../store/index.ts';
import { type Geometry, journalHeadBytes } from './geometry.ts';

const magic = 0x50554d44; // "DMUP"
const crcOffset = journalHeadBytes - 4;
const doneMark = 0x01;

export interface JournaledUpload {
  lengthBytes: number;
  sha256: Uint8Array;
}

export class UploadJournal {
  readonly #flash: FlashDevice;
  readonly #start: number;
  readonly #wordBytes: number;
  readonly #marksMax: number;
  /** Units that one mark stands for: there may be room for fewer marks than units. */
  readonly unitsPerMark: number;

  constructor(flash: FlashDevice, geometry: Geometry) {
    const { start, swapSize } = geometry.secondary;
    this.#flash = flash;
    this.#start = start;
    this.#wordBytes = flash.writeAlignBytes;
    this.#marksMax = Math.floor((swapSize - this.#marksStart) / this.#wordBytes);
    this.unitsPerMark = Math.ceil(geometry.imageUnitsMax / this.#marksMax);
  }

  /** The upload that was begun, undefined when none was, or when its trailer was about to be erased. */
  read(): JournaledUpload | undefined {
    const bytes = this.#flash.read(this.#start, journalHeadBytes);
    const view = new DataView(bytes.buffer);
    if (view.getUint32(0, true) !== magic) return undefined;
    if (view.getUint32(crcOffset, true) !== crc32c(bytes, 0, crcOffset)) return undefined;
    if (!this.#isRestErased) return undefined;
    return { lengthBytes: view.getUint32(4, true), sha256: bytes.slice(8, crcOffset) };
  }

  /** Into an erased trailer. */
  begin({ lengthBytes, sha256 }: JournaledUpload): void {
    const bytes = new Uint8Array(journalHeadBytes);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, magic, true);
    view.setUint32(4, lengthBytes, true);
    bytes.set(sha256, 8);
    view.setUint32(crcOffset, crc32c(bytes, 0, crcOffset), true);
    this.#flash.write(this.#start, padded(this.#flash, bytes));
  }

  /** Units that are in flash for certain, of `units`; a torn mark was written after them. */
  unitsDone(units: number): number {
    return Math.min(units, this.#marks * this.unitsPerMark);
  }

  /** Tells of one more unit in flash. */
  noteUnit(unitsDone: number): void {
    if (unitsDone % this.unitsPerMark !== 0) return;
    const offset = this.#markOffset(unitsDone / this.unitsPerMark - 1);
    this.#flash.write(offset, padded(this.#flash, Uint8Array.of(doneMark)));
  }

  get #marksStart(): number {
    return this.#start + alignUp(journalHeadBytes, this.#wordBytes);
  }

  #markOffset(index: number): number {
    return this.#marksStart + index * this.#wordBytes;
  }

  get #marks(): number {
    let marks = 0;
    while (
      marks < this.#marksMax &&
      !isErased(this.#flash, this.#flash.read(this.#markOffset(marks), this.#wordBytes))
    ) {
      marks++;
    }
    return marks;
  }

  get #isRestErased(): boolean {
    const from = this.#markOffset(this.#marks);
    return isErased(this.#flash, this.#flash.read(from, this.#markOffset(this.#marksMax) - from));
  }
}
