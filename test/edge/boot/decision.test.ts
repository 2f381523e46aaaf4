/** The boot decision table: its rows, what is torn, and every state against a rule written out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, decisionTable, type Flag, type SwapRequest, type TrailerState } from '../../../edge/boot/index.ts';

const magics = ['good', 'unset', 'bad'] as const;
const flags = ['unset', 'set', 'bad'] as const;

/** magic, image_ok, copy_done */
type Row = [TrailerState['magic'], Flag, Flag];
const state = ([magic, imageOk, copyDone]: Row): TrailerState => ({ magic, imageOk, copyDone });

const rows: [string, Row, Row, SwapRequest][] = [
  ['blank flash: boot what is there', ['unset', 'unset', 'unset'], ['unset', 'unset', 'unset'], 'none'],
  ['an upload asked for on trial', ['unset', 'unset', 'unset'], ['good', 'unset', 'unset'], 'test'],
  ['the same over a confirmed image', ['good', 'set', 'set'], ['good', 'unset', 'unset'], 'test'],
  ['the same over a trial: the first row that matches', ['good', 'unset', 'set'], ['good', 'unset', 'unset'], 'test'],
  ['an upload asked for for good', ['good', 'set', 'set'], ['good', 'set', 'unset'], 'permanent'],
  ['the same over a trial', ['good', 'unset', 'set'], ['good', 'set', 'unset'], 'permanent'],
  ['copy_done of the secondary slot says nothing', ['unset', 'unset', 'unset'], ['good', 'set', 'set'], 'permanent'],
  ['a trial that was not confirmed', ['good', 'unset', 'set'], ['unset', 'unset', 'unset'], 'revert'],
  ['the same beside half a request', ['good', 'unset', 'set'], ['bad', 'set', 'unset'], 'revert'],
  ['a trial that was confirmed', ['good', 'set', 'set'], ['unset', 'unset', 'unset'], 'none'],
  ['an image from the programmer, confirmed', ['good', 'set', 'unset'], ['unset', 'unset', 'unset'], 'none'],
  ['an image from the programmer, not confirmed', ['good', 'unset', 'unset'], ['unset', 'unset', 'unset'], 'none'],
  ['a torn magic asks for nothing', ['good', 'set', 'set'], ['bad', 'unset', 'unset'], 'none'],
  ['a trial without magic is none', ['bad', 'unset', 'set'], ['unset', 'unset', 'unset'], 'none'],
  ['a torn confirmation confirms', ['good', 'bad', 'set'], ['unset', 'unset', 'unset'], 'none'],
  ['a torn copy_done is done', ['good', 'unset', 'bad'], ['unset', 'unset', 'unset'], 'revert'],
  ['a torn image_ok of a request is for good', ['unset', 'unset', 'unset'], ['good', 'bad', 'unset'], 'permanent'],
];
for (const [what, primary, secondary, expected] of rows) {
  test(`${expected}: ${what}`, () => assert.equal(decide(state(primary), state(secondary)), expected));
}

test('all 729 states: as MCUboot documents them, what is torn read as set', () => {
  const states = magics.flatMap((magic) =>
    flags.flatMap((imageOk) => flags.map((copyDone) => state([magic, imageOk, copyDone]))),
  );
  const byHand = (primary: TrailerState, secondary: TrailerState): SwapRequest => {
    if (secondary.magic === 'good') return secondary.imageOk === 'unset' ? 'test' : 'permanent';
    const isTrial = primary.magic === 'good' && primary.copyDone !== 'unset' && primary.imageOk === 'unset';
    return isTrial ? 'revert' : 'none';
  };
  let count = 0;
  for (const primary of states) {
    for (const secondary of states) {
      assert.equal(decide(primary, secondary), byHand(primary, secondary), JSON.stringify({ primary, secondary }));
      count++;
    }
  }
  assert.equal(count, 729);
});

test('the table has the rows of the documentation, in their order', () => {
  assert.deepEqual(
    decisionTable.map(({ request }) => request),
    ['test', 'permanent', 'revert', 'none'],
  );
});
