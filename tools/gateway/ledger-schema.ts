/** Tables of the ledger, and the step from the layout before. */
import type { DatabaseSync } from 'node:sqlite';
import { encodeSignals } from './signal-set.ts';

/** PRAGMA user_version. The layout before, with one row per sample, had none. */
export const layoutVersion = 2;

const schema = `
create table if not exists identity (
  name text not null -- random: files written from this ledger carry it
) strict;
create table if not exists device (
  kid blob primary key, -- 20-byte address
  contiguous integer not null -- every seq up to here was accepted, or is covered by a signed gap
) strict, without rowid;
create table if not exists signal_set (
  id integer primary key,
  members text not null unique -- signal-set.ts
) strict;
create table if not exists pack (
  kid blob not null, seq integer not null,
  hash blob not null, -- SHA-256 of the signed pack
  boot integer not null, received_ms integer not null, bytes integer not null, samples integer not null,
  signals integer, -- signal_set.id; null when the pack has no sample
  primary key (kid, seq)
) strict, without rowid;
create table if not exists gap (
  kid blob not null, seq_from integer not null, seq_to integer not null, reason integer not null,
  primary key (kid, seq_from, seq_to)
) strict, without rowid;
create table if not exists waiting ( -- accepted, and not yet in a file of samples
  id integer primary key, received_ms integer not null, samples integer not null, bytes blob not null
) strict;
create table if not exists sample_file (
  id integer primary key,
  batch integer not null, -- files of one batch became valid together
  path text not null unique, -- in the folder of samples
  part text not null, -- its name until it is in place
  rows integer not null,
  in_place integer not null
) strict;
create table if not exists refusal (
  id integer primary key, received_ms integer not null, kid blob, seq integer, code text not null, reason text not null
) strict;
`;

/** @param name for a new ledger */
export function prepareSchema(db: DatabaseSync, name: string): void {
  db.exec('begin immediate');
  try {
    const { user_version: version } = db.prepare('pragma user_version').get() as { user_version: number };
    if (version > layoutVersion) throw new NewerLayout(version);
    const isOld = version === 0 && has(db, 'sample');
    if (isOld) db.exec('alter table pack add column signals integer');
    db.exec(schema);
    if (isOld) fillSignals(db);
    db.prepare('insert into identity select ? where not exists (select 1 from identity)').run(name);
    db.exec(`pragma user_version = ${layoutVersion}`);
    db.exec('commit');
  } catch (error) {
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}

export class NewerLayout extends Error {
  constructor(version: number) {
    super(`its layout is ${version}, this program knows up to ${layoutVersion}`);
  }
}

function has(db: DatabaseSync, table: string): boolean {
  return db.prepare("select 1 from sqlite_master where type = 'table' and name = ?").get(table) !== undefined;
}

/** The packs of the layout before get their signals from its samples, which stay where they are: in table `sample`. */
function fillSignals(db: DatabaseSync): void {
  const rows = db.prepare('select distinct kid, seq, decoder, signal from sample order by kid, seq, decoder, signal');
  const addSet = db.prepare('insert or ignore into signal_set (members) values (?)');
  const setPack = db.prepare(
    'update pack set signals = (select id from signal_set where members = ?) where kid = ? and seq = ?',
  );
  type Row = { kid: Uint8Array; seq: number; decoder: Uint8Array; signal: number };
  let pack: Row | undefined;
  let signals: { decoder: Uint8Array; signalIndex: number }[] = [];
  const finish = () => {
    const members = encodeSignals(signals);
    if (!pack || members === undefined) return;
    addSet.run(members);
    setPack.run(members, pack.kid, pack.seq);
  };
  for (const row of rows.iterate() as Iterable<unknown> as Iterable<Row>) {
    if (pack && (pack.seq !== row.seq || Buffer.compare(pack.kid, row.kid) !== 0)) {
      finish();
      signals = [];
    }
    pack = row;
    signals.push({ decoder: row.decoder, signalIndex: row.signal });
  }
  finish();
}
