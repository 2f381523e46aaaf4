// Which signals a layout holds, for the values chosen for its multiplexers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDbc } from '../../../edge/dbc/index.ts';
import { compilePlan, type PlanMessage } from '../../../edge/decode/index.ts';
import { choiceHolding, selectorValues, signalsHeld } from '../../../tools/workbench/src/view/multiplex-choice.ts';

function messageOf(signals: string[], length = 8): PlanMessage {
  const text = `VERSION ""\n\nBU_:\n\nBO_ 1 M: ${length} Vector__XXX\n${signals.map((line) => ` SG_ ${line}\n`).join('')}`;
  return compilePlan(parseDbc(new TextEncoder().encode(text)).database).messages[0];
}

const multiplexed = messageOf([
  'Outer M : 0|8@1+ (1,0) [0|0] "" Vector__XXX',
  'Always : 8|8@1+ (1,0) [0|0] "" Vector__XXX',
  'AtOne m1 : 16|8@1+ (1,0) [0|0] "" Vector__XXX',
  'AtTwo m2 : 16|8@1+ (1,0) [0|0] "" Vector__XXX',
]);
const named = (name: string) => multiplexed.signals.find((signal) => signal.name === name)!;
const heldNames = (choice: Map<number, bigint>) =>
  signalsHeld(multiplexed, choice)
    .map(({ name }) => name)
    .sort();

test('a layout holds the signals of the chosen selector value, by default the lowest', () => {
  const outer = named('Outer');
  assert.deepEqual(selectorValues(multiplexed, outer), [1n, 2n]);
  assert.deepEqual(heldNames(new Map()), ['Always', 'AtOne', 'Outer']);
  assert.deepEqual(heldNames(new Map([[outer.slot, 2n]])), ['Always', 'AtTwo', 'Outer']);
  assert.deepEqual(heldNames(new Map([[outer.slot, 9n]])), ['Always', 'Outer']);
});

test('choosing a signal changes the layout only where it has to', () => {
  const outer = named('Outer');
  const atTwo = new Map([[outer.slot, 2n]]);
  assert.deepEqual(choiceHolding(multiplexed, named('AtOne'), atTwo), new Map([[outer.slot, 1n]]));
  assert.deepEqual(choiceHolding(multiplexed, named('AtTwo'), atTwo), atTwo);
  assert.deepEqual(choiceHolding(multiplexed, named('Always'), atTwo), atTwo);
});
