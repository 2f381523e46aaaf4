/** Image management while the firmware runs: what is in the slots, uploads, and what the next reset does. */
import { edgeError } from '../errors/index.ts';
import { equalBytes, toHex } from '../pack/index.ts';
import { decide, isOnTrial } from './decision.ts';
import { type FoundImage, Slots } from './slots.ts';
import type {
  BootLayout,
  ImageManagement,
  ImageVerifier,
  SlotInfo,
  SlotState,
  UploadRequest,
  VerifiedImage,
} from './types.ts';
import { Upload } from './upload.ts';

/** Images in both slots, as they were last verified; forgotten at every change. */
interface Images {
  primary: VerifiedImage | undefined;
  secondary: FoundImage | undefined;
}

/**
 * The slots of a device whose boot loader is `bootOnce`. Only images that verify are listed.
 * @example
 * const slots = new ImageSlots({ primary, secondary, verify });
 * slots.uploadBegin({ lengthBytes: image.length, sha256 });
 * slots.writeChunk(0, image);
 * slots.setPending(slots.finishUpload().hash, false);
 */
export class ImageSlots implements ImageManagement {
  readonly #slots: Slots;
  #images: Images | undefined;
  #upload: Upload | undefined;

  /** @throws {MinerError} BOOT_LAYOUT, FLASH_GEOMETRY */
  constructor({ verify, ...layout }: BootLayout & { verify: ImageVerifier }) {
    this.#slots = new Slots(layout, verify);
  }

  state(): SlotState[] {
    const { primary, secondary } = this.#found();
    const pending = this.#pending;
    const isTrial = this.#isTrial;
    const states: SlotState[] = [];
    const { counter } = this.#slots;
    const common = ({ version, hash, securityCounter }: VerifiedImage) => ({
      version,
      hash,
      bootable: securityCounter >= counter.value,
    });
    if (primary) {
      const flags = { pending: false, confirmed: !isTrial, active: true, permanent: false };
      states.push({ slot: 0, ...common(primary), ...flags });
    }
    if (secondary) {
      const isPermanent = pending === 'permanent';
      const flags = { pending: pending !== undefined, confirmed: isTrial, active: false, permanent: isPermanent };
      states.push({ slot: 1, ...common(secondary.image), ...flags });
    }
    return states;
  }

  slotInfo(): SlotInfo[] {
    const { primary, secondary, geometry } = this.#slots;
    const { imageBytesMax } = geometry;
    return [
      { slot: 0, sizeBytes: primary.sizeBytes, imageBytesMax },
      { slot: 1, sizeBytes: secondary.sizeBytes, imageBytesMax },
    ];
  }

  erase(slot: 0 | 1): void {
    if (slot === 0) throw edgeError('SLOT_BUSY', { slot, use: 'it runs' });
    this.#requireFree();
    this.#changing();
    this.#upload = undefined;
    const { secondary, secondaryTrailer, geometry } = this.#slots;
    // The trailer first: no journal may tell of what is not there any more.
    secondaryTrailer.erase();
    secondary.erase(0, geometry.secondary.start);
  }

  get uploadOffset(): number | undefined {
    return this.#upload?.offset;
  }

  get uploadLengthBytes(): number | undefined {
    return this.#upload?.lengthBytes;
  }

  uploadBegin(request: UploadRequest): number {
    const { lengthBytes, sha256 } = request;
    const isSame =
      sha256 !== undefined && this.#upload?.sha256 !== undefined && equalBytes(this.#upload.sha256, sha256);
    if (this.#upload && isSame && this.#upload.lengthBytes === lengthBytes) return this.#upload.offset;
    this.#requireFree();
    this.#changing();
    this.#upload = undefined;
    this.#upload = Upload.begin(this.#slots, request);
    return this.#upload.offset;
  }

  writeChunk(offset: number, bytes: Uint8Array): void {
    if (!this.#upload) throw edgeError('UPLOAD_NONE', { offset });
    this.#changing();
    this.#upload.write(offset, bytes);
  }

  finishUpload(): VerifiedImage {
    const upload = this.#upload;
    if (!upload) throw edgeError('UPLOAD_NONE', { offset: 0 });
    this.#changing();
    this.#upload = undefined;
    try {
      upload.requireWhole();
      const { image } = this.#slots.requireSecondary();
      this.#slots.requireCounter(image);
      return image;
    } catch (error) {
      // Else the journal would have the next upload go on with what was refused.
      this.#slots.secondaryTrailer.erase();
      throw error;
    }
  }

  setPending(hash: Uint8Array | undefined, permanent: boolean): void {
    const { primary, secondary } = this.#found();
    if (!hash || (primary && equalBytes(primary.hash, hash))) {
      if (!permanent) throw edgeError('SLOT_BUSY', { slot: 0, use: 'it runs, and needs no trial' });
      this.confirm();
    } else if (secondary && equalBytes(secondary.image.hash, hash)) {
      this.#askFor(secondary, permanent);
    } else {
      throw edgeError('IMAGE_UNKNOWN', { hash: toHex(hash) });
    }
  }

  confirm(): void {
    if (!this.#isTrial) return;
    const { primary } = this.#found();
    this.#slots.primaryTrailer.writeImageOk();
    if (primary) this.#slots.counter.raiseTo(primary.securityCounter);
  }

  #askFor({ image }: FoundImage, permanent: boolean): void {
    const { secondaryTrailer } = this.#slots;
    if (this.#isTrial) throw edgeError('SLOT_BUSY', { slot: 1, use: 'the running image returns to it' });
    this.#slots.requireCounter(image);
    const pending = this.#pending;
    if (pending === undefined) {
      if (!secondaryTrailer.areFieldsErased) secondaryTrailer.erase();
      if (permanent) secondaryTrailer.writeImageOk();
      // Last: from here on it is asked for.
      secondaryTrailer.writeMagic();
    } else if (permanent && pending === 'test') {
      secondaryTrailer.writeImageOk();
    }
  }

  /** @throws {MinerError} SLOT_BUSY while the secondary slot's image is wanted */
  #requireFree(): void {
    if (this.#pending) throw edgeError('SLOT_BUSY', { slot: 1, use: 'it is pending' });
    if (this.#isTrial) throw edgeError('SLOT_BUSY', { slot: 1, use: 'the running image returns to it' });
  }

  get #isTrial(): boolean {
    const { primaryTrailer, strategy } = this.#slots;
    return strategy === 'swap-offset' && isOnTrial(primaryTrailer.read());
  }

  /** What the secondary slot's trailer asks for. */
  get #pending(): 'test' | 'permanent' | undefined {
    const { primaryTrailer, secondaryTrailer } = this.#slots;
    const asked = decide(primaryTrailer.read(), secondaryTrailer.read());
    return asked === 'test' || asked === 'permanent' ? asked : undefined;
  }

  #found(): Images {
    this.#images ??= { primary: this.#slots.findPrimary(), secondary: this.#slots.findSecondary() };
    return this.#images;
  }

  #changing(): void {
    this.#images = undefined;
  }
}
