/** An upload into the secondary slot: any chunks in, whole units to flash. */
import { sha256 as sha256Hasher } from '@noble/hashes/sha2.js';
import { edgeError } from '../errors/index.ts';
import { isErased, padded } from '../flash/index.ts';
import { equalBytes } from '../pack/index.ts';
import { UploadJournal } from './journal.ts';
import type { Slots } from './slots.ts';
import type { UploadRequest } from './types.ts';

const hashBytes = 32;

export class Upload {
  readonly lengthBytes: number;
  readonly sha256: Uint8Array | undefined;
  readonly #slots: Slots;
  readonly #journal: UploadJournal | undefined;
  /** The unit that is being filled. */
  readonly #unit: Uint8Array;
  #unitsDone: number;
  #unitLength = 0;

  private constructor(slots: Slots, request: UploadRequest, journal: UploadJournal | undefined, unitsDone: number) {
    this.lengthBytes = request.lengthBytes;
    this.sha256 = request.sha256;
    this.#slots = slots;
    this.#journal = journal;
    this.#unit = new Uint8Array(slots.geometry.unitBytes);
    this.#unitsDone = unitsDone;
  }

  /**
   * Goes on with the upload that the journal tells of when it is this one, else begins anew.
   * @throws {MinerError} IMAGE_TOO_LARGE, UPLOAD_HASH
   */
  static begin(slots: Slots, request: UploadRequest): Upload {
    const { lengthBytes, sha256 } = request;
    const { imageBytesMax, unitBytes } = slots.geometry;
    if (lengthBytes > imageBytesMax)
      throw edgeError('IMAGE_TOO_LARGE', { bytes: lengthBytes, bytesMax: imageBytesMax });
    if (sha256 && sha256.length !== hashBytes) refuse(`a SHA-256 of ${sha256.length} bytes was announced`);
    const journal = new UploadJournal(slots.secondary, slots.geometry);
    const begun = journal.read();
    if (begun && sha256 && begun.lengthBytes === lengthBytes && equalBytes(begun.sha256, sha256)) {
      return new Upload(slots, request, journal, journal.unitsDone(Math.ceil(lengthBytes / unitBytes)));
    }
    slots.secondaryTrailer.erase();
    // What a swap left there would else be taken for the slot's image until this one is whole.
    slots.secondary.erase(0, unitBytes);
    if (!sha256) return new Upload(slots, request, undefined, 0);
    journal.begin({ lengthBytes, sha256 });
    return new Upload(slots, request, journal, 0);
  }

  /** The byte that is expected next. */
  get offset(): number {
    return Math.min(this.lengthBytes, this.#unitsDone * this.#unit.length + this.#unitLength);
  }

  /** @throws {MinerError} UPLOAD_OFFSET */
  write(offset: number, bytes: Uint8Array): void {
    const { lengthBytes } = this;
    if (offset !== this.offset || offset + bytes.length > lengthBytes) {
      throw edgeError('UPLOAD_OFFSET', { offset, bytes: bytes.length, expected: this.offset, lengthBytes });
    }
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(bytes.length - at, this.#unit.length - this.#unitLength);
      this.#unit.set(bytes.subarray(at, at + count), this.#unitLength);
      this.#unitLength += count;
      at += count;
      if (this.#unitLength === this.#unit.length || this.offset === lengthBytes) this.#flush();
    }
  }

  /** @throws {MinerError} UPLOAD_HASH */
  requireWhole(): void {
    const { offset, lengthBytes, sha256 } = this;
    if (offset < lengthBytes) refuse(`${offset} of ${lengthBytes} bytes came`);
    if (!sha256) return;
    const { secondary, geometry } = this.#slots;
    const digest = sha256Hasher(secondary.read(geometry.uploadOffset, lengthBytes));
    if (!equalBytes(digest, sha256)) refuse('its SHA-256 is another one');
  }

  #flush(): void {
    const { secondary, geometry } = this.#slots;
    const at = geometry.uploadOffset + this.#unitsDone * this.#unit.length;
    const isDirty = !isErased(secondary, secondary.read(at, this.#unit.length));
    if (isDirty) secondary.erase(at, this.#unit.length);
    secondary.write(at, padded(secondary, this.#unit.subarray(0, this.#unitLength)));
    this.#unitsDone++;
    this.#unitLength = 0;
    this.#journal?.noteUnit(this.#unitsDone);
  }
}

function refuse(problem: string): never {
  throw edgeError('UPLOAD_HASH', { problem });
}
