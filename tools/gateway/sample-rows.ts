/** From packs to columns: one table per day of receipt and decoder, a row per sample. */
import { decodeBody, type PackBody, parseCose } from '../../edge/pack/index.ts';
import type { WaitingPack } from './ledger.ts';

/** Rows of one file, column by column. */
export interface SampleTable {
  /** Day of receipt in UTC, as 2026-11-29. */
  day: string;
  /** Content hash in hex. */
  decoder: string;
  rowCount: number;
  kid: string[];
  seq: BigInt64Array;
  boot: BigInt64Array;
  /** Since the device's boot. */
  timeMs: BigInt64Array;
  /** By the pack's wall-clock anchor, or null where it has none. */
  unixMs: (bigint | null)[];
  signal: BigInt64Array;
  /** Before scale and offset; two's complement from 2^63 on. Null where the value is a text. */
  raw: (bigint | null)[];
  text: (string | null)[];
}

interface OpenBody {
  kid: string;
  day: string;
  body: PackBody;
}

/** Reads the packs again; they were verified before they were stored. */
export function openBodies(packs: readonly WaitingPack[]): OpenBody[] {
  return packs.map(({ bytes, receivedMs }) => {
    const { payload, protectedHeader } = parseCose(bytes);
    const kid = Buffer.from(protectedHeader.get(4) as Uint8Array).toString('hex');
    return { kid, day: new Date(receivedMs).toISOString().slice(0, 10), body: decodeBody(payload) };
  });
}

/** Rows in the order of the packs, in each column by column; tables by day and decoder. */
export function sampleTables(bodies: readonly OpenBody[]): SampleTable[] {
  const counts = new Map<string, number>();
  forEachColumn(bodies, (key, _of, column) => counts.set(key, (counts.get(key) ?? 0) + column.timesMs.length));
  const tables = new Map<string, SampleTable>();
  for (const key of [...counts.keys()].sort()) tables.set(key, tableOf(key, counts.get(key) as number));
  forEachColumn(bodies, (key, of, column) => fill(tables.get(key) as SampleTable, of, column));
  return [...tables.values()].filter(({ rowCount }) => rowCount > 0);
}

interface AnyColumn {
  signalIndex: number;
  timesMs: Float64Array;
  values: ArrayLike<number | bigint | string>;
}

function forEachColumn(bodies: readonly OpenBody[], take: (key: string, of: OpenBody, column: AnyColumn) => void) {
  for (const of of bodies) {
    const { decoders, columns, texts = [] } = of.body;
    const keys = decoders.map(({ contentHash }) => `${of.day}/${Buffer.from(contentHash).toString('hex')}`);
    for (const column of columns) take(keys[column.decoder], of, column);
    for (const column of texts) take(keys[column.decoder], of, { ...column, values: column.texts });
  }
}

function tableOf(key: string, rows: number): SampleTable {
  const [day, decoder] = key.split('/');
  return {
    day,
    decoder,
    rowCount: 0,
    kid: new Array(rows),
    seq: new BigInt64Array(rows),
    boot: new BigInt64Array(rows),
    timeMs: new BigInt64Array(rows),
    unixMs: new Array(rows),
    signal: new BigInt64Array(rows),
    raw: new Array(rows),
    text: new Array(rows),
  };
}

function fill(table: SampleTable, { kid, body }: OpenBody, { signalIndex, timesMs, values }: AnyColumn): void {
  const [seq, boot] = [BigInt(body.seq), BigInt(body.bootCount)];
  const { anchor, startMs } = body;
  for (let i = 0; i < timesMs.length; i++) {
    const row = table.rowCount++;
    const value = values[i];
    table.kid[row] = kid;
    table.seq[row] = seq;
    table.boot[row] = boot;
    table.timeMs[row] = BigInt(timesMs[i]);
    table.unixMs[row] = anchor ? BigInt.asIntN(64, BigInt(anchor.unixMs) + BigInt(timesMs[i] - startMs)) : null;
    table.signal[row] = BigInt(signalIndex);
    table.raw[row] = typeof value === 'string' ? null : BigInt.asIntN(64, BigInt(value));
    table.text[row] = typeof value === 'string' ? value : null;
  }
}
