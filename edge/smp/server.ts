/** Answers requests, whichever transport they came by. */
import { MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import { decodeSmpBody } from './cbor-read.ts';
import { encodeSmpBody, type SmpFields } from './cbor-write.ts';
import type { SmpCommandGroup } from './command.ts';
import { sharedErrorOf } from './group-errors.ts';
import { enumerationGroup } from './groups/enumeration.ts';
import { filesGroup } from './groups/files.ts';
import { imageGroup } from './groups/image.ts';
import { osGroup } from './groups/os.ts';
import { recoveryImageGroup, recoveryOsGroup } from './groups/recovery.ts';
import { settingsGroup } from './groups/settings.ts';
import { statisticsGroup } from './groups/statistics.ts';
import { zephyrBasicGroup } from './groups/zephyr-basic.ts';
import { decodeSmpHeader, encodeSmp, type SmpHeader, type SmpMessage, smpHeaderBytes } from './header.ts';
import { ImageUploads } from './image-uploads.ts';
import { SmpError, SmpOp } from './protocol.ts';
import { refuse, SmpRefusal } from './refusal.ts';
import type { SmpDevice, SmpPersonality } from './types.ts';

/** The newest version of the protocol that we speak. */
const versionMax = 2;

/** An error of a group, and a file's answer with a few bytes of data, must fit. */
const bufferBytesMin = 64;

export interface SmpServerOptions {
  device: SmpDevice;
  clock: Pick<Clock, 'nowMs' | 'schedule'>;
  /** application unless told. */
  personality?: SmpPersonality;
  /** Longest message, header included, both ways: what clients are told, and held to; 4096 unless told. */
  bufferBytes?: number;
  /** How many requests a client may have under way; 4 unless told. */
  bufferCount?: number;
  /** From the answer to the reset; 250 ms unless told. */
  resetDelayMs?: number;
  /** After so long an upload that nobody went on with may be replaced by another client's; 5 s unless told. */
  uploadIdleMs?: number;
  /** Bytes of a setting's name and of its value; 64 and 256 unless told. */
  settingNameBytesMax?: number;
  settingValueBytesMax?: number;
  /** Bytes of a file's path; 64 unless told. */
  pathBytesMax?: number;
  onEvent?: (event: SmpServerEvent) => void;
}

export type SmpServerEvent =
  /** A part of the device failed; the client was answered with an error. */
  | { event: 'failed'; peer: string; group: number; command: number; problem: MinerError }
  | { event: 'refused'; peer: string; group: number; command: number; rc: number; groupOfRc: number | undefined }
  | { event: 'uploaded'; version: string; hash: Uint8Array };

export interface SmpServerCounters {
  requests: number;
  /** Answered with an error. */
  refused: number;
  /** Not answered: no whole message, longer than the buffer, or no request. */
  dropped: number;
}

export class SmpServer {
  readonly bufferBytes: number;
  readonly counters: SmpServerCounters = { requests: 0, refused: 0, dropped: 0 };
  readonly #groups: readonly SmpCommandGroup[];
  readonly #byId: ReadonlyMap<number, SmpCommandGroup>;
  readonly #isRecovery: boolean;
  readonly #onEvent: ((event: SmpServerEvent) => void) | undefined;

  /** @throws {RangeError} on a buffer that holds no answer: our own mistake */
  constructor(options: SmpServerOptions) {
    this.bufferBytes = options.bufferBytes ?? 4096;
    if (this.bufferBytes < bufferBytesMin) throw new RangeError(`an SMP buffer of ${this.bufferBytes} bytes`);
    this.#isRecovery = options.personality === 'serial-recovery';
    this.#groups = this.#isRecovery ? recoveryGroups(options, this.bufferBytes) : groupsOf(options, this.bufferBytes);
    this.#byId = new Map(this.#groups.map((group) => [group.id, group]));
    this.#onEvent = options.onEvent;
  }

  /**
   * Answers every request in a packet, in order; one that is refused ends it.
   * @param peer who sent it: one name for each console, connection or address
   * @returns one message for each answer; none for what is no request
   */
  receive(packet: Uint8Array, peer: string): Uint8Array[] {
    const answers: Uint8Array[] = [];
    if (packet.length > this.bufferBytes) {
      this.counters.dropped++;
      return answers;
    }
    for (let at = 0; at < packet.length; ) {
      const header = decodeSmpHeader(packet, at);
      // Answers are answered with nothing: two servers would never stop.
      if (header === undefined || (header.op !== SmpOp.read && header.op !== SmpOp.write)) {
        this.counters.dropped++;
        break;
      }
      const start = at + smpHeaderBytes;
      at = start + header.bodyBytes;
      const body = at <= packet.length ? packet.subarray(start, at) : undefined;
      const { answer, isRefused } = this.#answer(header, body, peer);
      answers.push(answer);
      if (isRefused) break;
    }
    return answers;
  }

  #answer(header: SmpHeader, body: Uint8Array | undefined, peer: string): { answer: Uint8Array; isRefused: boolean } {
    this.counters.requests++;
    const { group, command } = header;
    try {
      if (body === undefined) throw refuse(SmpError.corrupt);
      const fields = this.#run({ ...header, body }, peer);
      return { answer: this.#message(header, fields), isRefused: false };
    } catch (problem) {
      const refusal = this.#refusalOf(problem, header, peer);
      this.counters.refused++;
      this.#onEvent?.({ event: 'refused', peer, group, command, rc: refusal.rc, groupOfRc: refusal.group });
      // An error of its group is an answer like any other; only the shared ones end the packet.
      return {
        answer: this.#message(header, this.#errorFields(header, refusal)),
        isRefused: refusal.group === undefined,
      };
    }
  }

  #run({ op, version, group, command, body }: SmpMessage, peer: string): SmpFields {
    if (version > versionMax) throw refuse(SmpError.tooNew);
    const found = this.#byId.get(group)?.commands[command];
    const handler = op === SmpOp.read ? found?.read : found?.write;
    if (handler === undefined) throw refuse(SmpError.notSupported);
    return handler({ body: decodeSmpBody(body), peer });
  }

  /** Our own mistakes, and the power that goes in the middle of it, are not answered. */
  #refusalOf(problem: unknown, { group, command }: SmpHeader, peer: string): SmpRefusal {
    if (problem instanceof SmpRefusal) {
      if (problem.cause instanceof MinerError) {
        this.#onEvent?.({ event: 'failed', peer, group, command, problem: problem.cause });
      }
      return problem;
    }
    if (!(problem instanceof MinerError)) throw problem;
    this.#onEvent?.({ event: 'failed', peer, group, command, problem });
    return new SmpRefusal(group, SmpError.unknown);
  }

  #errorFields({ version }: SmpHeader, { group, rc }: SmpRefusal): SmpFields {
    if (group === undefined) return { rc };
    if (version === 1 || this.#isRecovery) return { rc: sharedErrorOf(group, rc) };
    return { err: { group, rc } };
  }

  /** An answer that would not fit the buffer says so instead. */
  #message({ op, version, group, sequence, command }: SmpHeader, fields: SmpFields): Uint8Array {
    const answer = {
      op: op === SmpOp.read ? SmpOp.readResponse : SmpOp.writeResponse,
      version: Math.min(version, versionMax),
      group,
      sequence,
      command,
    };
    return encodeSmp({ ...answer, body: encodeSmpBody(fields, this.bufferBytes - smpHeaderBytes) });
  }
}

