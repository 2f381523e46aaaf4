/**
 * What the gateway knows of every device: the packs it accepted, and their samples. One SQLite file; accepting a
 * pack is one transaction keyed by (kid, seq), so delivering it twice changes nothing and a crash leaves no half.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { toolError } from '../errors/index.ts';

const schema = `
create table if not exists device (
  kid blob primary key, -- 20-byte address
  contiguous integer not null -- every seq up to here was accepted, or is covered by a signed gap
) strict, without rowid;
create table if not exists pack (
  kid blob not null, seq integer not null,
  hash blob not null, -- SHA-256 of the signed pack
  boot integer not null, received_ms integer not null, bytes integer not null, samples integer not null,
  primary key (kid, seq)
) strict, without rowid;
create table if not exists gap (
  kid blob not null, seq_from integer not null, seq_to integer not null, reason integer not null,
  primary key (kid, seq_from, seq_to)
) strict, without rowid;
create table if not exists sample (
  kid blob not null, seq integer not null, place integer not null, -- position in the pack
  decoder blob not null, -- contentHash
  signal integer not null, -- signalIndex
  time_ms integer not null, -- since the device's boot
  raw integer not null, -- before scale and offset; two's complement from 2^63 on
  primary key (kid, seq, place)
) strict, without rowid;
create table if not exists refusal (
  id integer primary key, received_ms integer not null, kid blob, seq integer, code text not null, reason text not null
) strict;
`;

const refusalsKept = 10_000;

/** A verified pack, as the ledger stores it. */
export interface LedgerPack {
  kid: Uint8Array;
  seq: number;
  hash: Uint8Array;
  boot: number;
  bytes: number;
  /** Ranges of seq that the device signed as never to come, inclusive. */
  gaps: readonly { from: number; to: number; reason: number }[];
  /** Streamed once, in pack order. */
  samples: Iterable<{ decoder: Uint8Array; signalIndex: number; timeMs: number; raw: number | bigint }>;
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

export class Ledger {
  readonly #db: DatabaseSync;
  readonly #statements: Map<string, StatementSync> = new Map();

  readonly #path: string;

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
      this.#attempt(() => {
        // WAL with full sync: an accepted pack survives a power cut, and readers don't wait.
        this.#db.exec('pragma journal_mode = wal; pragma synchronous = full;');
        this.#db.exec(schema);
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
      if (code !== 'ERR_SQLITE_ERROR' && code !== 'ERR_INVALID_STATE') throw cause;
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
   * Stores the pack if its number is new, and moves the device's contiguous mark.
   * @throws {MinerError} LEDGER_UNUSABLE, with nothing of the pack stored
   */
  accept(pack: LedgerPack, receivedMs: number): Acceptance {
    return this.#attempt(() => this.#accept(pack, receivedMs));
  }

  #accept(pack: LedgerPack, receivedMs: number): Acceptance {
    const known = this.#prepare('select hash from pack where kid = ? and seq = ?').get(pack.kid, pack.seq);
    if (known) return Buffer.compare(known.hash as Uint8Array, pack.hash) === 0 ? 'replayed' : 'conflicting';
    this.#db.exec('begin immediate');
    try {
      const samples = this.#insertSamples(pack);
      this.#prepare('insert into pack values (?, ?, ?, ?, ?, ?, ?)').run(
        pack.kid,
        pack.seq,
        pack.hash,
        pack.boot,
        receivedMs,
        pack.bytes,
        samples,
      );
      const addGap = this.#prepare('insert or ignore into gap values (?, ?, ?, ?)');
      for (const { from, to, reason } of pack.gaps) addGap.run(pack.kid, from, to, reason);
      this.#advance(pack.kid);
      this.#db.exec('commit');
    } catch (cause) {
      // On a full disk SQLite has rolled back by itself.
      if (this.#db.isTransaction) this.#db.exec('rollback');
      throw cause;
    }
    return 'new';
  }

  #insertSamples(pack: LedgerPack): number {
    const insert = this.#prepare('insert into sample values (?, ?, ?, ?, ?, ?, ?)');
    let place = 0;
    for (const { decoder, signalIndex, timeMs, raw } of pack.samples) {
      const stored = typeof raw === 'bigint' ? BigInt.asIntN(64, raw) : raw;
      insert.run(pack.kid, pack.seq, place++, decoder, signalIndex, timeMs, stored);
    }
    return place;
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
    this.#attempt(() => {
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
    const rows = this.#prepare(`
      select p.kid as kid, count(*) as packs, sum(p.samples) as samples,
        (select count(distinct hex(s.decoder) || s.signal) from sample s join pack q on q.kid = s.kid and q.seq = s.seq
         where s.kid = p.kid and q.received_ms >= ?1 and q.received_ms < ?2) as signals
      from pack p where p.received_ms >= ?1 and p.received_ms < ?2 group by p.kid order by p.kid`).all(fromMs, toMs);
    return rows as unknown as DeviceActivity[];
  }

  totals(): { packs: number; bytes: number; samples: number } {
    const row = this.#prepare(
      'select count(*) as packs, coalesce(sum(bytes), 0) as bytes, coalesce(sum(samples), 0) as samples from pack',
    ).get();
    return { ...(row as { packs: number; bytes: number; samples: number }) };
  }
}
