/** The anti-rollback counter: the highest security counter that was confirmed on this device. It never goes back. */
import { type FlashDevice, RecordStore } from '../flash/index.ts';

export class SecurityCounter {
  readonly #flash: FlashDevice | undefined;
  #opened: RecordStore | undefined;

  /** @param flash where it is kept; without it, it stays 0 */
  constructor(flash: FlashDevice | undefined) {
    this.#flash = flash;
  }

  get value(): number {
    const bytes = this.#records?.value;
    return bytes?.length === 4 ? new DataView(bytes.buffer).getUint32(0, true) : 0;
  }

  /** @returns whether it was lower */
  raiseTo(value: number): boolean {
    if (!this.#records || value <= this.value) return false;
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    this.#records.save(bytes);
    return true;
  }

  /** Read when it is first asked for. */
  get #records(): RecordStore | undefined {
    if (this.#flash) this.#opened ??= new RecordStore(this.#flash);
    return this.#opened;
  }
}
