/** A vehicle in its own process, as a hardware engineer starts one. */
import { type ChildProcess, fork } from 'node:child_process';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openPty } from '../../../edge/transport/node.ts';

/** For a test's options: `false`, or why no pty can be had here. */
export const skipWithoutPty: false | string = await openPty().then(
  async ({ transport }) => {
    await transport.close();
    return false as const;
  },
  (problem: Error) => problem.message,
);

/** An event as the process tells it. */
export type Told = { event: string; port: string } & Record<string, unknown>;

export interface VehicleProcess {
  process: ChildProcess;
  /** The port it told first; empty when it failed. */
  port: string;
  /** Resolves with the next event of that name, or one told already. */
  told(event: string): Promise<Told>;
  exited: Promise<number | null>;
}

const running: ChildProcess[] = [];
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Resolves when the vehicle listens or has failed. */
export async function startVehicle(...args: string[]): Promise<VehicleProcess> {
  const main = fileURLToPath(new URL('../../../tools/vehicle/main.ts', import.meta.url));
  const child = fork(main, args, { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
  running.push(child);
  const events: Told[] = [];
  const waiting: { event: string; resolve: (told: Told) => void }[] = [];
  child.on('message', (told: Told) => {
    const index = waiting.findIndex(({ event }) => event === told.event);
    if (index >= 0) waiting.splice(index, 1)[0].resolve(told);
    else events.push(told);
  });
  const told = (event: string) => {
    const index = events.findIndex((candidate) => candidate.event === event);
    if (index >= 0) return Promise.resolve(events.splice(index, 1)[0]);
    return new Promise<Told>((resolve) => waiting.push({ event, resolve }));
  };
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const first = await Promise.race([told('listening'), exited]);
  return { process: child, port: first !== null && typeof first === 'object' ? first.port : '', told, exited };
}
