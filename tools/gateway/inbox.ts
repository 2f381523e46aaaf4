/**
 * Packs that came as files, on a stick or over a share: the folder that FileUplink writes. Each is judged like one from
 * the network; receipts go to `receipts/` in the same folder, for the courier's way back. Whatever else lies there, and
 * whatever a name or a link in it pretends, is left alone.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { MinerError } from '../../edge/errors/index.ts';
import { claimedIdentity, decodeCbor, parseCose, toHex } from '../../edge/pack/index.ts';
import { toolError } from '../errors/index.ts';
import type { Answer, Gateway } from './gateway.ts';

export interface InboxOptions {
  folder: string;
  gateway: Gateway;
  /** Unix time in milliseconds. */
  nowMs: () => number;
  /** A refused or unreadable file is looked at again after this long; 60 s unless told. */
  retryMs?: number;
}

/** Of one look into the folder. */
export interface InboxReport {
  /** Accepted now or before: their files are gone. */
  taken: number;
  /** Refused, deferred, or no pack: their files stay. */
  left: number;
  /** Devices that got a receipt. */
  receipts: number;
}

const packName = /^([0-9a-f]{40})-\d{16}\.pack$/;
const packBytesMax = 1 << 24;
/** Judged at once, to share commits. */
const chunkCount = 64;

export class Inbox {
  readonly #options: Required<InboxOptions>;
  readonly #receipts: string;
  /** Files left, and when to look at them again. */
  #left = new Map<string, number>();

  /** @throws {MinerError} INBOX_UNUSABLE */
  constructor(options: InboxOptions) {
    this.#options = { retryMs: 60_000, ...options };
    this.#receipts = path.join(options.folder, 'receipts');
    this.#attempt(() => this.#prepare());
  }

  /**
   * Judges what is new. Idempotent: a file that is brought again is answered again.
   * @throws {MinerError} INBOX_UNUSABLE
   */
  async scan(): Promise<InboxReport> {
    const report = { taken: 0, left: 0, receipts: 0 };
    const nowMs = this.#options.nowMs();
    this.#attempt(() => this.#prepare());
    const names = this.#attempt(() => readdirSync(this.#options.folder)).filter((name) => packName.test(name));
    const listed = new Set(names);
    for (const name of this.#left.keys()) if (!listed.has(name)) this.#left.delete(name);
    const due = names.filter((name) => (this.#left.get(name) ?? 0) <= nowMs).sort();
    for (let at = 0; at < due.length; at += chunkCount) {
      await this.#judge(due.slice(at, at + chunkCount), nowMs, report);
    }
    return report;
  }

  async #judge(names: readonly string[], nowMs: number, report: InboxReport): Promise<void> {
    const receipts = new Map<string, Uint8Array>();
    const answers = await Promise.all(names.map((name) => this.#answer(name)));
    names.forEach((name, i) => {
      const answer = answers[i];
      const device = name.slice(0, 40);
      if (answer.receipt) receipts.set(device, answer.receipt);
      if (answer.stored) {
        this.#attempt(() => rmSync(path.join(this.#options.folder, name), { force: true }));
        report.taken++;
        return;
      }
      this.#left.set(name, nowMs + this.#options.retryMs);
      report.left++;
    });
    for (const [device, receipt] of receipts) this.#attempt(() => this.#writeReceipt(device, receipt));
    report.receipts += receipts.size;
  }

  async #answer(name: string): Promise<Answer> {
    const bytes = readPack(path.join(this.#options.folder, name));
    // A name that claims another device than the pack does could put one device's receipt in place of another's.
    if (!bytes || claimedDevice(bytes) !== name.slice(0, 40)) return {};
    return this.#options.gateway.receive(bytes);
  }

  /** One receipt per device is enough, the last one: it stands for all before it. */
  #writeReceipt(device: string, receipt: Uint8Array): void {
    const seq = (decodeCbor(parseCose(receipt).payload) as Map<number, unknown>).get(3);
    const name = `${device}-${String(seq).padStart(16, '0')}.receipt`;
    const part = path.join(this.#receipts, `${name}.part`);
    rmSync(part, { force: true });
    // Exclusively: a link that somebody put there is not followed.
    const handle = openSync(part, 'wx');
    try {
      writeSync(handle, receipt);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(part, path.join(this.#receipts, name));
    for (const other of readdirSync(this.#receipts)) {
      const isOlder = other.startsWith(`${device}-`) && other.endsWith('.receipt') && other !== name;
      if (isOlder) rmSync(path.join(this.#receipts, other), { force: true });
    }
  }

  #prepare(): void {
    mkdirSync(this.#receipts, { recursive: true });
    if (!lstatSync(this.#receipts).isDirectory()) throw new InboxFault(`${this.#receipts} is a link`);
  }

  #attempt<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const isTheirs = cause instanceof InboxFault || (typeof code === 'string' && /^E[A-Z]+$/.test(code));
      if (!isTheirs) throw cause;
      throw toolError('INBOX_UNUSABLE', { path: this.#options.folder, reason: message }, cause);
    }
  }
}

class InboxFault extends Error {}

/** @returns undefined for what is no plain file of a pack's size, is gone, or may not be read */
function readPack(file: string): Uint8Array | undefined {
  let handle: number | undefined;
  try {
    // Without waiting for a pipe's other end, and without following a link out of the folder.
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(handle);
    if (!stat.isFile() || stat.size === 0 || stat.size > packBytesMax) return undefined;
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    for (;;) {
      const count = readSync(handle, bytes, length, bytes.length - length, null);
      if (count === 0) return bytes.subarray(0, length);
      length += count;
    }
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function claimedDevice(bytes: Uint8Array): string | undefined {
  try {
    return toHex(claimedIdentity(parseCose(bytes)).kid);
  } catch (error) {
    if (error instanceof MinerError) return undefined;
    throw error;
  }
}
