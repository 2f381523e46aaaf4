/** Brings an image into a device: several requests under way, what was lost is sent again, what is there is not. */
import { sha256 } from '@noble/hashes/sha2.js';
import { edgeError } from '../../errors/index.ts';
import { type CborMap, cborMap } from '../../pack/index.ts';
import type { SmpBody } from '../cbor-read.ts';
import { ImageCommand, SmpGroup, SmpOp } from '../protocol.ts';
import { answerError, type PendingAnswer, SmpClient } from './client.ts';
import { fieldsOf, needed } from './commands.ts';

export interface UploadOptions {
  /** The file, whole. */
  image: Uint8Array;
  /** Of devices with several images; left out of the request where it is 0, as older devices do not know it. */
  imageNumber?: number;
  /** Longest message that the device takes, header included. */
  messageBytesMax: number;
  /** Requests under way at once; 1 unless told. */
  window?: number;
  /** Asks the device to refuse what is not newer than what it runs. */
  upgradeOnly?: boolean;
  /** Called whenever the device has more of it than before. */
  onProgress?: (progress: UploadProgress) => void;
  /**
   * Whether the device has the whole image: asked when it has forgotten the upload just as the last answer was lost,
   * for then it may be finished. Not asked when left out.
   */
  isComplete?: () => Promise<boolean>;
}

export interface UploadProgress {
  /** What the device has. */
  offsetBytes: number;
  lengthBytes: number;
}

export interface UploadOutcome {
  /** What the device had before the first byte was sent. */
  resumedAtBytes: number;
  /** Image bytes that were sent, those included that were sent again. */
  sentBytes: number;
  /** Times that the device expected another byte than the next. */
  rewinds: number;
  /** Whether the device says that its flash holds what was sent; undefined where it does not tell. */
  isMatch: boolean | undefined;
}

/** What errors call it. */
const requestName = 'image upload';
/** The flash of a device takes words of so many bytes at most; a chunk that ends between two would be torn. */
const chunkAlignBytes = 32;
const chunkBytesMin = chunkAlignBytes;
/** The first request may wait for a whole slot to be erased: 1, 2, 4, ... 32 seconds. */
const beginAttempts = 6;
/** Rewinds without a new byte after which the upload is given up. */
const rewindsMax = 8;
/** Beginnings after the first: the device was reset, or another client took the upload over. */
const restartsMax = 8;

/**
 * Uploads an image, or goes on where an earlier upload of the same image was cut. Where messages overtake each other, the
 * first request may come again when all is over, and a device that has forgotten it begins anew: who asks for the image
 * by its hash afterwards is told that it is not there.
 * @throws {MinerError} SMP_REFUSED with the device's reason; SMP_UPLOAD_STUCK; SMP_UPLOAD_HASH when the device says that
 * its flash holds something else; SMP_TOO_SMALL when not even a small chunk fits into its buffers; SMP_NO_ANSWER
 * @see Zephyr, "MCUmgr image management group", "Image upload"
 */
export async function uploadImage(client: SmpClient, options: UploadOptions): Promise<UploadOutcome> {
  const upload = new Upload(client, options);
  try {
    return await upload.run();
  } finally {
    upload.abandonAll();
  }
}

/** One request under way. */
interface Chunk {
  start: number;
  end: number;
  pending: PendingAnswer;
}

/** What came of the chunks that were under way. */
type Turn = 'complete' | 'forgotten';

class Upload {
  readonly #client: SmpClient;
  readonly #options: UploadOptions;
  readonly #sha: Uint8Array;
  readonly #chunkBytes: number;
  readonly #underWay = new Set<Chunk>();
  readonly #outcome: UploadOutcome = { resumedAtBytes: 0, sentBytes: 0, rewinds: 0, isMatch: undefined };
  /** The next byte to be sent. */
  #next = 0;
  /** The most that the device ever had. */
  #most = 0;
  #rewindsInVain = 0;
  #isLastSent = false;

  constructor(client: SmpClient, options: UploadOptions) {
    this.#client = client;
    this.#options = options;
    this.#sha = sha256(options.image);
    this.#chunkBytes = this.#room(options.image.length, false);
  }