/** Head and keys of a file's answer, beside its data. */
const fileFieldsBytes = 40;

function groupsOf(options: SmpServerOptions, bufferBytes: number): readonly SmpCommandGroup[] {
  const { device, clock, bufferCount = 4, resetDelayMs = 250 } = options;
  const { images, statistics, settings, files, eraseStorage } = device;
  const groups: SmpCommandGroup[] = [osGroup({ device, clock, bufferBytes, bufferCount, resetDelayMs })];
  if (images) groups.push(imageGroup({ images, uploads: uploadsOf(options, images) }));
  if (statistics) groups.push(statisticsGroup(statistics));
  if (settings) {
    const { settingNameBytesMax: nameBytesMax = 64, settingValueBytesMax: valueBytesMax = 256 } = options;
    groups.push(settingsGroup({ settings, nameBytesMax, valueBytesMax }));
  }
  if (files) {
    const chunkBytesMax = bufferBytes - smpHeaderBytes - fileFieldsBytes;
    groups.push(filesGroup({ files, chunkBytesMax, pathBytesMax: options.pathBytesMax ?? 64 }));
  }
  groups.push(enumerationGroup(() => groups));
  if (eraseStorage) groups.push(zephyrBasicGroup(eraseStorage));
  return groups;
}

function recoveryGroups(options: SmpServerOptions, bufferBytes: number): readonly SmpCommandGroup[] {
  const { device, clock, resetDelayMs = 250 } = options;
  // It puts one message together at a time.
  const groups = [recoveryOsGroup({ device, clock, bufferBytes, bufferCount: 1, resetDelayMs })];
  if (device.images) groups.push(recoveryImageGroup(device.images, uploadsOf(options, device.images)));
  return groups;
}

function uploadsOf(
  { clock, uploadIdleMs = 5000, personality, onEvent }: SmpServerOptions,
  images: NonNullable<SmpDevice['images']>,
): ImageUploads {
  return new ImageUploads({
    images,
    clock,
    idleMs: uploadIdleMs,
    // There is one image, and clients that mean the slot: MCUboot's recovery calls the secondary one 2.
    imageNumberMax: personality === 'serial-recovery' ? 2 : 1,
    onFinished: ({ version, hash }) => {
      if (personality === 'serial-recovery') images.setPending(hash, true);
      onEvent?.({ event: 'uploaded', version, hash });
    },
  });
}
