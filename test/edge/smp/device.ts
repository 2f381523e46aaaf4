/** A device of real parts to manage, and a client that is as plain as can be: one request, its answers. */
import { sha256 } from '@noble/hashes/sha2.js';
import { Decoder, Encoder } from 'cbor-x';
import { bootOnce, ImageSlots, type ImageVerifier } from '../../../edge/boot/index.ts';
import {
  imageSigner,
  parseImage,
  parseImageVersion,
  securityCounterOf,
  signImage,
  verifyHash,
  verifyImage,
  versionText,
} from '../../../edge/firmware/index.ts';
import { FlashSettings, MemoryFlash, PowerSupply } from '../../../edge/flash/index.ts';
import { toHex } from '../../../edge/pack/index.ts';
import { DeviceClock, MemoryStorage, SeededRandom, VirtualClock } from '../../../edge/sim/index.ts';
import {
  BootloaderMode,
  countersOf,
  DeviceSettings,
  decodeSmp,
  encodeSmp,
  type SmpDevice,
  type SmpPersonality,
  SmpServer,
  type SmpServerEvent,
  type SmpServerOptions,
  StorageFiles,
} from '../../../edge/smp/index.ts';

// Maps of definite and of indefinite length as plain objects: a reader that is not ours.
const decoder = new Decoder({ mapsAsObjects: true, useRecords: false });
const encoder = new Encoder({ useRecords: false, mapsAsObjects: true, variableMapSize: true });

export const group = { os: 0, image: 1, statistics: 2, settings: 3, files: 8, enumeration: 10, basic: 63 };

export interface Request {
  group: number;
  command: number;
  write?: boolean;
  version?: number;
  sequence?: number;
  /** Fields, or the bytes of a body. */
  body?: object | Uint8Array;
  peer?: string;
}

export function requestBytes({
  group,
  command,
  write = false,
  version = 2,
  sequence = 7,
  body = {},
}: Request): Uint8Array {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array(encoder.encode(body));
  return encodeSmp({ op: write ? 2 : 0, version, group, command, sequence, body: bytes });
}

/** Fields of an answer, by a decoder that is not ours. */
export function answerFields(answer: Uint8Array): Record<string, unknown> {
  return decoder.decode(decodeSmp(answer)!.body);
}

/** @returns the fields of the one answer */
export function ask(server: SmpServer, request: Request): Record<string, unknown> {
  const answers = server.receive(requestBytes(request), request.peer ?? 'console');
  if (answers.length !== 1) throw new Error(`${answers.length} answers`);
  return answerFields(answers[0]);
}

const maker = imageSigner('ed25519', new Uint8Array(32).fill(7));
const stranger = imageSigner('ed25519', new Uint8Array(32).fill(8));

/** Signed images, by what they were made of. */
const made = new Map<string, Uint8Array>();

export function makeImage(
  version: string,
  options: { bytes?: number; securityCounter?: number; isForged?: boolean } = {},
): Uint8Array {
  const { bytes = 3000, securityCounter = 1, isForged = false } = options;
  const key = JSON.stringify([version, bytes, securityCounter, isForged]);
  const body = new Uint8Array(bytes);
  new SeededRandom(bytes).fill(body);
  const content = { body, version: parseImageVersion(version), securityCounter };
  const image = made.get(key) ?? signImage(content, isForged ? stranger : maker);
  made.set(key, image);
  return image;
}

/** Hashes of images whose signature was found to hold: the tests boot the same few again and again. */
const verified = new Set<string>();

export const verify: ImageVerifier = (bytes) => {
  const image = parseImage(bytes);
  const key = toHex(sha256(bytes.subarray(0, image.length)));
  const hash = verified.has(key) ? verifyHash(image) : verifyImage(image, maker.publicKey);
  verified.add(key);
  return {
    version: versionText(image.version),
    hash,
    lengthBytes: image.length,
    securityCounter: securityCounterOf(image) ?? 0,
  };
};

export function flashLayout() {
  const geometry = { sizeBytes: 64 * 1024, sectorBytes: 1024, writeAlignBytes: 8, erasedByte: 0xff } as const;
  const power = new PowerSupply();
  return {
    primary: new MemoryFlash(geometry, { power }),
    secondary: new MemoryFlash(geometry, { power }),
    counter: new MemoryFlash({ ...geometry, sizeBytes: 2048 }, { power }),
  };
}

