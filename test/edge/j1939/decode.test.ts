/** A message put together again decodes by its PGN, whoever sent it, in every back end that takes long payloads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDbc } from '../../../edge/dbc/index.ts';
import {
  compilePlan,
  createFrameDecoder,
  createInterpreter,
  decodeToObject,
  type FrameDecoder,
} from '../../../edge/decode/index.ts';
import { broadcast, connection, counting, listen, type Sent } from './support/sender.ts';

/** 0x18FECAFE and 0x18EF00FE with bit 31; 0xFE stands for any source. */
const dbc = `
BO_ 2566834942 DM1: 22 Vector__XXX
 SG_ Lamp : 6|2@1+ (1,0) [0|3] "" Vector__XXX
 SG_ LastWord : 160|16@1+ (0.5,10) [0|0] "" Vector__XXX
BO_ 2565800190 ToTool: 1785 Vector__XXX
 SG_ First : 0|8@1+ (1,0) [0|0] "" Vector__XXX
 SG_ Last : 14272|8@1+ (1,0) [0|0] "" Vector__XXX
BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
BA_DEF_DEF_ "VFrameFormat" "J1939PG";
`;

const plan = compilePlan(parseDbc(new TextEncoder().encode(dbc)).database);

function decoded(decoder: FrameDecoder, frames: Sent[]) {
  const [whole] = listen(frames).messages;
  return decodeToObject(decoder, whole.id, whole.flags, whole.data);
}

for (const [name, create] of [
  ['interpreter', createInterpreter],
  ['frame decoder', createFrameDecoder],
] as const) {
  test(`${name}: a broadcast of 22 bytes from source 0x31`, () => {
    const frame = decoded(create(plan), broadcast({ pgn: 0xfeca, source: 0x31, payload: counting(22) }));
    assert.equal(frame?.message.name, 'DM1');
    assert.deepEqual(frame?.signals, { Lamp: 0, LastWord: (20 + 21 * 256) / 2 + 10 });
  });

  test(`${name}: the largest message, to one receiver`, () => {
    const transfer = { pgn: 0xef00, source: 0x31, destination: 0xf9, payload: counting(1785) };
    const frame = decoded(create(plan), connection(transfer, 16));
    assert.equal(frame?.message.name, 'ToTool');
    assert.deepEqual(frame?.signals, { First: 0, Last: 1784 % 256 });
  });
}
