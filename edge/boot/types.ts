/** What boot loader, image management and their callers tell each other. */
import type { FlashDevice } from '../flash/index.ts';

/** How an update gets into the primary slot: with the image that was there kept, or not. */
export type UpdateStrategy = 'swap-offset' | 'overwrite-only';

/** Where things lie. The areas must not overlap; primary and secondary may differ in size and sectors. */
export interface BootLayout {
  primary: FlashDevice;
  secondary: FlashDevice;
  /** Two or more sectors for the anti-rollback counter; without it downgrades are not refused. */
  counter?: FlashDevice;
  /** swap-offset unless told. */
  strategy?: UpdateStrategy;
}

/** An image whose hash and signature hold. */
export interface VerifiedImage {
  /** As imgtool writes it: 1.2.3+4. */
  version: string;
  /** SHA-256 of what is signed, 32 bytes: by which chain and packs name it. */
  hash: Uint8Array;
  /** Header to the last tag-length-value. */
  lengthBytes: number;
  /** 0 when the image carries none. */
  securityCounter: number;
}

/**
 * Says whether an image may run.
 * @param bytes the image and whatever follows it in its slot
 * @throws {MinerError} IMAGE_INVALID, IMAGE_UNVERIFIED
 */
export type ImageVerifier = (bytes: Uint8Array) => VerifiedImage;

/** What the trailers ask of the boot loader. */
export type SwapRequest = 'none' | 'test' | 'permanent' | 'revert';

/** What became of it; `failed`: the image that was asked for does not verify, and was erased. */
export type SwapResult = SwapRequest | 'failed';

export interface BootOutcome {
  booted: 'primary';
  image: VerifiedImage;
  swap: SwapResult;
  /** Whether the image runs on trial: unless it is confirmed, the next reset reverts it. */
  isTrial: boolean;
  events: BootEvent[];
}

/** What the boot loader did, in order; a console prints them. */
export type BootEvent =
  | { event: 'resume'; request: SwapRequest; unit: number; units: number }
  | { event: 'begin'; request: SwapRequest; units: number }
  | { event: 'done'; request: SwapRequest }
  | { event: 'refused'; request: SwapRequest; reason: string }
  | { event: 'counter'; securityCounter: number }
  | { event: 'boot'; version: string; hash: Uint8Array; isTrial: boolean };

/** One entry of mcumgr's image state, with its flags. */
export interface SlotState {
  /** 0 primary, 1 secondary. */
  slot: 0 | 1;
  version: string;
  hash: Uint8Array;
  bootable: boolean;
  /** It runs after the next reset. */
  pending: boolean;
  /** It runs, for all one knows, for good: no trial, and the one that a trial returns to. */
  confirmed: boolean;
  /** It runs now. */
  active: boolean;
  /** Pending without a trial. */
  permanent: boolean;
}

export interface SlotInfo {
  slot: 0 | 1;
  sizeBytes: number;
  /** The largest image that can be uploaded. */
  imageBytesMax: number;
}

export interface UploadRequest {
  lengthBytes: number;
  /** Of all that is uploaded, 32 bytes; without it nothing can be resumed after a reset. */
  sha256?: Uint8Array;
}

/** What image management can do with the slots: `ImageSlots`, or another device's. */
export interface ImageManagement {
  /** One entry for each slot that holds an image, primary first. */
  state(): SlotState[];
  slotInfo(): SlotInfo[];
  /** @throws {MinerError} SLOT_BUSY while it runs, is pending, or is what a trial returns to */
  erase(slot: 0 | 1): void;
  /**
   * Begins an upload into the secondary slot, or goes on with one of the same SHA-256.
   * @returns the offset of the byte that is expected next
   * @throws {MinerError} SLOT_BUSY; IMAGE_TOO_LARGE; UPLOAD_HASH when the announced one is none
   */
  uploadBegin(request: UploadRequest): number;
  /** The byte that is expected next; undefined when no upload was begun. */
  readonly uploadOffset: number | undefined;
  /** Bytes of the upload that is under way. */
  readonly uploadLengthBytes: number | undefined;
  /** @throws {MinerError} UPLOAD_OFFSET when `offset` is not the one expected, or passes the announced length */
  writeChunk(offset: number, bytes: Uint8Array): void;
  /**
   * Ends the upload.
   * @throws {MinerError} UPLOAD_HASH when what lies in flash is not what was announced; IMAGE_INVALID,
   * IMAGE_UNVERIFIED, IMAGE_DOWNGRADE. The slot is then not bootable, and the running image untouched
   */
  finishUpload(): VerifiedImage;
  /**
   * Asks for the image with that hash: on trial, or for good. Without a hash, or with that of the running image, a
   * permanent request confirms it.
   * @throws {MinerError} IMAGE_UNKNOWN when no slot holds it; SLOT_BUSY; IMAGE_UNVERIFIED; IMAGE_DOWNGRADE
   */
  setPending(hash: Uint8Array | undefined, permanent: boolean): void;
  /** Makes the running image the one to stay. Nothing happens when it is already. */
  confirm(): void;
}
