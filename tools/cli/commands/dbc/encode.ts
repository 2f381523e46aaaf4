/** `miner dbc encode`: one frame from named values. */
import { type Command, Option } from 'commander';
import type { EncodedSignal, ValueSource } from '../../../dbc/index.ts';

interface EncodeFlags {
  format: 'candump' | 'cansend' | 'hex';
  json?: boolean;
}

export function addEncode(dbc: Command): void {
  dbc
    .command('encode')
    .argument('<file>', 'a DBC file, or its JSON form')
    .argument('<message>', 'its name, or its id as 257 or 0x101')
    .argument('[values...]', 'NAME=VALUE: a physical number, a label, or raw: and the raw integer')
    .description('encode one message; what is not named takes its start value, or raw 0')
    .addOption(
      new Option('--format <name>', 'a log line, what cansend takes, or the payload alone')
        .choices(['candump', 'cansend', 'hex'])
        .default('candump'),
    )
    .option('--json', 'one object: id, ext, fd, data, signals')
    .addHelpText(
      'after',
      `
Numbers are rounded to the nearest raw value, half to even. A selector that only one value of fits is set by itself.
What was filled in is said on stderr.

Examples
  $ miner dbc encode car.dbc Gearbox Gear=Drive Speed=87.5
  $ miner dbc encode car.dbc 0x101 Counter=raw:0x1F | miner dbc decode car.dbc -
  $ cansend can0 "$(miner dbc encode car.dbc Gearbox Gear=Drive --format cansend)"`,
    )
    .action(encode);
}

async function encode(file: string, wanted: string, words: string[], { format, json }: EncodeFlags): Promise<void> {
  const { encodeMessage, findMessage, frameOf, hex, viewMessages } = await import('../../../dbc/index.ts');
  const { candumpLine, FrameFlag } = await import('../../../../edge/can/index.ts');
  const { openDecoder } = await import('../../../dbc/open-node.ts');
  const { database, plan } = openDecoder(file);
  const message = findMessage(database.messages, wanted);
  const view = viewMessages(database, plan).find((each) => each.message === message)!;
  const { payload, signals } = encodeMessage(plan, view, words);
  if (format === 'hex' && !json) process.stdout.write(`${hex(payload)}\n`);
  else {
    const frame = frameOf(message, payload);
    const { id, extended: ext } = message;
    const fd = (frame.flags & FrameFlag.fd) !== 0;
    if (json)
      process.stdout.write(`${jsonText({ id, ext, fd, name: message.name, data: hex(frame.data), signals })}\n`);
    else {
      const line = candumpLine(frame, 'can0');
      process.stdout.write(`${format === 'candump' ? line : line.split(' ')[2]}\n`);
    }
    if (frame.data.length > payload.length)
      process.stderr.write(`padded from ${payload.length} to ${frame.data.length} bytes, the next length CAN FD has\n`);
  }
  if (!json) process.stderr.write(notes(signals));
}

/** Integers beyond 2^53 as strings, as everywhere in our JSON. */
function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}` : each));
}

const sourceWords: Record<ValueSource, string> = {
  given: '',
  selector: 'set, since what is given hangs on it',
  'start-value': 'its start value',
  zero: 'raw 0',
};

/** A line for each value that was rounded or filled in; those at raw 0 share one. */
function notes(signals: readonly EncodedSignal[]): string {
  const lines = signals
    .filter(({ source, rounded }) => source === 'selector' || source === 'start-value' || rounded)
    .map((signal) => {
      const { name, value, raw, label, unit, source, rounded } = signal;
      const text = `${name} = ${value}${unit && ` ${unit}`}${label === undefined ? '' : ` (${label})`}, raw ${raw}`;
      return `${text}: ${rounded ? 'rounded' : sourceWords[source]}`;
    });
  const zero = signals.filter(({ source }) => source === 'zero').map(({ name }) => name);
  if (zero.length > 0) lines.push(`${sourceWords.zero}: ${zero.join(', ')}`);
  return lines.map((line) => `${line}\n`).join('');
}
