/** From ids to messages: every frame's row number is appended to the list of its message. */
import { bytesNeeded, idMax } from '../layout.ts';
import { extendedEntries } from '../message-index.ts';
import type { Plan } from '../types.ts';
import { type Bytes, FunctionBody } from '../wasm/assembler.ts';
import type { ValueType } from '../wasm/opcodes.ts';
import { advance } from './gather.ts';
import type { Kernel } from './kernels.ts';
import { cell } from './memory.ts';
import { payloadBytesMax } from './tables.ts';

/** FrameFlag.remote | FrameFlag.error, and FrameFlag.extended. */
const noDataFlags = 6;
const extendedFlag = 1;
const standardIds = 2048;

/** An open-addressing hash table of (u32 key, u32 message + 1); a key's first slot is `key * 0x9e3779b1 >>> shift`. */
interface HashTable {
  address: number;
  shift: number;
  slots: number;
}

/** Addresses of the tables by which messages are found. */
export interface LookupTables {
  /** u16 per 11-bit id: message + 1, or 0. */
  standard: number;
  /** By 29-bit id; by PGN * 256 + source address; by PGN. */
  extended: [HashTable, HashTable, HashTable];
  hasGroups: boolean;
  /** u8 per message: bytes that every signal needs, 255 for more than a frame has. */
  needed: number;
  /** Per message, written while decoding: i32 where its next row number goes, u8 whether some frame was short. */
  cursors: number;
  shortFlags: number;
  messageCount: number;
}

/** Appends the tables to the module's data. */
export function writeLookupTables(out: Bytes, plan: Plan, isDecoded: readonly boolean[]): LookupTables {
  const standard = align(out);
  const byStandardId = new Uint16Array(standardIds);
  plan.messages.forEach(({ id, extended }, index) => {
    if (!extended && id <= idMax(false) && isDecoded[index]) byStandardId[id] = index + 1;
  });
  for (const entry of byStandardId) out.byte(entry & 255).byte(entry >>> 8);
  const { exact, bySource, byPgn } = extendedEntries(plan.messages);
  const extended: LookupTables['extended'] = [
    writeHash(out, exact, isDecoded),
    writeHash(out, bySource, isDecoded),
    writeHash(out, byPgn, isDecoded),
  ];
  const needed = align(out);
  for (const { signals } of plan.messages) {
    const most = signals.reduce((bytes, signal) => Math.max(bytes, bytesNeeded(signal)), 0);
    out.byte(most > payloadBytesMax ? 255 : most);
  }
  const cursors = align(out);
  out.append(new Uint8Array(plan.messages.length * 4));
  const shortFlags = align(out);
  out.append(new Uint8Array(plan.messages.length));
  const hasGroups = byPgn.size > 0;
  return { standard, extended, hasGroups, needed, cursors, shortFlags, messageCount: plan.messages.length };
}

/** Pads to a multiple of 16 and returns the address. */
export function align(out: Bytes): number {
  out.append(new Uint8Array((16 - (out.length % 16)) % 16));
  return out.length;
}

function writeHash(out: Bytes, entries: Map<number, number>, isDecoded: readonly boolean[]): HashTable {
  const bits = Math.max(2, Math.ceil(Math.log2(entries.size * 2 + 1)));
  const slots = new Uint32Array(2 << bits);
  const shift = 32 - bits;
  for (const [key, message] of entries) {
    let slot = Math.imul(key, 0x9e3779b1) >>> shift;
    while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & ((1 << bits) - 1);
    slots[slot * 2] = key;
    // A message without signals is known, and decodes to nothing: no other may answer in its place.
    slots[slot * 2 + 1] = isDecoded[message] ? message + 1 : nothing;
  }
  const address = align(out);
  for (const word of slots) out.u32(word);
  return { address, shift, slots: 1 << bits };
}

/** Stands in a hash table for a message that decodes to nothing. */
const nothing = 0xffffffff;

/** (table, mask of slots, shift, key) -> what the key leads to, or 0. */
export function probeFunction(): Kernel & { results: ValueType[] } {
  const [table, mask, shift, key] = [0, 1, 2, 3];
  const body = new FunctionBody(4);
  const slot = body.local('i32');
  const at = body.local('i32');
  const value = body.local('i32');
  body.get(key).i32(0x9e3779b1).do('i32.mul').get(shift).do('i32.shr_u').set(slot).open('loop');
  body.get(table).get(slot).i32(3).do('i32.shl', 'i32.add').tee(at).memory('i32.load', 4).tee(value).do('i32.eqz');
  body.open('if').i32(0).do('return', 'end');
  body.get(at).memory('i32.load', 0).get(key).do('i32.eq').open('if').get(value).do('return', 'end');
  body.get(slot).i32(1).do('i32.add').get(mask).do('i32.and').set(slot).branch('br', 0).do('end', 'unreachable');
  return { parameters: ['i32', 'i32', 'i32', 'i32'], results: ['i32'], body: body.done() };
}

