/** Group 0: echo, tasks, memory, clock, reset, and what the device says of itself. */
import type { Clock } from '../../sim/index.ts';
import type { SmpFields } from '../cbor-write.ts';
import type { SmpCommandGroup, SmpHandler } from '../command.ts';
import { formatDateTime, parseDateTime } from '../date-time.ts';
import { OsCommand, OsError, SmpError, SmpGroup } from '../protocol.ts';
import { refuse, SmpRefusal } from '../refusal.ts';
import type { SmpBootloader, SmpDevice, SmpInfo, SmpMemoryPool, SmpReset, SmpTask, SmpWallClock } from '../types.ts';

export interface OsGroupOptions {
  device: Pick<SmpDevice, 'info' | 'bootloader' | 'tasks' | 'memoryPools' | 'clock' | 'reset'>;
  clock: Pick<Clock, 'schedule'>;
  bufferBytes: number;
  bufferCount: number;
  resetDelayMs: number;
}

export function osGroup({ device, clock, bufferBytes, bufferCount, resetDelayMs }: OsGroupOptions): SmpCommandGroup {
  const { info, bootloader, tasks, memoryPools, reset } = device;
  const parameters = { buf_size: bufferBytes, buf_count: bufferCount };
  return {
    id: SmpGroup.os,
    name: 'os mgmt',
    commands: {
      [OsCommand.echo]: { read: echo, write: echo },
      [OsCommand.taskStatistics]: tasks && { read: () => ({ tasks: taskFields(tasks()) }) },
      [OsCommand.memoryPools]: memoryPools && { read: () => poolFields(memoryPools()) },
      [OsCommand.dateTime]: device.clock && dateTime(device.clock),
      [OsCommand.reset]: reset && { write: resetHandler(reset, clock, resetDelayMs) },
      [OsCommand.mcumgrParameters]: { read: () => parameters },
      [OsCommand.info]: info && { read: ({ body }) => ({ output: infoText(info, body.text('format') ?? '') }) },
      [OsCommand.bootloaderInfo]: bootloader && { read: bootloaderHandler(bootloader) },
    },
  };
}

const echo: SmpHandler = ({ body }) => ({ r: body.text('d') ?? '' });

function taskFields(tasks: readonly SmpTask[]): SmpFields {
  return new Map(
    tasks.map((task) => [
      task.name,
      {
        prio: task.priority,
        tid: task.id,
        state: task.state,
        // There even where nobody knows: some clients refuse a task without them.
        stksiz: task.stackSizeWords ?? 0,
        stkuse: task.stackUsedWords ?? 0,
        runtime: Math.round(task.runtimeMs ?? 0),
        cswcnt: task.contextSwitches ?? 0,
        last_checkin: 0,
        next_checkin: 0,
      },
    ]),
  );
}

function poolFields(pools: readonly SmpMemoryPool[]): SmpFields {
  return new Map(
    pools.map((pool) => [
      pool.name,
      { blksiz: pool.blockBytes, nblks: pool.blocks, nfree: pool.blocksFree, min: pool.blocksFreeLeast },
    ]),
  );
}

function dateTime(clock: SmpWallClock): { read: SmpHandler; write: SmpHandler } {
  return {
    read: () => {
      const unixMs = clock.unixMs();
      if (unixMs === undefined) throw new SmpRefusal(SmpGroup.os, OsError.clockNotSet);
      return { datetime: formatDateTime(unixMs) };
    },
    write: ({ body }) => {
      const unixMs = parseDateTime(body.text('datetime') ?? '');
      if (unixMs === undefined) throw refuse(SmpError.invalid);
      clock.setUnixMs(unixMs);
      return {};
    },
  };
}

/** What `boot_mode` of a reset asks for; 0, or nothing, is the application. */
const bootModeRecovery = 1;

/** Answers first: a device that is gone answers nobody. */
function resetHandler(reset: SmpReset, clock: Pick<Clock, 'schedule'>, delayMs: number): SmpHandler {
  let isDue = false;
  return ({ body }) => {
    // Whatever else is there: the last means of a client must not fail on a detail. Some write the flag as a number.
    const force = body.value('force');
    const isForced = force === true || force === 1;
    if (!isForced && reset.allowed?.() === false) throw refuse(SmpError.busy);
    // A request that comes twice resets once.
    if (!isDue) {
      isDue = true;
      const next = body.value('boot_mode') === bootModeRecovery ? 'serial-recovery' : 'application';
      clock.schedule(delayMs, () => {
        isDue = false;
        reset.now(next);
      });
    }
    return {};
  };
}

/** What each letter of a format stands for; whatever the order they are asked in, they are told in this one. */
const infoLetters: readonly [string, keyof SmpInfo][] = [
  ['s', 'kernelName'],
  ['n', 'nodeName'],
  ['r', 'kernelRelease'],
  ['v', 'kernelVersion'],
  ['b', 'buildDateTime'],
  ['m', 'machine'],
  ['p', 'processor'],
  ['i', 'hardwarePlatform'],
  ['o', 'operatingSystem'],
];

function infoText(info: SmpInfo, format: string): string {
  const known = infoLetters.filter(([, name]) => info[name] !== undefined);
  for (const letter of format) {
    if (letter !== 'a' && !known.some(([candidate]) => candidate === letter)) {
      throw new SmpRefusal(SmpGroup.os, OsError.invalidFormat);
    }
  }
  const asked = format === '' ? 's' : format;
  const told = known.filter(([letter]) => asked.includes('a') || asked.includes(letter));
  return told.map(([, name]) => info[name]).join(' ');
}

function bootloaderHandler({ name, mode, noDowngrade }: SmpBootloader): SmpHandler {
  return ({ body }) => {
    const query = body.text('query');
    if (query === undefined) return { bootloader: name };
    if (query === 'mode') return { mode, 'no-downgrade': noDowngrade === true ? true : undefined };
    throw new SmpRefusal(SmpGroup.os, OsError.queryYieldsNoAnswer);
  };
}
