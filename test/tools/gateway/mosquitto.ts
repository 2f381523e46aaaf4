/** A broker that is not ours, started, stopped and killed as a test says. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Mosquitto {
  port: number;
  url: string;
  /** Ends it and resolves when it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
  /** On the same port, with nothing left of before. */
  restart(): Promise<void>;
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export async function until(what: string, holds: () => boolean, waitMsMax = 60_000): Promise<void> {
  const end = performance.now() + waitMsMax;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** @param options.lines of its configuration, after the listener's; anyone may come in unless told */
export async function startMosquitto(options: { lines?: string[] } = {}): Promise<Mosquitto> {
  const { lines = ['allow_anonymous true'] } = options;
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), 'mosquitto-'));
  const config = path.join(folder, 'mosquitto.conf');
  writeFileSync(config, [`listener ${port} 127.0.0.1`, 'persistence false', ...lines, ''].join('\n'));
  const start = async () => {
    const child = spawn('mosquitto', ['-c', config], { stdio: 'ignore' });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    let listens = false;
    const probe = () => {
      const socket = connect(port, '127.0.0.1', () => {
        listens = true;
        socket.destroy();
      });
      socket.on('error', () => child.exitCode ?? setTimeout(probe, 20));
    };
    probe();
    await until('mosquitto', () => listens);
    return { child, exited };
  };
  let running = await start();
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    end: async (signal = 'SIGKILL') => {
      running.child.kill(signal);
      await running.exited;
      if (signal === 'SIGKILL') rmSync(path.join(folder, 'mosquitto.db'), { force: true });
    },
    restart: async () => {
      running = await start();
    },
  };
}
