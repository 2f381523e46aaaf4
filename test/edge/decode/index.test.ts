/** The folder's public face: a name that comes or goes is a decision. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as decode from '../../../edge/decode/index.ts';

test('exports', () => {
  assert.deepEqual(Object.keys(decode).sort(), [
    'SignalStatus',
    'bytesNeeded',
    'canLeaveRange',
    'compilePlan',
    'createBatchDecoder',
    'createEncoder',
    'createFrameDecoder',
    'createInterpreter',
    'createWasmDecoder',
    'decodeToObject',
    'emitBatchModule',
    'emitC',
    'emitScalarModule',
    'integerLimits',
    'labelAt',
    'moduleHash',
    'needsJ1939Transport',
    'physicalAt',
    'readObject',
    'statusNames',
  ]);
});
