/**
 * Emits the scalar decoder: a WebAssembly 1.0 module without imports, for small runtimes on real Miners, whose
 * SHA-256 identifies the decoder. The same plan gives the same bytes on every machine.
 *
 * Exports (abi_version 1; all numbers i32, all addresses in bytes from 0 in `memory`):
 * - `memory`; the host may grow it. Below `heap_base` lie the module's own tables; all above is the host's.
 * - `find(key) -> message`: key is the arbitration id, with bit 31 set for 29 bits; message is the position in the
 *   plan, or -1.
 * - `decode(key, payload, length, physical, raw, status) -> message`: finds and decodes one frame.
 * - `decode_run(message, payload, stride, count, length, physical, raw, status)`: decodes `count` payloads of one
 *   message, `stride` bytes apart, each of `length` bytes, into consecutive rows.
 * - `heap_base`, `slot_count` (signals of the largest message), `abi_version`: constant globals.
 *
 * Of a message with n signals one row is n f64 at `physical`, n i64 at `raw` (exact; of a float its bit pattern,
 * of a signed integer sign-extended) and n u8 at `status` (SignalStatus). Eight bytes behind each payload must be
 * readable; what they hold does not matter.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { edgeError } from '../../errors/index.ts';
import { generatedSize, generatedSizeMax, idMax } from '../layout.ts';
import { extendedEntries } from '../message-index.ts';
import type { Plan } from '../types.ts';
import { Bytes, FunctionBody } from './assembler.ts';
import { emitMessageFunction, messageParameters } from './message-function.ts';
import { type FunctionType, writeModule } from './module.ts';

/** Bytes of memory the module leaves the host above heap_base before it must grow it. */
const heapBytes = (slotCount: number): number => 4096 + slotCount * 17;

const types = {
  message: { index: 0, parameters: messageParameters, results: [] },
  swap: { index: 1, parameters: ['i64'], results: ['i64'] },
  search: { index: 2, parameters: ['i32', 'i32', 'i32'], results: ['i32'] },
  find: { index: 3, parameters: ['i32'], results: ['i32'] },
  decode: { index: 4, parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], results: ['i32'] },
  run: { index: 5, parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], results: [] },
} satisfies Record<string, FunctionType & { index: number }>;

/** Function indices: the fixed ones first, then one per message. */
const [swap, search, find, decode, decodeRun, firstMessage] = [0, 1, 2, 3, 4, 5];

/**
 * Emits the scalar module; see the head of this file for what it exports.
 * @throws {MinerError} `MESSAGE_TOO_LARGE` when a message has more signals and selectors than a function holds
 */
export function emitScalarModule(plan: Plan): Uint8Array {
  for (const message of plan.messages) {
    const size = generatedSize(message);
    if (size > generatedSizeMax)
      throw edgeError('MESSAGE_TOO_LARGE', { message: message.name, size, maximum: generatedSizeMax });
  }
  const tables = lookupTables(plan);
  const slotCount = plan.messages.reduce((most, { signals }) => Math.max(most, signals.length), 0);
  const heapBase = Math.ceil(tables.bytes.length / 16) * 16;
  const signalCounts = tables.signalCounts;
  const functions = [
    { type: types.swap.index, body: swapBody() },
    { type: types.search.index, body: searchBody() },
    { type: types.find.index, body: findBody(tables.lookups) },
    { type: types.decode.index, body: decodeBody() },
    { type: types.run.index, body: runBody(signalCounts) },
    ...plan.messages.map((message) => ({ type: types.message.index, body: emitMessageFunction(message, swap) })),
  ];
  return writeModule({
    types: Object.values(types),
    functions,
    table: plan.messages.map((_, index) => firstMessage + index),
    memoryPages: Math.ceil((heapBase + heapBytes(slotCount)) / 65536),
    constants: [
      { name: 'abi_version', value: 1 },
      { name: 'heap_base', value: heapBase },
      { name: 'slot_count', value: slotCount },
    ],
    exports: [
      { name: 'find', functionIndex: find },
      { name: 'decode', functionIndex: decode },
      { name: 'decode_run', functionIndex: decodeRun },
    ],
    data: tables.bytes,
  });
}

/** SHA-256 of the scalar module, lower-case hex: what a registry lists. */
export function moduleHash(plan: Plan): string {
  return bytesToHex(sha256(emitScalarModule(plan)));
}

interface Lookup {
  address: number;
  count: number;
}

interface LookupTables {
  bytes: Uint8Array;
  /** By key; by PGN * 256 + source address; by PGN. */
  lookups: [Lookup, Lookup, Lookup];
  /** Address of one u32 per message: how many signals it has. */
  signalCounts: number;
}

/** Tables of (u32 key, u32 message) sorted by key, and the signal counts. */
function lookupTables(plan: Plan): LookupTables {
  const { exact, bySource, byPgn } = extendedEntries(plan.messages);
  const byKey = new Map<number, number>();
  plan.messages.forEach((message, index) => {
    if (!message.extended && message.id <= idMax(false)) byKey.set(message.id, index);
  });
  for (const [id, index] of exact) byKey.set(id + 0x80000000, index);
  const out = new Bytes();
  const write = (entries: Map<number, number>): Lookup => {
    const address = out.length;
    for (const [key, index] of [...entries].sort((a, b) => a[0] - b[0])) out.u32(key).u32(index);
    return { address, count: entries.size };
  };
  const lookups: LookupTables['lookups'] = [write(byKey), write(bySource), write(byPgn)];
  const signalCounts = out.length;
  for (const message of plan.messages) out.u32(message.signals.length);
  return { bytes: out.done(), lookups, signalCounts };
}

