/** The grammar of commands and plans: what is read, and what is refused with words that help. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MinerError } from '../../../edge/errors/index.ts';
import {
  commandsHelp,
  parseFaultPlan,
  parseVehicleCommand,
  type VehicleCommand,
  vehicleCommands,
} from '../../../tools/vehicle/index.ts';

const valid: [line: string, command: VehicleCommand][] = [
  ['start', { name: 'start' }],
  ['  Pause ', { name: 'pause' }],
  ['step', { name: 'step', frames: 1 }],
  ['step 25', { name: 'step', frames: 25 }],
  ['unplug', { name: 'unplug' }],
  ['unplug 1s', { name: 'unplug', durationMs: 1000 }],
  ['bus-off', { name: 'bus-off' }],
  ['bus-off 500', { name: 'bus-off', durationMs: 500 }],
  ['bus-off 500ms', { name: 'bus-off', durationMs: 500 }],
  ['stall', { name: 'stall', durationMs: 5000 }],
  ['stall 1.5s', { name: 'stall', durationMs: 1500 }],
  ['babble', { name: 'babble', durationMs: 1000, id: 0 }],
  ['babble 2s', { name: 'babble', durationMs: 2000, id: 0 }],
  ['babble 0x7FF', { name: 'babble', durationMs: 1000, id: 0x7ff }],
  ['babble 1min 0x1fffffff', { name: 'babble', durationMs: 60_000, id: 0x1fff_ffff }],
  ['error', { name: 'error', kind: 'stuff' }],
  ['error-frame crc', { name: 'error', kind: 'crc' }],
  ['garbage', { name: 'garbage', bytes: 64 }],
  ['garbage 1000', { name: 'garbage', bytes: 1000 }],
  ['help', { name: 'help' }],
];
const invalid: [line: string, words: RegExp][] = [
  ['', /no command ""/],
  ['explode', /no command "explode"/],
  ['pause now', /expected pause/],
  ['step 0', /0 is no number from 1 to 1000000/],
  ['step -1', /-1 is no number/],
  ['step 1e9', /1e9 is no number/],
  ['step 1000001', /1000001 is no number/],
  ['step 1 2', /expected step \[n\]/],
  ['unplug soon', /soon is no time such as 500ms or 2s/],
  ['unplug 1h', /1h is no time/],
  ['bus-off -5', /-5 is no time/],
  ['stall 99999s', /99999s is no time/],
  ['babble 0x20000000', /0x20000000 is no id from 0x0 to 0x1fffffff/],
  ['babble 0xzz', /0xzz is no id/],
  ['babble 0x1 0x2', /expected babble/],
  ['babble 1s 2s', /expected babble/],
  ['error melted', /melted is no class of errors: stuff,/],
  ['garbage 0', /0 is no number/],
  ['garbage 65537', /65537 is no number/],
  ['constructor', /no command/],
];

describe('a command', () => {
  for (const [line, command] of valid) {
    test(`${JSON.stringify(line)} is read`, () => assert.deepEqual(parseVehicleCommand(line), command));
  }
  for (const [line, words] of invalid) {
    test(`${JSON.stringify(line)} is refused`, () => {
      assert.throws(
        () => parseVehicleCommand(line),
        (problem: MinerError) =>
          problem.code === 'VEHICLE_COMMAND' && problem.exitCode === 2 && words.test(problem.message),
      );
    });
  }

  test('of the help is read as it stands there, without its arguments', () => {
    for (const { name } of vehicleCommands) assert.equal(parseVehicleCommand(name).name, name);
    for (const { usage, does } of vehicleCommands) assert.ok(commandsHelp().includes(usage) && does.length > 2);
  });

  test('of any text is a command or refused, and the message stays short', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (line) => {
        try {
          assert.ok(vehicleCommands.some(({ name }) => name === parseVehicleCommand(line).name));
        } catch (problem) {
          assert.ok(problem instanceof MinerError && problem.code === 'VEHICLE_COMMAND');
          assert.ok(problem.message.length < 600);
        }
      }),
    );
  });
});

describe('a plan', () => {
  test('holds commands at their times', () => {
    const plan = parseFaultPlan('10s error-frame, 20s bus-off 500ms,30s babble 2s, 40s unplug 1s, 0 pause');
    assert.deepEqual(
      plan.map(({ atMs, line }) => [atMs, line]),
      [
        [10_000, 'error-frame'],
        [20_000, 'bus-off 500ms'],
        [30_000, 'babble 2s'],
        [40_000, 'unplug 1s'],
        [0, 'pause'],
      ],
    );
    assert.deepEqual(plan[3].command, { name: 'unplug', durationMs: 1000 });
  });
  const faulty: [plan: string, words: RegExp][] = [
    ['', /a plan holds a time and a command/],
    ['10s', /"10s": a plan holds/],
    ['unplug 1s', /"unplug 1s": a plan holds/],
    ['10s unplug,', /"": a plan holds/],
    ['10s unplug 1s 20s plug', /expected unplug/],
    ['10s melt', /no command "melt"/],
  ];
  for (const [plan, words] of faulty) {
    test(`${JSON.stringify(plan)} is refused, its item named`, () => {
      assert.throws(() => parseFaultPlan(plan), words);
    });
  }
});
