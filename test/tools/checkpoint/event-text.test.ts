// What a trust view tells, in one line each for people and for programs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeError } from '../../../edge/errors/index.ts';
import type { TrustEvent } from '../../../edge/trust/index.ts';
import { trustEventJson, trustEventText } from '../../../tools/checkpoint/index.ts';
import { alice, fileOf, twoOfThree } from '../../edge/trust/checkpoint-world.ts';

const error = edgeError('CHECKPOINT_ROLLBACK', { epoch: 2, seen: 3 });
const { checkpoint } = fileOf();

const rows: [TrustEvent, string][] = [
  [{ kind: 'trust-source', source: 'chain' }, 'trust: the chain answers'],
  [
    { kind: 'trust-source', source: 'cache', reason: error },
    `trust: going by what the chain said last (${error.message})`,
  ],
  [{ kind: 'trust-source', source: 'checkpoint', reason: error }, `trust: going by the checkpoint (${error.message})`],
  [{ kind: 'trust-source', source: 'none', reason: error }, `trust: nothing to go by (${error.message})`],
  [{ kind: 'registry-changed', epoch: 4, root: checkpoint.root }, 'trust: the registry stands at epoch 4'],
  [{ kind: 'signers-changed', signerSet: twoOfThree }, 'trust: 2 of 3 sign checkpoints now'],
  [
    { kind: 'chain-reorganised', from: { number: 7n, hash: '0x1' }, to: { number: 6n, hash: '0x2' } },
    'trust: the chain went from block 7 to another block 6; read anew',
  ],
  [
    { kind: 'checkpoint-accepted', checkpoint, signers: [alice.address] },
    'trust: took the checkpoint of epoch 3, 1 signers, good until 2026-01-08T00:00:00Z',
  ],
  [{ kind: 'checkpoint-refused', error }, `trust: ${error.message}`],
  [{ kind: 'trust-store-damaged', files: 1 }, 'trust: 1 of its two files is not whole'],
  [{ kind: 'trust-store-damaged', files: 2 }, 'trust: 2 of its two files are not whole'],
  [{ kind: 'trust-store-failed', error }, `trust: not stored: ${error.message}`],
];

for (const [event, text] of rows) {
  test(`${event.kind}: ${text}`, () => {
    assert.equal(trustEventText(event), text);
    const read = JSON.parse(trustEventJson(event));
    assert.equal(read.event, event.kind);
    assert.doesNotMatch(trustEventJson(event), /\n/);
  });
}

test('as JSON, bytes are hex, block numbers are numbers, and an error has its code', () => {
  const accepted = JSON.parse(trustEventJson({ kind: 'checkpoint-accepted', checkpoint, signers: [alice.address] }));
  assert.match(accepted.checkpoint.root, /^[0-9a-f]{64}$/);
  const from = { number: 7n, hash: '0x1' };
  assert.deepEqual(JSON.parse(trustEventJson({ kind: 'chain-reorganised', from, to: from })).from, {
    number: 7,
    hash: '0x1',
  });
  assert.equal(JSON.parse(trustEventJson({ kind: 'checkpoint-refused', error })).error.code, 'CHECKPOINT_ROLLBACK');
});
