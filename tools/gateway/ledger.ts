/**
 * What the gateway knows of every device: the packs it accepted, and what rewards need of them. One SQLite file;
 * accepting is keyed by (kid, seq), so delivering a pack twice changes nothing and a crash leaves no half. The signed
 * bytes wait here until their samples are in a file (sample-store.ts).
 */
import { randomBytes } from 'node:crypto';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { toolError } from '../errors/index.ts';
import { NewerLayout, prepareSchema } from './ledger-schema.ts';
import { countSignals } from './signal-set.ts';

const refusalsKept = 10_000;

/** Texts of signal sets whose row is known without asking. */
const setsRemembered = 10_000;

/** A verified pack, as the ledger stores it. */
export interface LedgerPack {
  kid: Uint8Array;
  seq: number;
  hash: Uint8Array;
  boot: number;
  /** The pack as it was signed. */
  bytes: Uint8Array;
  /** Ranges of seq that the device signed as never to come, inclusive. */
  gaps: readonly { from: number; to: number; reason: number }[];
  /** Numeric samples. */
  samples: number;
  /** From encodeSignals; undefined for a pack without samples. */
  signals: string | undefined;
}

/** What was there before: nothing, the same pack, or another one under the same number. */
export type Acceptance = 'new' | 'replayed' | 'conflicting';

export interface DeviceActivity {
  kid: Uint8Array;
  packs: number;
  samples: number;
  /** Distinct ones, those of different decoders apart. */
  signals: number;
}

/** Packs of one device in one week that have the same signals. */
export interface Delivery {
  /** Lower case. */
  device: `0x${string}`;
  /** Counted from the first. */
  week: number;
  packs: number;
  samples: number;
  /** From encodeSignals; none where the packs have no samples. */
  signals?: string;
}

export interface AcceptedPack {
  /** Lower case. */
  device: `0x${string}`;
  seq: number;
  /** SHA-256 of the signed pack, hex. */
  hash: string;
  receivedMs: number;
  samples: number;
  signals: string | null;
}

/** Accepted, and not yet in a file of samples. */
export interface WaitingPack {
  id: number;
  receivedMs: number;
  samples: number;
  bytes: Uint8Array;
}

/** A file of samples: `part` until it is in place at `path`. */
export interface SampleFile {
  path: string;
  part: string;
  rows: number;
}

export class Ledger {
  readonly #db: DatabaseSync;
  readonly #statements: Map<string, StatementSync> = new Map();
  readonly #signalSets = new Map<string, number>();
  readonly #path: string;
  /** Random, of this ledger alone. */
  readonly name: string = '';