/** swap(x): the bytes of an i64 in reverse: halves of 8 bits, of 16, then of 32, as MVP has no byte shuffle. */
function swapBody(): Uint8Array {
  const body = new FunctionBody(1);
  const x = 0;
  for (const [bits, mask] of [
    [8n, 0x00ff00ff00ff00ffn],
    [16n, 0x0000ffff0000ffffn],
  ] as const) {
    body.get(x).i64(mask).do('i64.and').i64(bits).do('i64.shl');
    body.get(x).i64(bits).do('i64.shr_u').i64(mask).do('i64.and', 'i64.or').set(x);
  }
  return body.get(x).i64(32n).do('i64.rotl').done();
}

/** search(table, count, key): binary search; the message, or -1. */
function searchBody(): Uint8Array {
  const body = new FunctionBody(3);
  const [table, count, key] = [0, 1, 2];
  const half = body.local('i32');
  const middle = body.local('i32');
  // Invariant: the first entry whose key is not below `key`, if any, lies in [table, table + count].
  body.open('block').open('loop').get(count).do('i32.eqz').branch('br_if', 1);
  body.get(count).i32(1).do('i32.shr_u').set(half);
  body.get(table).get(half).i32(3).do('i32.shl', 'i32.add').tee(middle).memory('i32.load', 0);
  body.get(key).do('i32.eq').open('if').get(middle).memory('i32.load', 4).do('return', 'end');
  body.get(middle).memory('i32.load', 0).get(key).do('i32.lt_u').open('if');
  body.get(middle).i32(8).do('i32.add').set(table);
  body.get(count).get(half).do('i32.sub').i32(1).do('i32.sub').set(count);
  body.do('else').get(half).set(count).do('end').branch('br', 0).do('end', 'end');
  return body.i32(-1).done();
}

/** find(key): the id itself, else the PGN with the source address, else the PGN. */
function findBody([byKey, bySource, byPgn]: LookupTables['lookups']): Uint8Array {
  const body = new FunctionBody(1);
  const key = 0;
  const found = body.local('i32');
  const pgn = body.local('i32');
  const isFound = (): FunctionBody => body.call(search).tee(found).i32(0).do('i32.lt_s', 'i32.eqz');
  body.i32(byKey.address).i32(byKey.count).get(key);
  isFound().open('if').get(found).do('return', 'end');
  if (byPgn.count === 0) return body.i32(-1).done();
  // Groups are asked for 29-bit ids only: bit 31 set, bits 30 and 29 clear.
  body.get(key).i32(29).do('i32.shr_u').i32(4).do('i32.eq', 'i32.eqz').open('if').i32(-1).do('return', 'end');
  body.get(key).i32(8).do('i32.shr_u').i32(0x3ffff).do('i32.and').set(pgn);
  body.get(key).i32(16).do('i32.shr_u').i32(0xff).do('i32.and').i32(240).do('i32.lt_u').open('if');
  body.get(pgn).i32(0x3ff00).do('i32.and').set(pgn).do('end');
  body.i32(bySource.address).i32(bySource.count);
  body.get(pgn).i32(8).do('i32.shl').get(key).i32(0xff).do('i32.and', 'i32.or');
  isFound().open('if').get(found).do('return', 'end');
  return body.i32(byPgn.address).i32(byPgn.count).get(pgn).call(search).done();
}

/** decode(key, payload, length, physical, raw, status). */
function decodeBody(): Uint8Array {
  const body = new FunctionBody(6);
  const found = body.local('i32');
  body.get(0).call(find).tee(found).i32(0).do('i32.lt_s').open('if').i32(-1).do('return', 'end');
  for (const parameter of [1, 2, 3, 4, 5]) body.get(parameter);
  return body.get(found).callIndirect(types.message.index).get(found).done();
}

/** decode_run(message, payload, stride, count, length, physical, raw, status). */
function runBody(signalCounts: number): Uint8Array {
  const body = new FunctionBody(8);
  const [message, payload, stride, count, length, physical, raw, status] = [0, 1, 2, 3, 4, 5, 6, 7];
  const slots = body.local('i32');
  body.get(message).i32(2).do('i32.shl').memory('i32.load', signalCounts).set(slots);
  body.open('block').open('loop').get(count).do('i32.eqz').branch('br_if', 1);
  for (const parameter of [payload, length, physical, raw, status]) body.get(parameter);
  body.get(message).callIndirect(types.message.index);
  body.get(payload).get(stride).do('i32.add').set(payload);
  for (const column of [physical, raw]) body.get(column).get(slots).i32(3).do('i32.shl', 'i32.add').set(column);
  body.get(status).get(slots).do('i32.add').set(status);
  body.get(count).i32(1).do('i32.sub').set(count).branch('br', 0);
  return body.do('end', 'end').done();
}