  async run(): Promise<UploadOutcome> {
    const { image, isComplete } = this.#options;
    for (let restarts = 0; restarts <= restartsMax; restarts++) {
      const at = await this.#begin();
      if (restarts === 0) this.#outcome.resumedAtBytes = at.isResumed ? at.offset : 0;
      if (at.offset === 0) continue;
      if (at.offset === image.length || (await this.#sendRest()) === 'complete') return this.#finished();
      if (this.#isLastSent && (await isComplete?.())) return this.#finished();
    }
    throw this.#stuck(0);
  }

  abandonAll(): void {
    for (const { pending } of this.#underWay) pending.abandon();
    this.#underWay.clear();
  }

  #finished(): UploadOutcome {
    this.#advance(this.#options.image.length);
    if (this.#outcome.isMatch === false) throw edgeError('SMP_UPLOAD_HASH', { device: this.#client.name });
    return this.#outcome;
  }

  /** The first request carries what the others belong to, so it goes alone. */
  async #begin(): Promise<{ offset: number; isResumed: boolean }> {
    const end = Math.min(this.#options.image.length, this.#room(0, true));
    this.#outcome.sentBytes += end;
    const { answer } = this.#ask(0, end, beginAttempts);
    const offset = this.#offsetOf(await answer);
    this.#next = offset;
    this.#advance(offset);
    return { offset, isResumed: offset > end };
  }

  #sendRest(): Promise<Turn> {
    return new Promise((resolve, reject) => {
      const pump = () => {
        const { image, window = 1 } = this.#options;
        while (this.#underWay.size < window && this.#next < image.length) this.#sendChunk(take, reject);
      };
      const take = (chunk: Chunk, body: SmpBody) => {
        try {
          const turn = this.#takeAnswer(chunk, this.#offsetOf(body));
          if (turn === undefined) pump();
          else resolve(turn);
        } catch (problem) {
          reject(problem);
        }
      };
      pump();
    });
  }

  #sendChunk(take: (chunk: Chunk, body: SmpBody) => void, fail: (problem: unknown) => void): void {
    const { image } = this.#options;
    const start = this.#next;
    const end = Math.min(image.length, start + this.#chunkBytes);
    this.#next = end;
    if (end === image.length) this.#isLastSent = true;
    this.#outcome.sentBytes += end - start;
    const chunk: Chunk = { start, end, pending: this.#ask(start, end) };
    this.#underWay.add(chunk);
    chunk.pending.answer.then((body) => this.#underWay.delete(chunk) && take(chunk, body), fail);
  }

  /** @param offset the byte that the device expects next: it says so whatever it was sent */
  #takeAnswer({ start, end }: Chunk, offset: number): Turn | undefined {
    const { image } = this.#options;
    if (offset === image.length) return 'complete';
    if (offset === 0 && start > 0) {
      this.abandonAll();
      return 'forgotten';
    }
    if (offset < end) {
      // Something before was lost, or came after this: back to there. What is still under way is in vain.
      this.abandonAll();
      this.#outcome.rewinds++;
      if (offset <= this.#most && ++this.#rewindsInVain > rewindsMax) throw this.#stuck(offset);
      this.#next = offset;
    } else {
      this.#forgetBefore(offset);
      this.#next = Math.max(this.#next, offset);
    }
    this.#advance(offset);
    return undefined;
  }

  /** Whose data the device has, though their answers were lost. */
  #forgetBefore(offset: number): void {
    for (const chunk of this.#underWay) {
      if (chunk.end > offset) continue;
      chunk.pending.abandon();
      this.#underWay.delete(chunk);
    }
  }

  #advance(offset: number): void {
    if (offset <= this.#most) return;
    this.#most = offset;
    this.#rewindsInVain = 0;
    this.#options.onProgress?.({ offsetBytes: offset, lengthBytes: this.#options.image.length });
  }

  #ask(start: number, end: number, attempts?: number): PendingAnswer {
    const body = this.#body(start, this.#options.image.subarray(start, end));
    return this.#client.begin({
      op: SmpOp.write,
      group: SmpGroup.image,
      command: ImageCommand.upload,
      name: requestName,
      body,
      attempts,
    });
  }

  #body(off: number, data: Uint8Array): CborMap {
    const { image, imageNumber = 0, upgradeOnly } = this.#options;
    const isFirst = off === 0;
    return cborMap([
      ['off', off],
      ['data', data],
      ['len', isFirst ? image.length : undefined],
      ['sha', isFirst ? this.#sha : undefined],
      ['image', isFirst && imageNumber > 0 ? imageNumber : undefined],
      ['upgrade', isFirst && upgradeOnly ? true : undefined],
    ]);
  }

  #offsetOf(body: SmpBody): number {
    const { length } = this.#options.image;
    const offset = needed(this.#client, requestName, 'off', () => body.unsigned('off'));
    if (offset > length) {
      throw answerError(this.#client, requestName, `it expects byte ${offset} of ${length}`);
    }
    if (offset === length) {
      this.#outcome.isMatch = fieldsOf(this.#client, requestName, () => body.boolean('match'));
    }
    return offset;
  }

  /** Image bytes that fit into one message at that offset. */
  #room(off: number, isFirst: boolean): number {
    const { messageBytesMax } = this.#options;
    // A byte string of so many bytes, its head as long as it can be.
    const longHeadBytes = 2;
    const rest = SmpClient.messageBytes(this.#body(isFirst ? 0 : off, new Uint8Array())) + longHeadBytes;
    const room = messageBytesMax - rest - ((messageBytesMax - rest) % chunkAlignBytes);
    if (room < chunkBytesMin) {
      const bytesMin = rest + chunkBytesMin;
      throw edgeError('SMP_TOO_SMALL', { device: this.#client.name, bytesMin, bytesMax: messageBytesMax });
    }
    return room;
  }

  #stuck(offset: number) {
    return edgeError('SMP_UPLOAD_STUCK', { device: this.#client.name, offset, rewinds: this.#outcome.rewinds });
  }
}