  /**
   * @param path of the database file, or `:memory:`
   * @param options.busyMs how long to wait for another program that has it locked
   * @throws {MinerError} LEDGER_UNUSABLE
   */
  constructor(path: string, options: { busyMs?: number } = {}) {
    const { busyMs = 2000 } = options;
    this.#path = path;
    this.#db = this.#attempt(() => new DatabaseSync(path, { timeout: busyMs }));
    try {
      this.name = this.#attempt(() => {
        // WAL with full sync: an accepted pack survives a power cut, and readers don't wait.
        this.#db.exec('pragma journal_mode = wal; pragma synchronous = full;');
        prepareSchema(this.#db, randomBytes(4).toString('hex'));
        return this.#db.prepare('select name from identity').get()!.name as string;
      });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** What SQLite refuses is the disk's fault or the file's; anything else is ours. */
  #attempt<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const isTheirs = code === 'ERR_SQLITE_ERROR' || code === 'ERR_INVALID_STATE' || cause instanceof NewerLayout;
      if (!isTheirs) throw cause;
      throw toolError('LEDGER_UNUSABLE', { path: this.#path, reason: message }, cause);
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * Runs `action` as one transaction, durable when this returns: many packs share one sync of the disk.
   * @throws {MinerError} LEDGER_UNUSABLE, with nothing of it stored; or what `action` throws, likewise
   */
  transact<Result>(action: () => Result): Result {
    return this.#attempt(() => {
      if (this.#db.isTransaction) return action();
      this.#db.exec('begin immediate');
      try {
        const result = action();
        this.#db.exec('commit');
        return result;
      } catch (cause) {
        // On a full disk SQLite has rolled back by itself.
        if (this.#db.isTransaction) this.#db.exec('rollback');
        // Of sets that were new in it.
        this.#signalSets.clear();
        throw cause;
      }
    });
  }

  /**
   * Stores the pack if its number is new, and moves the device's contiguous mark.
   * @throws {MinerError} LEDGER_UNUSABLE, with nothing of the pack stored
   */
  accept(pack: LedgerPack, receivedMs: number): Acceptance {
    return this.transact(() => {
      const { kid, seq, hash, boot, bytes, gaps, samples, signals } = pack;
      const known = this.#prepare('select hash from pack where kid = ? and seq = ?').get(kid, seq);
      if (known) return Buffer.compare(known.hash as Uint8Array, hash) === 0 ? 'replayed' : 'conflicting';
      const set = signals === undefined ? null : this.#signalSet(signals);
      const facts = [kid, seq, hash, boot, receivedMs, bytes.length, samples, set];
      this.#prepare(
        'insert into pack (kid, seq, hash, boot, received_ms, bytes, samples, signals) values (?, ?, ?, ?, ?, ?, ?, ?)',
      ).run(...facts);
      this.#prepare('insert into waiting (received_ms, samples, bytes) values (?, ?, ?)').run(
        receivedMs,
        samples,
        bytes,
      );
      const addGap = this.#prepare('insert or ignore into gap values (?, ?, ?, ?)');
      for (const { from, to, reason } of gaps) addGap.run(kid, from, to, reason);
      this.#advance(kid);
      return 'new';
    });
  }

  #signalSet(members: string): number {
    const known = this.#signalSets.get(members);
    if (known !== undefined) return known;
    this.#prepare('insert or ignore into signal_set (members) values (?)').run(members);
    const { id } = this.#prepare('select id from signal_set where members = ?').get(members) as { id: number };
    if (this.#signalSets.size >= setsRemembered) this.#signalSets.clear();
    this.#signalSets.set(members, id);
    return id;
  }

  /** Moves the contiguous mark over every accepted pack and signed gap that follows it. */
  #advance(kid: Uint8Array): void {
    const before = this.contiguous(kid);
    let mark = before;
    const packAt = this.#prepare('select 1 from pack where kid = ? and seq = ?');
    const gapOver = this.#prepare(
      'select max(seq_to) as last from gap where kid = ? and seq_from <= ? and seq_to >= ?',
    );
    for (;;) {
      const next = mark + 1;
      if (packAt.get(kid, next)) mark = next;
      else {
        const last = gapOver.get(kid, next, next)?.last as number | null | undefined;
        if (last === null || last === undefined) break;
        mark = last;
      }
    }
    this.#prepare('insert or replace into device values (?, ?)').run(kid, mark);
  }

  /** Every seq up to this one is accounted for; 0 for a device never heard of. */
  contiguous(kid: Uint8Array): number {
    const row = this.#prepare('select contiguous from device where kid = ?').get(kid);
    return row ? (row.contiguous as number) : 0;
  }

  /** What a receipt names: the highest accepted pack with nothing unaccounted for below it. */
  receiptable(kid: Uint8Array): { seq: number; hash: Uint8Array } | undefined {
    const row = this.#prepare('select seq, hash from pack where kid = ? and seq <= ? order by seq desc limit 1').get(
      kid,
      this.contiguous(kid),
    );
    return row as { seq: number; hash: Uint8Array } | undefined;
  }

  /**
   * Notes a refusal; of these only the latest are kept, since anyone may cause them.
   * @throws {MinerError} LEDGER_UNUSABLE
   */
  refuse(kid: Uint8Array | undefined, seq: number | undefined, code: string, reason: string, receivedMs: number): void {
    this.transact(() => {
      this.#prepare('insert into refusal (received_ms, kid, seq, code, reason) values (?, ?, ?, ?, ?)').run(
        receivedMs,
        kid ?? null,
        seq ?? null,
        code,
        reason,
      );
      this.#prepare('delete from refusal where id <= (select max(id) from refusal) - ?').run(refusalsKept);
    });
  }

  /** Per device, in order of its address: what it delivered between two times, [from, to). */
  activity(fromMs: number, toMs: number): DeviceActivity[] {
    const devices = this.#prepare(`select kid, count(*) as packs, sum(samples) as samples from pack
      where received_ms >= ? and received_ms < ? group by kid order by kid`);
    const sets = this.#prepare(`select members from signal_set where id in
      (select signals from pack where kid = ? and received_ms >= ? and received_ms < ?)`);
    return devices.all(fromMs, toMs).map((row) => {
      const { kid, packs, samples } = row as unknown as DeviceActivity;
      const members = sets.all(kid, fromMs, toMs).map((set) => set.members as string);
      return { kid, packs, samples, signals: countSignals(members) };
    });
  }

  /**
   * What rewards count from: packs received in [startMs, endMs), summed up by device, week from `startMs` on, and set of
   * signals. One pass over the packs, whatever the number of devices.
   */
  *deliveries(startMs: number, endMs: number, weekMs: number): Generator<Delivery> {
    const sets = new Map<number, string>();
    for (const row of this.#db.prepare('select id, members from signal_set').iterate()) {
      sets.set(row.id as number, row.members as string);
    }
    const rows = this.#db.prepare(`select lower(hex(kid)) as kid, signals, count(*) as packs, sum(samples) as samples,
        (received_ms - cast(:start as integer)) / cast(:week as integer) as week
      from pack where received_ms >= :start and received_ms < :end group by pack.kid, week, signals`);
    for (const row of rows.iterate({ start: startMs, end: endMs, week: weekMs })) {
      const { kid, week, packs, samples, signals: set } = row as Record<string, number> & { kid: string };
      const signals = set === null ? undefined : sets.get(set);
      yield { device: `0x${kid}`, week, packs, samples, ...(signals && { signals }) };
    }
  }

  /** Every pack received in [startMs, endMs), by device and number, as it is published for others to count. */
  *acceptedPacks(startMs: number, endMs: number): Generator<AcceptedPack> {
    const rows = this.#db.prepare(`select lower(hex(kid)) as kid, seq, lower(hex(hash)) as hash,
      received_ms as receivedMs, samples, members
      from pack left join signal_set on signal_set.id = signals
      where received_ms >= ? and received_ms < ? order by pack.kid, seq`);
    for (const row of rows.iterate(startMs, endMs)) {
      const { kid, members, ...pack } = row as unknown as Omit<AcceptedPack, 'device' | 'signals'> & {
        kid: string;
        members: string | null;
      };
      yield { ...pack, device: `0x${kid}`, signals: members };
    }
  }

  totals(): { packs: number; bytes: number; samples: number } {
    const row = this.#prepare(
      'select count(*) as packs, coalesce(sum(bytes), 0) as bytes, coalesce(sum(samples), 0) as samples from pack',
    ).get();
    return { ...(row as { packs: number; bytes: number; samples: number }) };
  }

  /** Devices that delivered at least one pack. */
  deviceCount(): number {
    return this.#prepare('select count(*) as count from device').get()!.count as number;
  }

  /** Accepted and not yet in a file of samples. */
  waitingTotals(): { packs: number; samples: number } {
    const row = this.#prepare('select count(*) as packs, coalesce(sum(samples), 0) as samples from waiting').get();
    return { ...(row as { packs: number; samples: number }) };
  }

  /** The first of the waiting packs: as many as stay within the limits, and at least one when there is one. */
  waiting(limits: { samplesMax: number; bytesMax: number }): WaitingPack[] {
    return this.#attempt(() => {
      const packs: WaitingPack[] = [];
      let [samples, size] = [0, 0];
      // Not a prepared one that is kept: leaving the loop early must end it.
      for (const row of this.#db.prepare('select id, received_ms, samples, bytes from waiting order by id').iterate()) {
        const pack = row as unknown as Omit<WaitingPack, 'receivedMs'> & { received_ms: number };
        samples += pack.samples;
        size += pack.bytes.length;
        if (packs.length > 0 && (samples > limits.samplesMax || size > limits.bytesMax)) break;
        packs.push({ id: pack.id, receivedMs: pack.received_ms, samples: pack.samples, bytes: pack.bytes });
      }
      return packs;
    });
  }

  /** The number of the batch of files after the last one. */
  nextBatch(): number {
    return this.#prepare('select coalesce(max(batch), 0) + 1 as batch from sample_file').get()!.batch as number;
  }

  /**
   * The moment at which a batch counts: its packs wait no longer, its files are to be put in place.
   * @param throughId the last waiting pack that is in the files, with all before it
   */
  finishBatch(batch: number, files: readonly SampleFile[], throughId: number): void {
    this.transact(() => {
      const add = this.#prepare('insert into sample_file (batch, path, part, rows, in_place) values (?, ?, ?, ?, 0)');
      for (const { path, part, rows } of files) add.run(batch, path, part, rows);
      this.#prepare('delete from waiting where id <= ?').run(throughId);
    });
  }

  /** Files that count, and are perhaps not in place yet. */
  filesToPlace(): SampleFile[] {
    const rows = this.#prepare('select path, part, rows from sample_file where in_place = 0 order by id').all();
    return rows.map((row) => ({ ...(row as unknown as SampleFile) }));
  }

  filesPlaced(): void {
    this.transact(() => this.#prepare('update sample_file set in_place = 1 where in_place = 0').run());
  }
}
