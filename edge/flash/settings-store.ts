/** Settings by name on flash, saved all at once: after a power cut they are those before, or those after. */
import { MinerError } from '../errors/index.ts';
import { type CborMap, decodeCbor, encodeCbor } from '../pack/index.ts';
import { RecordStore } from './record-store.ts';
import type { FlashDevice } from './types.ts';

export class FlashSettings {
  readonly #records: RecordStore;

  /** @throws {MinerError} FLASH_GEOMETRY for an area of fewer than two sectors */
  constructor(flash: FlashDevice) {
    this.#records = new RecordStore(flash);
  }

  /** What was saved last; empty before that, and when something else than settings was saved there. */
  load(): Map<string, Uint8Array> {
    const bytes = this.#records.value;
    const settings = new Map<string, Uint8Array>();
    for (const [name, value] of bytes ? mapIn(bytes) : []) {
      if (typeof name === 'string' && value instanceof Uint8Array) settings.set(name, value.slice());
    }
    return settings;
  }

  /** @throws {MinerError} FLASH_RECORD_TOO_LARGE; FLASH_IO. The settings before are then kept */
  save(settings: ReadonlyMap<string, Uint8Array>): void {
    this.#records.save(encodeCbor(new Map(settings)));
  }
}

function mapIn(bytes: Uint8Array): CborMap {
  try {
    const value = decodeCbor(bytes);
    return value instanceof Map ? value : new Map();
  } catch (error) {
    if (error instanceof MinerError) return new Map();
    throw error;
  }
}
