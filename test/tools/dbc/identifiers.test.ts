// What people type for a message, and what a slip of the finger is told.
import assert from 'node:assert/strict';
import test from 'node:test';
import { idText } from '../../../tools/dbc/identifiers.ts';
import { findMessage, nearest, printable, wrap } from '../../../tools/dbc/index.ts';
import { read } from './fixtures.ts';

const { messages } = read(
  `BO_ 256 Speed: 8 E\nBO_ 257 Gear: 8 E\nBO_ 2147483905 Far: 8 E\nBO_ 258 Twin: 8 E\nBO_ 259 Twin: 8 E\nBO_ 260 Short_0001: 8 E\n` +
    `BA_DEF_ BO_ "SystemMessageLongSymbol" STRING;\nBA_ "SystemMessageLongSymbol" BO_ 260 "ShortButLong";\n`,
);

for (const [wanted, name] of [
  ['Speed', 'Speed'],
  ['256', 'Speed'],
  ['0x100', 'Speed'],
  ['0X100', 'Speed'],
  ['0x80000101', 'Far'],
  ['2147483905', 'Far'],
  ['ShortButLong', 'Short_0001'],
]) {
  test(`${wanted} is ${name}`, () => assert.equal(findMessage(messages, wanted).name, name));
}

for (const [wanted, code, hint] of [
  ['Sped', 'DBC_MESSAGE_UNKNOWN', 'did you mean Speed?'],
  ['speed', 'DBC_MESSAGE_UNKNOWN', 'did you mean Speed?'],
  ['999', 'DBC_MESSAGE_UNKNOWN', 'give a name, or an id such as 257 or 0x101; `miner dbc list` shows them'],
  ['', 'DBC_MESSAGE_UNKNOWN', 'give a name, or an id such as 257 or 0x101; `miner dbc list` shows them'],
  ['Twin', 'DBC_MESSAGE_AMBIGUOUS', 'give the id of the one you mean'],
  ['0x101', 'DBC_MESSAGE_AMBIGUOUS', 'give the name; or, for the 29-bit id, add 0x80000000'],
]) {
  test(`${JSON.stringify(wanted)} is none: ${hint}`, () => {
    assert.throws(() => findMessage(messages, wanted), { code, hint });
  });
}

test('near names: a letter missing, doubled, swapped or wrong, another case, a part; nearest first, three at most', () => {
  const names = ['WheelSpeed', 'WheelSped', 'Gear', 'Brake', 'EngineSpeed', 'SpeedLimit'];
  assert.deepEqual(nearest('WheelSpeeed', names), ['WheelSpeed', 'WheelSped']);
  assert.deepEqual(nearest('geer', names), ['Gear']);
  assert.deepEqual(nearest('Braek', names), ['Brake']);
  assert.deepEqual(nearest('speed', names), ['WheelSpeed', 'EngineSpeed', 'SpeedLimit']);
  assert.deepEqual(nearest('x', names), []);
});

test('ids as candump writes them', () => {
  assert.equal(idText({ id: 0x1a, extended: false }), '0x01A');
  assert.equal(idText({ id: 0x18fef100, extended: true }), '0x18FEF100');
});

test('text of a file steers no terminal, and is wrapped where its author left it whole', () => {
  assert.equal(printable('a\u001b[2J\n\tb\u202e\u0085'), 'a\\x1b[2J\\n b\\u202e\\x85');
  assert.deepEqual(wrap('one two three\n\nfour', 20, '  '), ['  one two three', '', '  four']);
  assert.deepEqual(wrap('one two three four five', 20, '    '), ['    one two three', '    four five']);
  assert.deepEqual(wrap('averylongwordthatdoesnotfit', 10), ['averylongwordthatdoesnotfit']);
});
