/** Both slots as boot loader and image management see them: trailers, and the images that verify. */
import { edgeError, MinerError } from '../errors/index.ts';
import { ImageMagic } from '../firmware/index.ts';
import type { FlashDevice } from '../flash/index.ts';
import { SecurityCounter } from './counter.ts';
import { type Geometry, geometryOf } from './geometry.ts';
import { Trailer } from './trailer.ts';
import type { BootLayout, ImageVerifier, UpdateStrategy, VerifiedImage } from './types.ts';

export interface FoundImage {
  image: VerifiedImage;
  /** From the beginning of its slot, in bytes. */
  offset: number;
}

export class Slots {
  readonly geometry: Geometry;
  readonly strategy: UpdateStrategy;
  readonly primary: FlashDevice;
  readonly secondary: FlashDevice;
  readonly primaryTrailer: Trailer;
  readonly secondaryTrailer: Trailer;
  readonly counter: SecurityCounter;
  readonly #verify: ImageVerifier;

  /** @throws {MinerError} BOOT_LAYOUT, FLASH_GEOMETRY */
  constructor(layout: BootLayout, verify: ImageVerifier) {
    this.geometry = geometryOf(layout);
    this.strategy = layout.strategy ?? 'swap-offset';
    this.primary = layout.primary;
    this.secondary = layout.secondary;
    this.primaryTrailer = new Trailer(layout.primary, this.geometry, 'primary');
    this.secondaryTrailer = new Trailer(layout.secondary, this.geometry, 'secondary');
    this.counter = new SecurityCounter(layout.counter);
    this.#verify = verify;
  }

  /** @throws {MinerError} IMAGE_INVALID, IMAGE_UNVERIFIED */
  requirePrimary(): VerifiedImage {
    return this.#verify(this.primary.read(0, this.geometry.primary.start));
  }

  /**
   * The secondary slot's image: where an upload goes, or else where a swap leaves the old one.
   * @throws {MinerError} IMAGE_INVALID, IMAGE_UNVERIFIED, IMAGE_TOO_LARGE
   */
  requireSecondary(): FoundImage {
    const { uploadOffset } = this.geometry;
    const uploaded = attempt(() => this.#requireAt(uploadOffset));
    if (!(uploaded instanceof MinerError)) return uploaded;
    const old = this.#begins(this.secondary, 0) ? attempt(() => this.#requireAt(0)) : uploaded;
    if (!(old instanceof MinerError)) return old;
    throw uploaded;
  }

  findPrimary(): VerifiedImage | undefined {
    return this.#begins(this.primary, 0) ? unlessRefused(attempt(() => this.requirePrimary())) : undefined;
  }

  findSecondary(): FoundImage | undefined {
    const offsets = [this.geometry.uploadOffset, 0];
    if (!offsets.some((offset) => this.#begins(this.secondary, offset))) return undefined;
    return unlessRefused(attempt(() => this.requireSecondary()));
  }

  /** @throws {MinerError} IMAGE_DOWNGRADE when an image with a higher counter was confirmed on this device */
  requireCounter({ securityCounter }: VerifiedImage): void {
    const expected = this.counter.value;
    if (securityCounter < expected) throw edgeError('IMAGE_DOWNGRADE', { securityCounter, expected });
  }

  #requireAt(offset: number): FoundImage {
    const { imageBytesMax, secondary } = this.geometry;
    const image = this.#verify(this.secondary.read(offset, secondary.start - offset));
    if (image.lengthBytes <= imageBytesMax) return { image, offset };
    throw edgeError('IMAGE_TOO_LARGE', { bytes: image.lengthBytes, bytesMax: imageBytesMax });
  }

  /** Whether an image may begin there: spares reading a slot for nothing. */
  #begins(flash: FlashDevice, offset: number): boolean {
    const head = flash.read(offset, 4);
    return new DataView(head.buffer).getUint32(0, true) === ImageMagic;
  }
}

/** What an action gives, or the error it is refused with. */
export function attempt<Result>(action: () => Result): Result | MinerError {
  try {
    return action();
  } catch (error) {
    if (error instanceof MinerError) return error;
    throw error;
  }
}

function unlessRefused<Result>(result: Result | MinerError): Result | undefined {
  return result instanceof MinerError ? undefined : result;
}