/** A device that boots from flash, and its server until the next reset. */
export class TestDevice {
  readonly world = new VirtualClock();
  readonly clock = new DeviceClock(this.world);
  readonly flash = flashLayout();
  readonly log = new MemoryStorage();
  readonly uploads = new MemoryStorage();
  readonly settingsFlash = new MemoryFlash({
    sizeBytes: 4096,
    sectorBytes: 1024,
    writeAlignBytes: 8,
    erasedByte: 0xff,
  });
  readonly counters = { can: { framesReceived: 3, busyMs: 1.5 }, uplink: { sent: 2n ** 40n, name: 'none' } };
  readonly events: SmpServerEvent[] = [];
  readonly committed: object[] = [];
  readonly resets: SmpPersonality[] = [];
  isBusy = false;
  server: SmpServer;
  readonly #options: Partial<SmpServerOptions>;
  #device: SmpDevice | undefined;

  constructor(options: Partial<SmpServerOptions> = {}) {
    this.#options = options;
    this.flash.primary.load(0, makeImage('1.0.0'));
    this.log.append('00000000.log', new TextEncoder().encode('a log of the device, twice as long as this text'));
    this.server = this.boot();
  }

  /** What a reset does. */
  boot(): SmpServer {
    bootOnce(this.flash, { verify });
    const store = new FlashSettings(this.settingsFlash);
    this.#device = {
      bootloader: { name: 'MCUboot', mode: BootloaderMode.swapUsingOffset, noDowngrade: true },
      tasks: () => [
        { name: 'main', priority: 0, id: 1, state: 2, runtimeMs: 12.7, contextSwitches: 9 },
        { name: '7', priority: 15, id: 2, state: 1, stackSizeWords: 512, stackUsedWords: 100 },
      ],
      memoryPools: () => [{ name: 'heap', blockBytes: 1024, blocks: 64, blocksFree: 32, blocksFreeLeast: 30 }],
      clock: this.clock,
      reset: { allowed: () => !this.isBusy, now: (next) => this.resets.push(next) },
      images: new ImageSlots({ ...this.flash, verify }),
      statistics: countersOf({ can: () => this.counters.can, uplink: () => this.counters.uplink }),
      settings: new DeviceSettings({
        definitions: {
          'sampling/interval_ms_min': { initial: 1000, minimum: 10, maximum: 60_000 },
          'pack/interval_ms': { initial: 10_000, minimum: 100, maximum: 3_600_000 },
        },
        store,
        onCommit: (values) => this.committed.push(values),
      }),
      files: new StorageFiles({
        folders: { '/log': this.log },
        upload: { folder: '/upload', storage: this.uploads, bytesMax: 1000 },
      }),
      eraseStorage: () => store.save(new Map()),
    };
    this.server = this.makeServer({});
    return this.server;
  }

  makeServer(options: Partial<SmpServerOptions>): SmpServer {
    return new SmpServer({
      device: this.#device!,
      clock: this.world,
      onEvent: (event) => this.events.push(event),
      ...this.#options,
      ...options,
    });
  }

  ask(request: Request): Record<string, unknown> {
    return ask(this.server, request);
  }

  uploadChunk(body: object, peer = 'console', version = 2): Record<string, unknown> {
    return this.ask({ group: group.image, command: 1, write: true, body, peer, version });
  }

  /** Chunk by chunk, following the offsets of the answers. @returns the last answer */
  upload(image: Uint8Array, { chunkBytes = 500, peer = 'console', extra = {} } = {}): Record<string, unknown> {
    const first = { len: image.length, sha: sha256(image), ...extra };
    let off = 0;
    for (let chunks = 0; chunks < 1000; chunks++) {
      const data = image.subarray(off, off + chunkBytes);
      const answer = this.uploadChunk({ off, data, ...(off === 0 && first) }, peer);
      if (typeof answer.off !== 'number' || answer.off >= image.length || answer.match !== undefined) return answer;
      off = answer.off;
    }
    throw new Error('the upload does not end');
  }

  /** Slot and flags of each entry, as `slot version flags`. */
  images(): string[] {
    const { images } = this.ask({ group: group.image, command: 0 }) as { images: Record<string, unknown>[] };
    return images.map((entry) => {
      const flags = ['pending', 'confirmed', 'active', 'permanent'].filter((flag) => entry[flag]);
      return `${entry.slot} ${entry.version} ${flags.join(' ')}`.trim();
    });
  }

  setState(body: object): Record<string, unknown> {
    return this.ask({ group: group.image, command: 0, write: true, body });
  }
}
