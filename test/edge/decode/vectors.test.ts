/** Four real databases, 400 frames each, with values computed elsewhere: raw, physical and the set of active signals. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { FrameFlag } from '../../../edge/can/index.ts';
import { parseDbc } from '../../../edge/dbc/index.ts';
import { compilePlan, type FrameDecoder, type PlanMessage, SignalStatus } from '../../../edge/decode/index.ts';
import { sharedPath, skipWithout } from '../../shared.ts';
import { backEnds } from './support/back-ends.ts';
import { bytes } from './support/build.ts';

interface VectorLine {
  id: number;
  ext: boolean;
  data: string;
  /** Raw (a string from 2^53 up) and physical value, of active signals only. */
  signals: Record<string, [number | string, number]>;
}

const isRead = (status: number): boolean => status !== SignalStatus.absent && status !== SignalStatus.inactive;

function decoded(decoder: FrameDecoder, message: PlanMessage): VectorLine['signals'] {
  const active = message.signals.filter(({ slot }) => isRead(decoder.status[slot]));
  return Object.fromEntries(
    active.map(({ name, slot }) => {
      const raw = decoder.rawAt(slot);
      return [name, [typeof raw === 'bigint' ? `${raw}` : raw, decoder.physical[slot]]];
    }),
  );
}

for (const name of ['tesla_can', 'vw_mlb', 'cadillac_ct6_object', 'ford_lincoln_base_pt']) {
  const [dbc, vectors] = [`corpus/opendbc/${name}.dbc`, `vectors/decode/${name}.jsonl`];
  describe(name, { skip: skipWithout(dbc) || skipWithout(vectors) }, () => {
    for (const { name: backEnd, create } of backEnds) {
      test(`${backEnd}: every frame`, () => {
        const { database } = parseDbc(readFileSync(sharedPath(dbc)!));
        const decoder = create(compilePlan(database));
        const lines = readFileSync(sharedPath(vectors)!, 'utf8').trim().split('\n');
        assert.equal(lines.length, 400);
        for (const line of lines) {
          const { id, ext, data, signals } = JSON.parse(line) as VectorLine;
          const payload = bytes(data);
          const message = decoder.decode(id, ext ? FrameFlag.extended : 0, payload, 0, payload.length);
          assert.ok(message, line);
          assert.deepEqual(decoded(decoder, message), signals, line);
        }
      });
    }
  });
}
