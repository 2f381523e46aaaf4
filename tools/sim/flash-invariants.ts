/** What a board promises whoever flashes it, kept as which images may run now and which must not be lost. */
import type { BootOutcome } from '../../edge/boot/index.ts';
import { RecordStore } from '../../edge/flash/index.ts';
import type { Board } from './flash-board.ts';
import type { SimulatedImage } from './flash-images.ts';

export const flashInvariants = {
  boots: 'after every reset an image runs',
  verified: 'what runs is, byte for byte, an image that was signed and asked for',
  'confirmed-kept': 'a confirmed image is in a slot, whole, until another one is confirmed',
  'trial-once': 'an image on trial that was not confirmed runs once',
  trial: 'an image asked for on trial is not there for good, and one asked for for good is not on trial',
  asked: 'an image asked for runs after the next reset; a trial may be used up by a cut before its first instruction',
  counter: 'the security counter never goes back, and no image below it runs',
  'upload-resumes': 'an upload goes on from the last unit that was noted',
  settings: 'settings are those that were saved last, or those that were just being saved',
  'flash-rules': 'nothing is asked of flash that it refuses',
  refused: 'nothing is refused that is right',
  progress: 'it comes to an end',
  aim: 'in the end the board holds what was wanted',
} as const;
export type FlashInvariant = keyof typeof flashInvariants;

export class FlashViolation extends Error {
  readonly invariant: FlashInvariant;

  constructor(invariant: FlashInvariant, problem: string) {
    super(problem);
    this.invariant = invariant;
  }
}

type Request = 'test' | 'permanent';

export class ImageLedger {
  readonly #board: Board;
  /** For good. Two while a confirmation or a permanent update may or may not have come through. */
  #confirmed: SimulatedImage[];
  /** What was asked for since the last boot; `isCertain` when it was told that it is. */
  #asked: { image: SimulatedImage; request: Request; isCertain: boolean } | undefined;
  /** It runs on trial, and was not confirmed. */
  #onTrial: SimulatedImage | undefined;
  #wasBootCut = false;
  #counter = 0;

  constructor(board: Board, first: SimulatedImage) {
    this.#board = board;
    this.#confirmed = [first];
  }

  /** Before it is asked for: from here on it may have been. */
  asking(image: SimulatedImage, request: Request): void {
    this.#asked = { image, request, isCertain: false };
    if (request === 'permanent') this.#confirmed = [...this.#confirmed, image];
  }

  /** It was asked for, and told so. */
  asked(): void {
    if (this.#asked) this.#asked.isCertain = true;
  }

  /** Before the image on trial is confirmed: from here on it may be. */
  confirming(): void {
    if (this.#onTrial) this.#confirmed = [...this.#confirmed, this.#onTrial];
  }

  /** It was confirmed, and told so. */
  confirmed(): void {
    if (this.#onTrial) this.#confirmed = [this.#onTrial];
    this.#onTrial = undefined;
  }

  noteCutInBoot(): void {
    this.#wasBootCut = true;
  }

  /** @throws {FlashViolation} */
  checkBoot({ image, isTrial }: BootOutcome): void {
    const running = this.#runningOf();
    if (image.lengthBytes !== running.bytes.length) {
      throw new FlashViolation(
        'verified',
        `${image.lengthBytes} bytes are said to run, it has ${running.bytes.length}`,
      );
    }
    this.#checkAsked(running);
    if (isTrial) this.#checkTrial(running);
    else this.#checkForGood(running);
    this.#checkCounter(running, isTrial);
    this.#checkKept(running);
    // A boot that came to its end leaves nothing pending.
    this.#asked = undefined;
    this.#wasBootCut = false;
  }

  /** Which of the images that may run now lies at the beginning of the primary slot. */
  #runningOf(): SimulatedImage {
    const { primary } = this.#board;
    const allowed = [...this.#confirmed, ...(this.#asked ? [this.#asked.image] : [])];
    const running = allowed.find(({ bytes }) => primary.holds(0, bytes));
    if (running) return running;
    throw new FlashViolation('verified', `what runs is none of ${allowed.map(({ name }) => name).join(', ')}`);
  }

  /** A trial may have been used up by a cut before its first instruction. */
  #checkAsked(running: SimulatedImage): void {
    if (!this.#asked?.isCertain || this.#asked.image === running) return;
    if (this.#asked.request === 'test' && this.#wasBootCut) return;
    throw new FlashViolation('asked', `${this.#asked.image.name} was asked for, ${running.name} runs`);
  }

  #checkTrial(running: SimulatedImage): void {
    if (this.#onTrial === running) throw new FlashViolation('trial-once', `${running.name} runs on trial again`);
    if (this.#asked?.image !== running || this.#asked.request !== 'test') {
      throw new FlashViolation('trial', `${running.name} runs on trial, which was not asked for`);
    }
    this.#onTrial = running;
  }

  #checkForGood(running: SimulatedImage): void {
    if (!this.#confirmed.includes(running)) {
      throw new FlashViolation('trial', `${running.name} runs for good, and was never confirmed`);
    }
    this.#confirmed = [running];
    this.#onTrial = undefined;
  }

  #checkCounter({ name, securityCounter }: SimulatedImage, isTrial: boolean): void {
    const bytes = new RecordStore(this.#board.counter).value ?? new Uint8Array(4);
    const value = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    if (value < this.#counter) throw new FlashViolation('counter', `it fell from ${this.#counter} to ${value}`);
    this.#counter = value;
    if (securityCounter < value)
      throw new FlashViolation('counter', `${name} runs with ${securityCounter} at ${value}`);
    if (!isTrial && value < securityCounter) {
      throw new FlashViolation('counter', `${name} runs for good with ${securityCounter}, the counter is ${value}`);
    }
  }

  #checkKept(running: SimulatedImage): void {
    if (this.#confirmed.some((kept) => this.#isInSlot(kept))) return;
    const names = this.#confirmed.map(({ name }) => name).join(' or ');
    throw new FlashViolation('confirmed-kept', `${running.name} runs, and ${names} is in no slot any more`);
  }

  #isInSlot({ bytes }: SimulatedImage): boolean {
    const { primary, secondary, unitBytes } = this.#board;
    return primary.holds(0, bytes) || secondary.holds(0, bytes) || secondary.holds(unitBytes, bytes);
  }
}
