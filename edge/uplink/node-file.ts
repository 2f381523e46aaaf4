/** An uplink that is a folder: packs go in as files, receipts come back as files. For couriers, and for looking. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { edgeError } from '../errors/index.ts';
import { toHex } from '../pack/index.ts';
import type { UplinkMessage, UplinkPort } from './uplink-port.ts';

/** Far more than a receipt has. */
const receiptBytesMax = 4096;

export class FileUplink implements UplinkPort {
  private readonly folder: string;
  private readonly prefix: string;
  private receive: (message: UplinkMessage) => void = () => {};
  private readonly read = new Set<string>();

  /**
   * Nothing comes back before a courier does: give the Outbox a window as large as what may go out on one way.
   * @param folder is made when it is not there; `receipts` in it is where receipts are looked for
   * @param kid the device's address
   * @throws {MinerError} STORAGE_IO
   */
  constructor(folder: string, kid: Uint8Array) {
    this.folder = folder;
    this.prefix = toHex(kid);
    attempt(this.receipts, 'create', () => mkdirSync(this.receipts, { recursive: true }));
  }

  private get receipts(): string {
    return path.join(this.folder, 'receipts');
  }

  /** Names sort by seq. A file is there whole or not at all. */
  send(seq: number, bytes: Uint8Array): void {
    const file = path.join(this.folder, `${this.prefix}-${String(seq).padStart(16, '0')}.pack`);
    attempt(file, 'write', () => {
      writeFileSync(`${file}.part`, bytes);
      renameSync(`${file}.part`, file);
    });
  }

  /** Takes in receipts that appeared since the last time: files `<kid>-*.receipt`. */
  poll(): void {
    const names = attempt(this.receipts, 'list', () => readdirSync(this.receipts));
    for (const name of names.sort()) {
      if (this.read.has(name) || !name.startsWith(`${this.prefix}-`) || !name.endsWith('.receipt')) continue;
      const file = path.join(this.receipts, name);
      this.read.add(name);
      // A pipe would be waited for, and nothing says that a stick comes back as it left.
      const stat = attempt(file, 'read', () => lstatSync(file));
      if (!stat.isFile() || stat.size > receiptBytesMax) continue;
      const bytes = attempt(file, 'read', () => new Uint8Array(readFileSync(file)));
      this.receive({ kind: 'receipt', bytes });
    }
  }

  onMessage(receive: (message: UplinkMessage) => void): void {
    this.receive = receive;
  }

  /** A folder is always there. */
  onUp(up: () => void): void {
    up();
  }

  onDown(): void {}
}

function attempt<Result>(name: string, operation: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    throw edgeError('STORAGE_IO', { name, operation, reason: (cause as Error).message }, cause);
  }
}
