/** `miner dbc show`: messages drawn bit by bit, and their signals in words. */
import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { MessageView, Tone } from '../../../dbc/index.ts';
import { toolError } from '../../../errors/index.ts';

export function addShow(dbc: Command): void {
  dbc
    .command('show')
    .argument('<file>', 'a DBC file, or its JSON form')
    .argument('[message]', 'name or id (257, 0x101) of the message; without it, all are shown')
    .description('draw which bits each signal has, and list the signals with everything the file says of them')
    .option('--signal <name>', 'only this signal, in the pictures that hold it')
    .addHelpText(
      'after',
      '\nExamples\n  $ miner dbc show car.dbc 0x101\n  $ miner dbc show car.dbc Gearbox --signal Gear',
    )
    .action(show);
}

async function show(file: string, wanted: string | undefined, options: { signal?: string }): Promise<void> {
  const { findMessage, showMessage, viewMessages } = await import('../../../dbc/index.ts');
  const { openDecoder } = await import('../../../dbc/open-node.ts');
  const { database, plan } = openDecoder(file);
  if (options.signal !== undefined && wanted === undefined)
    throw toolError('OPTION_INVALID', {
      option: '--signal',
      value: options.signal,
      expected: 'the message to be named too, before it',
    });
  const views = viewMessages(database, plan);
  const message = wanted === undefined ? undefined : findMessage(database.messages, wanted);
  const shown = message === undefined ? views : views.filter((view) => view.message === message);
  const only = options.signal === undefined ? undefined : await slotsOf(shown[0], options.signal);
  const width = process.stdout.isTTY ? Math.max(40, process.stdout.columns ?? 80) : 80;
  for (const [index, view] of shown.entries()) {
    const lines = showMessage(view, { width, only, paint, legend: index === 0 });
    process.stdout.write(`${index > 0 ? '\n' : ''}${lines.join('\n')}\n`);
  }
}

/** Two signals of a message may share a name: then both are meant. */
async function slotsOf({ message, signals }: MessageView, name: string): Promise<number[]> {
  const slots = signals.flatMap(({ signal }, slot) => (signal.name === name ? [slot] : []));
  if (slots.length > 0) return slots;
  const { nearest } = await import('../../../dbc/index.ts');
  const near = nearest(
    name,
    message.signals.map((signal) => signal.name),
  );
  throw toolError('DBC_SIGNAL_UNKNOWN', { message: message.name, signal: name, near });
}

const colours = ['cyan', 'green', 'yellow', 'magenta', 'blue', 'cyanBright', 'greenBright', 'magentaBright'] as const;

function paint(text: string, tone: Tone): string {
  const style = tone === 'frame' ? 'gray' : tone === 'overlap' ? 'red' : colours[tone % colours.length];
  return styleText(style, text, { stream: process.stdout });
}
