/** A vehicle in a process of its own, seen from the process that started it. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MinerError } from '../../edge/errors/index.ts';
import { toolError } from '../errors/index.ts';
import type { VehicleCounters, VehicleOptions } from './vehicle.ts';

export interface VehicleProcess {
  /** What a host opens. */
  readonly port: string;
  /** What is played, in words. */
  readonly source: string;
  /** Resolves when the source has ended and everything sent has left; rejects when it or the process failed before. */
  readonly finished: Promise<VehicleCounters>;
  /** Sends a command, such as `unplug 1s`; one that cannot be read changes nothing. */
  command(line: string): void;
  /** Ends the process and waits for it; kills it when it does not obey. */
  close(): Promise<void>;
}

type Message =
  | { event: 'listening'; port: string; source: string }
  | ({ event: 'finished' } & VehicleCounters)
  | { event: 'fault'; code?: string; message: string; hint?: string; facts?: Record<string, unknown> };

const killAfterMs = 2000;

/** @throws {MinerError} what runVehicle throws; VEHICLE_DIED when the process ends before it listens */
export async function startVehicleProcess(
  options: Pick<VehicleOptions, 'listen' | 'log' | 'dbc' | 'seed' | 'durationMs' | 'speed' | 'bitRate'>,
): Promise<VehicleProcess> {
  // Beside this file, with its extension: source in a checkout, compiled in a package.
  const main = fileURLToPath(new URL(`./main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  // A group of its own: Ctrl-C reaches us, and we end the vehicle after the Miner has stopped reading.
  const child = fork(main, argumentsOf(options), { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));

  let settleFinished: { resolve: (counters: VehicleCounters) => void; reject: (error: MinerError) => void };
  const finished = new Promise<VehicleCounters>((resolve, reject) => {
    settleFinished = { resolve, reject };
  });
  finished.catch(() => {});
  const { port, source } = await new Promise<{ port: string; source: string }>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if (message.event === 'listening') resolve(message);
      else if (message.event === 'finished') settleFinished.resolve(message);
      else if (message.event === 'fault') {
        // Before it listens the caller hears of it, after that whoever waits for the end.
        reject(faultOf(message));
        settleFinished.reject(faultOf(message));
      }
    });
    exited.then((code) => {
      const died = toolError('VEHICLE_DIED', { code: code ?? 'a signal' });
      reject(died);
      settleFinished.reject(died);
    });
  });
  // Without someone to hear of it, a channel that broke just now would end our process.
  const command = (line: string) => {
    if (child.connected) child.send(line, () => {});
  };
  return {
    port,
    source,
    finished,
    command,
    async close() {
      command('close');
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function argumentsOf({ listen, log, dbc, seed, durationMs, speed, bitRate }: VehicleOptions): string[] {
  const flags = { listen, log, dbc, seed, 'duration-ms': durationMs, speed, 'bit-rate': bitRate };
  return Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
}

/** An error of the child's, as it was there. */
function faultOf({ code, message, hint, facts }: Extract<Message, { event: 'fault' }>): MinerError {
  if (!code) return toolError('VEHICLE_DIED', { code: message });
  return new MinerError(code, { message, hint: hint ?? '', exitCode: 3 }, facts ?? {});
}
