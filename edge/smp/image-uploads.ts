/**
 * One upload at a time, by whom it was begun: chunks that come late, twice or out of order, and clients that come at
 * once, can make it slower but never wrong.
 */
import type { ImageManagement, VerifiedImage } from '../boot/index.ts';
import { MinerError } from '../errors/index.ts';
import { ImageHeaderLength, ImageMagic, parseImageVersion } from '../firmware/index.ts';
import { equalBytes } from '../pack/index.ts';
import type { Clock } from '../sim/index.ts';
import type { SmpBody } from './cbor-read.ts';
import { imageError } from './image-errors.ts';
import { ImageError, SmpError } from './protocol.ts';
import { refuse } from './refusal.ts';

export interface ImageUploadsOptions {
  images: ImageManagement;
  clock: Pick<Clock, 'nowMs'>;
  /** An upload that nobody went on with for so long may be replaced by another client's. */
  idleMs: number;
  /** Of those that clients give: whichever it is, it is the one image. */
  imageNumberMax: number;
  /** The image is whole and verified. */
  onFinished?: (image: VerifiedImage) => void;
}

interface Upload {
  sha: Uint8Array;
  lengthBytes: number;
  /** Who named this very image: they may all go on with it. */
  peers: Set<string>;
  lastMs: number;
  /** The last byte came, and the image verified. */
  isDone: boolean;
}

type Answer = { off: number; match?: boolean | undefined };

const shaBytesMax = 32;
const peersMax = 8;

export class ImageUploads {
  readonly #options: ImageUploadsOptions;
  #upload: Upload | undefined;

  constructor(options: ImageUploadsOptions) {
    this.#options = options;
  }

  /**
   * Takes one chunk. A wrong offset is no error: the answer says where to go on.
   * @throws {SmpRefusal}; what the images throw
   */
  take(body: SmpBody, peer: string): Answer {
    const off = body.unsigned('off');
    const data = body.bytes('data') ?? new Uint8Array();
    if (off === undefined) throw imageError(ImageError.invalidOffset);
    if (off === 0) return this.#begin(body, data, peer);
    const upload = this.#upload;
    if (!upload?.peers.has(peer)) {
      if (upload !== undefined && this.#isBusy(upload)) throw refuse(SmpError.busy);
      // This client knows of an upload that we forgot, by a reset: it has to say again which image it is.
      return { off: 0 };
    }
    return this.#goOn(upload, off, data);
  }

  /** @throws {SmpRefusal} busy while others are at it */
  giveUp(peer: string): void {
    const upload = this.#upload;
    if (upload !== undefined && !upload.peers.has(peer) && this.#isBusy(upload)) throw refuse(SmpError.busy);
    this.#upload = undefined;
  }

  #begin(body: SmpBody, data: Uint8Array, peer: string): Answer {
    const lengthBytes = body.unsigned('len');
    const sha = body.bytes('sha') ?? new Uint8Array();
    if (data.length < ImageHeaderLength) throw imageError(ImageError.invalidImageHeader);
    if (lengthBytes === undefined) throw imageError(ImageError.invalidLength);
    const header = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (header.getUint32(0, true) !== ImageMagic) throw imageError(ImageError.invalidImageHeaderMagic);
    if (sha.length > shaBytesMax) throw imageError(ImageError.invalidHash);
    if ((body.unsigned('image') ?? 0) > this.#options.imageNumberMax) throw imageError(ImageError.noFreeSlot);
    const upload = this.#upload;
    if (upload !== undefined) {
      if (sha.length > 0 && equalBytes(sha, upload.sha) && lengthBytes === upload.lengthBytes) {
        return this.#join(upload, data, peer);
      }
      if (!upload.peers.has(peer) && this.#isBusy(upload)) throw refuse(SmpError.busy);
    }
    if (body.boolean('upgrade') && !this.#isUpgrade(header)) throw imageError(ImageError.currentVersionIsNewer);
    if (data.length > lengthBytes) throw imageError(ImageError.imageDataOverrun);
    return this.#beginAnew({ sha: sha.slice(), lengthBytes, peers: new Set([peer]), lastMs: 0, isDone: false }, data);
  }

  #beginAnew(upload: Upload, data: Uint8Array): Answer {
    const { images } = this.#options;
    this.#upload = undefined;
    const { sha, lengthBytes } = upload;
    const off = images.uploadBegin(sha.length === shaBytesMax ? { lengthBytes, sha256: sha } : { lengthBytes });
    this.#upload = upload;
    return off === 0 ? this.#goOn(upload, 0, data) : this.#goOn(upload, off, new Uint8Array());
  }

  /** The image that is being uploaded, or that was: nothing of it is written twice. */
  #join(upload: Upload, data: Uint8Array, peer: string): Answer {
    if (upload.peers.size >= peersMax && !upload.peers.has(peer)) throw refuse(SmpError.busy);
    upload.peers.add(peer);
    return this.#goOn(upload, 0, data);
  }

  #goOn(upload: Upload, off: number, data: Uint8Array): Answer {
    const { images, clock } = this.#options;
    upload.lastMs = clock.nowMs();
    // Its answer was lost: the client asks for the last chunk again.
    if (upload.isDone) return doneAnswer(upload);
    const expected = images.uploadOffset;
    if (expected === undefined) {
      // Erased, or replaced, past this server.
      this.#upload = undefined;
      return { off: 0 };
    }
    if (off !== expected) return { off: expected };
    if (off + data.length > upload.lengthBytes) throw imageError(ImageError.imageDataOverrun);
    if (data.length > 0) images.writeChunk(off, data);
    const reached = images.uploadOffset ?? off;
    return reached === upload.lengthBytes ? this.#finish(upload) : { off: reached };
  }

  #finish(upload: Upload): Answer {
    const { images, onFinished } = this.#options;
    try {
      const image = images.finishUpload();
      upload.isDone = true;
      onFinished?.(image);
    } catch (problem) {
      // Whatever the reason, this upload is over, and nobody resumes it.
      this.#upload = undefined;
      if (!(problem instanceof MinerError) || problem.code !== 'UPLOAD_HASH') throw problem;
      return { off: upload.lengthBytes, match: false };
    }
    return doneAnswer(upload);
  }

  #isBusy(upload: Upload): boolean {
    return !upload.isDone && this.#options.clock.nowMs() - upload.lastMs < this.#options.idleMs;
  }

  /** Whether the uploaded image's version is above that of the one that runs. */
  #isUpgrade(header: DataView): boolean {
    const active = this.#options.images.state().find((state) => state.active);
    if (active === undefined) return true;
    const { major, minor, revision, build } = parseImageVersion(active.version);
    const running = [major, minor, revision, build];
    const offered = [header.getUint8(20), header.getUint8(21), header.getUint16(22, true), header.getUint32(24, true)];
    const at = offered.findIndex((part, i) => part !== running[i]);
    return at >= 0 && offered[at] > running[at];
  }
}

/** Only a whole hash can be said to match. */
function doneAnswer({ sha, lengthBytes }: Upload): Answer {
  return { off: lengthBytes, match: sha.length === shaBytesMax ? true : undefined };
}
