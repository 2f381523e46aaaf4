/** `miner workbench` */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { integerBetween } from '../options.ts';
import { stopOnSignals } from '../stop.ts';

interface WorkbenchFlags {
  port: number;
  open: boolean;
  json?: boolean;
}

export function registerWorkbench(program: Command): void {
  program
    .command('workbench')
    .description('the decoder desk in your browser: check a DBC against a log; both stay on this machine')
    .option('--port <n>', 'where to serve it; 0 takes any free port', integerBetween(0, 65_535), 0)
    .option('--no-open', 'do not open a browser')
    .option('--json', 'one object with the url, then serve')
    .addHelpText('after', '\nServes to this machine only, until Ctrl-C.\n\nExample\n  $ miner workbench --port 8080')
    .action(workbench);
}

async function workbench({ port, open, json }: WorkbenchFlags): Promise<void> {
  const stop = stopOnSignals();
  try {
    const { buildWorkbench, isWorkbenchStale, serveWorkbench } = await import('../../workbench/index.ts');
    if (isWorkbenchStale()) {
      process.stderr.write('Building the workbench (only when its sources have changed) ...\n');
      await buildWorkbench();
    }
    const { url, close } = await serveWorkbench({ port });
    process.stdout.write(json ? `${JSON.stringify({ url })}\n` : `The workbench is at ${url} (Ctrl-C to stop)\n`);
    if (open && !json && process.stdout.isTTY) openInBrowser(url);
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    await close();
  } finally {
    stop.release();
  }
}

const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** The address is on the screen already, so that a machine without a browser is no error. */
function openInBrowser(url: string): void {
  const [command, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
