/**
 * One life: a board, its boot loader, its firmware's image management, and whoever flashes it, through every power cut
 * of a plan. What must hold is checked against the bytes of the images themselves, not by what the parts say.
 */
import { type BootOutcome, bootOnce, type ImageManagement, ImageSlots } from '../../edge/boot/index.ts';
import { MinerError } from '../../edge/errors/index.ts';
import { type FlashDevice, FlashSettings } from '../../edge/flash/index.ts';
import { PowerCut, SeededRandom } from '../../edge/sim/index.ts';
import { type Board, buildBoard } from './flash-board.ts';
import { runScenario } from './flash-client.ts';
import { type ImageName, type SimulatedImage, simulatedImage, verifySimulated } from './flash-images.ts';
import { FlashViolation, ImageLedger } from './flash-invariants.ts';
import type { FlashCut, FlashPlan } from './flash-plan.ts';

/** What can be replaced, to see that a mistake in it is found. */
export interface FlashParts {
  /** Changes a board before it is used. */
  board: (board: Board) => Board;
  boot: typeof bootOnce;
  images: (options: ConstructorParameters<typeof ImageSlots>[0]) => ImageManagement;
  settings: (flash: FlashDevice) => Pick<FlashSettings, 'load' | 'save'>;
}

const realParts: FlashParts = {
  board: (board) => board,
  boot: bootOnce,
  images: (options) => new ImageSlots(options),
  settings: (flash) => new FlashSettings(flash),
};

export interface FlashOutcome {
  cuts: number;
  boots: number;
  operations: number;
  violation?: FlashViolation;
}

/** A life that takes more boots has stopped getting on. */
const bootsMax = 400;

export class FlashWorld {
  readonly plan: FlashPlan;
  readonly board: Board;
  readonly random: SeededRandom;
  readonly ledger: ImageLedger;
  /** Whether a cut came in the beginning of an upload, when the journal of another one may have been half erased. */
  wasBeginCut = false;
  onNote: ((line: string) => void) | undefined;
  readonly #parts: FlashParts;
  readonly #cutsAhead: FlashCut[];
  #images: ImageManagement | undefined;
  #settings: ReturnType<FlashParts['settings']> | undefined;
  #operationsBefore = 0;
  #cuts = 0;
  #boots = 0;

  constructor(plan: FlashPlan, parts: Partial<FlashParts> = {}) {
    this.plan = plan;
    this.random = new SeededRandom(plan.seed);
    this.#parts = { ...realParts, ...parts };
    this.board = this.#parts.board(buildBoard(plan.board, this.random));
    this.ledger = new ImageLedger(this.board, this.image('a'));
    this.#cutsAhead = [...plan.cuts];
  }

  run(): FlashOutcome {
    try {
      this.#provision();
      runScenario(this);
    } catch (error) {
      return this.#outcome(violationOf(error));
    }
    return this.#outcome();
  }

  /** Of the sizes that the board has room for. */
  image(name: ImageName): SimulatedImage {
    const { imageUnits } = this.plan.board;
    return simulatedImage(name, imageUnits[name === 'a' || name === 'c' ? 0 : 1] * this.board.unitBytes);
  }

  /** The firmware's, since the last boot. */
  get images(): ImageManagement {
    return this.#images as ImageManagement;
  }

  get settings(): ReturnType<FlashParts['settings']> {
    this.#settings ??= this.#parts.settings(this.board.settings);
    return this.#settings;
  }

  /** From here on the power goes as planned. */
  beginCuts(): void {
    this.#operationsBefore = this.board.power.operations;
    this.#planCut();
  }

  /** Operations since then. */
  get operationsWithCuts(): number {
    return this.board.power.operations - this.#operationsBefore;
  }

  /**
   * Does something that writes flash. When the power goes in the middle, the board boots again.
   * @returns undefined after a power cut
   */
  attempt<Result>(action: () => Result): { result: Result } | undefined {
    try {
      return { result: action() };
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.#restore(error);
      this.boot();
      return undefined;
    }
  }

  /** Resets the board: the boot loader runs, as often as the power goes, until an image does. */
  boot(): BootOutcome {
    for (;;) {
      this.#boots++;
      if (this.#boots > bootsMax) throw new FlashViolation('progress', `no end after ${bootsMax} boots`);
      try {
        const outcome = this.#parts.boot(this.board.layout, { verify: verifySimulated });
        for (const event of outcome.events) this.onNote?.(`boot: ${JSON.stringify(event, showBytes)}`);
        this.ledger.checkBoot(outcome);
        this.#images = this.#parts.images({ ...this.board.layout, verify: verifySimulated });
        this.#settings = undefined;
        return outcome;
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
        this.#restore(error);
        this.ledger.noteCutInBoot();
      }
    }
  }

  note(line: string): void {
    this.onNote?.(line);
  }

  /** As it leaves the factory: image `a` in the primary slot, nothing in its trailer. */
  #provision(): void {
    this.board.primary.load(0, this.image('a').bytes);
    this.boot();
  }

  #restore(cut: PowerCut): void {
    this.#cuts++;
    this.onNote?.(cut.message);
    this.board.power.restore();
    this.#planCut();
  }

  #planCut(): void {
    const next = this.#cutsAhead.shift();
    if (next) this.board.power.cutAt(next.ahead, next.moment);
  }

  #outcome(violation?: FlashViolation): FlashOutcome {
    const { operations } = this.board.power;
    return { cuts: this.#cuts, boots: this.#boots, operations, ...(violation && { violation }) };
  }
}

/** Neither boot loader nor firmware may ask of flash what it refuses, or refuse what is right. */
function violationOf(error: unknown): FlashViolation {
  if (error instanceof FlashViolation) return error;
  if (!(error instanceof MinerError)) throw error;
  const isOfFlash = error.code.startsWith('FLASH_');
  const invariant = error.code === 'BOOT_NO_IMAGE' ? 'boots' : isOfFlash ? 'flash-rules' : 'refused';
  return new FlashViolation(invariant, error.message);
}

function showBytes(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.subarray(0, 4)).toString('hex') : value;
}