/** (29-bit id) -> message + 1, or 0: the id itself, else the PGN with the source address, else the PGN. */
export function findExtendedFunction(tables: LookupTables, probe: number): Kernel & { results: ValueType[] } {
  const id = 0;
  const body = new FunctionBody(1);
  const found = body.local('i32');
  const pgn = body.local('i32');
  const [exact, bySource, byPgn] = tables.extended;
  const look = ({ address, slots, shift }: HashTable, pushKey: () => void): void => {
    body
      .i32(address)
      .i32(slots - 1)
      .i32(shift);
    pushKey();
    body.call(probe).tee(found).open('if').get(found).i32(1).do('i32.add').open('if').get(found).do('return', 'end');
    body.i32(0).do('return', 'end');
  };
  body.get(id).i32(idMax(true)).do('i32.gt_u').open('if').i32(0).do('return', 'end');
  look(exact, () => body.get(id));
  if (tables.hasGroups) {
    body.get(id).i32(8).do('i32.shr_u').i32(0x3ffff).do('i32.and').set(pgn);
    body.get(id).i32(16).do('i32.shr_u').i32(0xff).do('i32.and').i32(240).do('i32.lt_u').open('if');
    body.get(pgn).i32(0x3ff00).do('i32.and').set(pgn).do('end');
    look(bySource, () => body.get(pgn).i32(8).do('i32.shl').get(id).i32(0xff).do('i32.and', 'i32.or'));
    look(byPgn, () => body.get(pgn));
  }
  return { parameters: ['i32'], results: ['i32'], body: body.i32(0).done() };
}

/** What the two forms of input share once a frame's message + 1 is known: note its row, and whether it is short. */
function appendRow(
  body: FunctionBody,
  tables: LookupTables,
  locals: { message: number; row: number; cursor: number },
  pushLength: () => void,
): void {
  const { message, row, cursor } = locals;
  pushLength();
  body
    .get(message)
    .memory('i32.load8_u', tables.needed - 1)
    .do('i32.lt_u')
    .open('if');
  body
    .get(message)
    .i32(1)
    .memory('i32.store8', tables.shortFlags - 1)
    .do('end');
  body.get(message).i32(2).do('i32.shl').tee(message);
  body
    .get(message)
    .memory('i32.load', tables.cursors - 4)
    .tee(cursor)
    .i32(4)
    .do('i32.add');
  body.memory('i32.store', tables.cursors - 4);
  body.get(cursor).get(row).memory('i32.store', 0);
}

/** (count): frames as a struct of arrays. */
export function classifyArraysFunction(tables: LookupTables, findExtended: number): Kernel {
  const count = 0;
  const body = new FunctionBody(1);
  const [ids, flags, lengths, row, message, cursor, flag] = Array.from({ length: 7 }, () => body.local('i32'));
  for (const [local, address] of [
    [ids, cell.ids],
    [flags, cell.flags],
    [lengths, cell.lengths],
  ])
    body.i32(address).memory('i32.load', 0).set(local);
  body.open('block').open('loop').get(row).get(count).do('i32.ge_u').branch('br_if', 1);
  body.open('block');
  body.get(ids).memory('i32.load', 0).set(message);
  body
    .get(flags)
    .memory('i32.load8_u', 0)
    .i32(noDataFlags | extendedFlag)
    .do('i32.and')
    .tee(flag)
    .open('if');
  body.get(flag).i32(noDataFlags).do('i32.and').branch('br_if', 1);
  body.get(message).call(findExtended).set(message).do('else');
  body.get(message).i32(standardIds).do('i32.ge_u').branch('br_if', 1);
  body.get(message).i32(1).do('i32.shl').memory('i32.load16_u', tables.standard).set(message).do('end');
  body.get(message).do('i32.eqz').branch('br_if', 0);
  appendRow(body, tables, { message, row, cursor }, () => body.get(lengths).memory('i32.load8_u', 0));
  body.do('end');
  advance(body, ids, 4);
  for (const pointer of [flags, lengths, row]) advance(body, pointer, 1);
  return { parameters: ['i32'], body: body.branch('br', 0).do('end', 'end').done() };
}

/** (count): frames as records, whose first word is the id with bit 31 for 29 bits. */
export function classifyRecordsFunction(tables: LookupTables, findExtended: number): Kernel {
  const count = 0;
  const body = new FunctionBody(1);
  const [record, stride, row, message, cursor, head] = Array.from({ length: 6 }, () => body.local('i32'));
  body.i32(cell.data).memory('i32.load', 0).i32(8).do('i32.sub').set(record);
  body.i32(cell.dataStride).memory('i32.load', 0).set(stride);
  body.i32(cell.heads).memory('i32.load', 0).set(head);
  body.open('block').open('loop').get(row).get(count).do('i32.ge_u').branch('br_if', 1);
  body.get(head).get(record).memory('i64.load', 8).memory('i64.store', 0).open('block');
  body.get(record).memory('i32.load', 0).tee(message).i32(standardIds).do('i32.ge_u').open('if');
  body.get(message).i32(0).do('i32.ge_s').branch('br_if', 1);
  body.get(message).i32(0x7fffffff).do('i32.and').call(findExtended).set(message).do('else');
  body.get(message).i32(1).do('i32.shl').memory('i32.load16_u', tables.standard).set(message).do('end');
  body.get(message).do('i32.eqz').branch('br_if', 0);
  appendRow(body, tables, { message, row, cursor }, () => body.get(record).memory('i32.load8_u', 4));
  body.do('end').get(record).get(stride).do('i32.add').set(record);
  advance(body, row, 1);
  advance(body, head, 8);
  return { parameters: ['i32'], body: body.branch('br', 0).do('end', 'end').done() };
}
