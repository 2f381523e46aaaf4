/** Whoever flashes the board: goes on after each power cut from what the board says, until the aim is reached. */
import { geometryOf, type SlotState, Trailer, UploadJournal } from '../../edge/boot/index.ts';
import { MinerError } from '../../edge/errors/index.ts';
import { isErased } from '../../edge/flash/index.ts';
import { equalBytes } from '../../edge/pack/index.ts';
import type { SimulatedImage } from './flash-images.ts';
import { FlashViolation } from './flash-invariants.ts';
import type { Scenario } from './flash-plan.ts';
import type { FlashWorld } from './flash-world.ts';

/** How an update is meant to end. */
type Aim = 'uploaded' | 'confirmed' | 'permanent' | 'reverted';

const roundsMax = 1000;
const chunkBytesMax = 500;

export function runScenario(world: FlashWorld): void {
  const b = world.image('b');
  const steps: Record<Scenario, () => void> = {
    upload: () => {
      world.beginCuts();
      const c = world.image('c');
      // One is left in the middle, another hardly begun; then it is the first one after all.
      new UploadClient(world, c).go(c.bytes.length >> 1);
      new UploadClient(world, b).go(1);
      update(world, c, 'uploaded');
    },
    upgrade: () => {
      world.beginCuts();
      update(world, b, 'confirmed');
    },
    permanent: () => {
      world.beginCuts();
      update(world, b, 'permanent');
    },
    confirm: () => {
      update(world, b, 'uploaded');
      ask(world, b, false);
      world.beginCuts();
      update(world, b, 'confirmed');
    },
    revert: () => {
      world.beginCuts();
      update(world, b, 'reverted');
    },
    'upgrade-revert': () => {
      world.beginCuts();
      update(world, b, 'confirmed');
      update(world, world.image('c'), 'reverted');
    },
    refused: () => refuse(world, world.image('damaged')),
    downgrade: () => refuse(world, world.image('older')),
    settings: () => saveSettings(world),
  };
  steps[world.plan.scenario]();
}

function update(world: FlashWorld, image: SimulatedImage, aim: Aim): void {
  const upload = new UploadClient(world, image);
  let wasOnTrial = false;
  for (let round = 0; round < roundsMax; round++) {
    const [active, other] = statesOf(world);
    if (isOf(active, image)) {
      if (active?.confirmed) return;
      wasOnTrial = true;
      if (aim === 'reverted') world.boot();
      else confirm(world);
    } else if (!isOf(other, image)) {
      upload.go();
    } else if (aim === 'uploaded' || (aim === 'reverted' && wasOnTrial)) {
      return;
    } else {
      ask(world, image, aim === 'permanent');
    }
  }
  throw new FlashViolation('progress', `${image.name} is not ${aim} after ${roundsMax} rounds`);
}

function statesOf({ images }: FlashWorld): [SlotState | undefined, SlotState | undefined] {
  const states = images.state();
  return [states.find(({ slot }) => slot === 0), states.find(({ slot }) => slot === 1)];
}

function isOf(state: SlotState | undefined, { hash }: SimulatedImage): boolean {
  return state !== undefined && equalBytes(state.hash, hash);
}

function confirm(world: FlashWorld): void {
  world.ledger.confirming();
  if (!world.attempt(() => world.images.confirm())) return;
  world.ledger.confirmed();
  world.boot();
}

function ask(world: FlashWorld, image: SimulatedImage, permanent: boolean): void {
  world.ledger.asking(image, permanent ? 'permanent' : 'test');
  world.note(`ask for ${image.name}, ${permanent ? 'permanent' : 'on trial'}`);
  if (!world.attempt(() => world.images.setPending(image.hash, permanent))) return;
  world.ledger.asked();
  world.boot();
}

/** One image on its way, over any number of cuts. */
class UploadClient {
  readonly #world: FlashWorld;
  readonly #image: SimulatedImage;
  /** Bytes that the board took, and told so. */
  #taken = 0;

  constructor(world: FlashWorld, image: SimulatedImage) {
    this.#world = world;
    this.#image = image;
  }

  /** Until it is there, or the power goes. @param bytesMax where it is left */
  go(bytesMax = this.#image.bytes.length): void {
    const { bytes, sha256 } = this.#image;
    const world = this.#world;
    const begun = world.attempt(() => world.images.uploadBegin({ lengthBytes: bytes.length, sha256 }));
    if (!begun) {
      world.wasBeginCut = true;
      return;
    }
    this.#checkResumed(begun.result);
    world.note(`upload of ${this.#image.name} from ${begun.result}`);
    let offset = begun.result;
    while (offset < bytesMax) {
      const chunk = bytes.subarray(offset, Math.min(bytesMax, offset + 1 + world.random.below(chunkBytesMax)));
      if (!world.attempt(() => world.images.writeChunk(offset, chunk))) return;
      offset += chunk.length;
      this.#taken = offset;
    }
    if (offset < bytes.length || world.attempt(() => this.#finish())) return;
    // The cut may have come while what does not match was being forgotten.
    if (world.wasBeginCut) this.#taken = 0;
  }

  /** A journal that was about to be erased may promise too much: then the hash is wrong, and it begins anew. */
  #finish(): void {
    try {
      this.#world.images.finishUpload();
    } catch (error) {
      const isForgiven = error instanceof MinerError && error.code === 'UPLOAD_HASH' && this.#world.wasBeginCut;
      if (!isForgiven) throw error;
      this.#world.wasBeginCut = false;
      this.#taken = 0;
    }
  }

  #checkResumed(offset: number): void {
    const { layout, unitBytes } = this.#world.board;
    const { unitsPerMark } = new UploadJournal(layout.secondary, geometryOf(layout));
    const markBytes = unitsPerMark * unitBytes;
    const expected = Math.floor(this.#taken / markBytes) * markBytes;
    if (offset >= expected) return;
    throw new FlashViolation('upload-resumes', `it goes on from ${offset}, ${this.#taken} bytes were taken`);
  }
}

/** Another tool put an image there that must not run, and asks for it. */
function refuse(world: FlashWorld, image: SimulatedImage): void {
  const { secondary, layout } = world.board;
  const geometry = geometryOf(layout);
  secondary.load(geometry.uploadOffset, image.bytes);
  const trailer = new Trailer(secondary, geometry, 'secondary');
  trailer.writeMagic();
  world.beginCuts();
  world.boot();
  // Of the trailer a cut may leave something: it asks for nothing, and is erased before it is written again.
  if (trailer.read().magic === 'good' || !isErased(secondary, secondary.read(0, geometry.secondary.start))) {
    throw new FlashViolation('aim', `${image.name} was refused, and lies in the secondary slot still`);
  }
}

function saveSettings(world: FlashWorld): void {
  let saved = new Map<string, Uint8Array>();
  world.beginCuts();
  for (let round = 0; round < 12; round++) {
    const next = new Map(saved);
    next.set(`key${world.random.below(4)}`, new Uint8Array(world.random.below(20)).fill(round));
    const isSaved = world.attempt(() => world.settings.save(next));
    const found = world.settings.load();
    if (isSameSettings(found, next)) saved = next;
    else if (isSaved || !isSameSettings(found, saved)) {
      throw new FlashViolation('settings', `round ${round}: ${found.size} settings are there, ${next.size} were saved`);
    }
  }
}

function isSameSettings(a: ReadonlyMap<string, Uint8Array>, b: ReadonlyMap<string, Uint8Array>): boolean {
  return a.size === b.size && [...a].every(([name, value]) => equalBytes(value, b.get(name) ?? Uint8Array.of(0, 0)));
}
