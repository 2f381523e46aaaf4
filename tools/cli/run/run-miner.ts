/** `miner run`: until it is stopped. */
import type { DecoderFile } from '../../../edge/approved-decoder.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { SettableClock } from '../../../edge/smp/index.ts';
import { Cleanup } from '../cleanup.ts';
import type { RunFlags } from '../commands/run.ts';
import { stopOnSignals } from '../stop.ts';
import { DeviceConsole } from './device-console.ts';
import { openRunLog } from './open-log.ts';
import { runBoard } from './run-board.ts';
import { startMiner } from './start-miner.ts';

/** @throws {MinerError} what keeps a Miner from starting; later faults are told and lived with */
export async function runMiner(flags: RunFlags, files: readonly DecoderFile[]): Promise<void> {
  // Of a device that can be managed, which may be told the time.
  const clock = new SettableClock(liveClock());
  const stop = stopOnSignals((note) => log.events.write({ level: 'info', event: 'stopping', text: note }));
  const cleanup = new Cleanup();
  let console: DeviceConsole | undefined;
  const log = openRunLog({
    clock,
    json: flags.json === true,
    verbose: flags.verbose === true,
    file: flags.logFile,
    // As a terminal's hang-up does; `miner run | head` ends by it.
    onGone: () => stop.request('nobody reads the output any more'),
    onText: (text) => console?.writeLine(text),
  });
  const around = { clock, stop, log };
  try {
    if (flags.console !== undefined) {
      console = new DeviceConsole(flags.console, { clock, events: log.events });
      cleanup.add(() => console?.close());
    }
    if (flags.flash === undefined) await (await startMiner(flags, files, around)).ended;
    else await runBoard({ ...flags, flash: flags.flash }, files, { ...around, console });
  } finally {
    await cleanup.run();
    await log.close();
    stop.release();
  }
}
