/** `miner pack ...`: signed packs, verified, explained, decoded, and exported for other programs. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Format, PackVerdict } from '../../pack/index.ts';
import { defaultFolder, readChain } from '../data-folder.ts';
import { integerBetween } from '../options.ts';
import { table } from '../table.ts';

interface VerifyFlags {
  data: string;
  chainId?: number;
  registry?: string;
  kid?: string;
  complete?: boolean;
  json?: boolean;
}

interface ShowFlags {
  dbc?: string[];
  json?: boolean;
}

interface DecodeFlags {
  dbc: string[];
  with?: string;
  report?: boolean;
  format: Format;
  names?: string;
  enterpriseNumber: number;
  subject?: string;
  source?: string;
  booted?: number;
  json?: boolean;
}

const sources = `
<pack...>: signed packs; folders of .pack files, as the file uplink writes them; a Miner's log, such as .miner/packs, which
is only read: its Miner may be running.`;

export function registerPack(program: Command): void {
  const pack = program.command('pack').description('signed packs: verified, explained, decoded, exported');
  pack
    .command('verify')
    .argument('<pack...>', 'packs, folders of packs, or a log of a Miner')
    .description('check form and signature of packs, and how they follow each other; exit 1 with the reason')
    .option('--chain-id <n>', 'the chain they were signed for', integerBetween(1, Number.MAX_SAFE_INTEGER))
    .option('--registry <address>', "the chain's MinerRegistry, which the signature binds", address)
    .option('--data <folder>', 'where `miner chain` wrote both', defaultFolder)
    .option('--kid <address>', 'the device that must have signed them', address)
    .option('--complete', 'exit 1 too when numbers are missing that no pack declares as a gap')
    .option('--json', 'an object per pack; of several, one about the whole last')
    .addHelpText('after', `${sources}${verifyHelp}`)
    .action(verify);
  pack
    .command('show')
    .argument('<pack...>', 'packs, folders of packs, or a log of a Miner')
    .description('what packs say, field by field, without checking their signature')
    .option('--dbc <file>', 'names and physical values, where it is a decoder that the pack names; repeatable', collect)
    .option('--json', 'an object per pack')
    .addHelpText('after', `${sources}\n\nExample\n  $ miner pack show drive.pack --dbc car.dbc`)
    .action(show);
  pack
    .command('decode')
    .argument('<pack...>', 'packs, folders of packs, or a log of a Miner')
    .description('samples with names, physical values and times, by the decoder that the packs name, or a newer one')
    .requiredOption('--dbc <file>', 'a decoder, the very file that the packs name by its SHA-256; repeatable', collect)
    .option('--with <file>', 'a newer decoder, read in place of the first --dbc')
    .option('--report', 'with --with: only what it changes, signal by signal')
    .addOption(
      new Option('--format <name>', 'of the output').choices(['jsonl', 'csv', 'senml', 'cloudevent']).default('jsonl'),
    )
    .option('--names <file>', 'what signals are called: vss.json of a decoder package, or {"Message.Signal": "name"}')
    .option('--booted <time>', 'when the device booted, for packs signed without a clock', date)
    .option(
      '--enterprise-number <n>',
      'senml: the IANA number of whoever names the devices; 32473 is the one for examples',
      integerBetween(0, 2 ** 32 - 1),
      32473,
    )
    .option('--subject <text>', 'cloudevent: whom the data is about, such as the did of a vehicle; default: the device')
    .option('--source <text>', 'cloudevent: who sends; default: miner/<device>')
    .option('--json', 'errors and the report as JSON')
    .addHelpText('after', `${sources}${decodeHelp}`)
    .action(decode);
}

const verifyHelp = `
Of several packs of one device each must name the hash of the one before, and its numbers must be complete but for the
gaps that packs declare; copies of a pack are fine. What is missing is listed; --complete makes it an error.

Examples
  $ miner pack verify .miner/packs
  $ miner pack verify drive.pack --chain-id 31337 --registry 0x5FC8d32690cc91D4c39d9d3abcBD16989F875707`;

const decodeHelp = `
The signature is not checked: \`miner pack verify\` does that. Raw frames in packs are decoded too.
jsonl       one object per sample; what JSON has no number for is a text
csv         the same in rows
senml       RFC 8428, one array per pack; units by IANA's registry, secondary ones such as km/h with bver 26 (RFC 9100)
cloudevent  DIMO's status message, version 2, one per pack. It has no signature: that one is over the JSON, by a key
            that only the device has; what the device signed is the pack, whose SHA-256 is the event's id
senml and cloudevent leave out what they cannot say (NaN, J1939's "not available"), and count it on stderr.

With --with, the raw integers in the packs are read by the newer decoder where a signal of that message id, multiplexer
and name lies in the same bits: its scale, offset, unit and labels count. What lies elsewhere now is left out, and had from
the packs' raw frames where there are some.

Examples
  $ miner pack decode drive.pack --dbc car.dbc --format csv
  $ miner pack decode .miner/packs --dbc car.dbc --format senml
  $ miner pack decode archive/ --dbc car-1.dbc --with car-2.dbc --report`;

async function verify(paths: string[], flags: VerifyFlags): Promise<void> {
  const { fromHex, packAad } = await import('../../../edge/pack/index.ts');
  const { verifyPacks } = await import('../../pack/index.ts');
  const { chainText } = await import('../../pack/words.ts');
  const { printable } = await import('../../dbc/index.ts');
  const { textOutput } = await import('../text-output.ts');
  const { chainId, registry } = await bindingOf(flags);
  const externalAad = packAad(chainId, fromHex(registry));
  const verdicts = verifyPacks(paths, { externalAad, ...(flags.kid && { device: flags.kid }) });
  const tally = { good: 0, bad: 0, damaged: 0 };
  const output = textOutput();
  try {
    let step = verdicts.next();
    for (; !step.done; step = verdicts.next()) {
      const verdict = step.value;
      // A single pack that does not hold is an error like any other.
      if ('valid' in verdict && !verdict.valid && paths.length === 1 && verdict.file === paths[0]) throw verdict.error;
      output.write(`${flags.json ? JSON.stringify(verdict, withoutError) : printable(verdictText(verdict))}\n`);
      if (!('valid' in verdict)) tally.damaged += verdict.isTail ? 0 : 1;
      else if (verdict.valid) tally.good++;
      else tally.bad++;
      await output.pause();
    }
    const report = step.value;
    const isOne = tally.good === 1 && tally.bad + tally.damaged === 0;
    if (!isOne) {
      const summary = { ...tally, ...report };
      output.write(`${flags.json ? JSON.stringify({ summary }) : chainText(report)}\n`);
    }
    const isIncomplete = flags.complete && report.missing.length > 0;
    if (tally.bad + tally.damaged + report.breaks.length > 0 || isIncomplete) process.exitCode = 1;
  } finally {
    await output.end();
  }
}

/** The error itself is for those who throw it: its code and message stand beside it. */
function withoutError(key: string, value: unknown): unknown {
  return key === 'error' ? undefined : value;
}

function verdictText(verdict: PackVerdict): string {
  if (!('valid' in verdict)) {
    const { file, damagedBytes, isTail } = verdict;
    return isTail
      ? `${file}: ${damagedBytes} bytes that are no whole record: being written, or torn by a power cut`
      : `damaged: ${file}: ${damagedBytes} bytes that are no record`;
  }
  if (!verdict.valid) return `bad: ${verdict.file}: ${verdict.reason}`;
  const { file, device, algorithm, seq, hash } = verdict;
  return `good: ${file}: pack ${seq} of device ${device}, ${algorithm}, SHA-256 ${hash}`;
}

/**
 * What signatures bind: as given, else as `miner chain` wrote it down.
 * @throws {MinerError} OPTION_MISSING, RECORD_UNREADABLE
 */
async function bindingOf({ data, chainId, registry }: VerifyFlags): Promise<{ chainId: number; registry: string }> {
  if (chainId !== undefined && registry !== undefined) return { chainId, registry };
  const { toolError } = await import('../../errors/index.ts');
  const record = path.join(data, 'chain.json');
  if (!existsSync(record)) {
    const option = chainId === undefined ? '--chain-id' : '--registry';
    const reason = `it is part of what is signed, and ${record}, which would say it, is not there`;
    throw toolError('OPTION_MISSING', { option, reason });
  }
  const { deployment } = readChain(data);
  return { chainId: chainId ?? deployment.chainId, registry: registry ?? deployment.addresses.MinerRegistry };
}

async function show(paths: string[], { dbc = [], json }: ShowFlags): Promise<void> {
  const { explainPack, loadDecoder, openUnverified, readPacks } = await import('../../pack/index.ts');
  const { packText } = await import('../../pack/words.ts');
  const { MinerError } = await import('../../../edge/errors/index.ts');
  const { printable } = await import('../../dbc/index.ts');
  const { textOutput } = await import('../text-output.ts');
  const loaded = dbc.map(loadDecoder);
  const output = textOutput();
  let between = '';
  try {
    for (const item of readPacks(paths)) {
      const isAlone = paths.length === 1 && item.name === paths[0];
      if (item.kind === 'damage') {
        process.stderr.write(`${item.name}: ${item.bytes} bytes that are no whole record\n`);
        continue;
      }
      try {
        const shown = explainPack(openUnverified(item.name, item.bytes), loaded);
        const heading = isAlone ? '' : `${between}${item.name}\n`;
        output.write(json ? `${JSON.stringify(shown)}\n` : `${heading}${packText(shown, table)}\n`);
        between = '\n';
      } catch (error) {
        if (!(error instanceof MinerError) || isAlone) throw error;
        process.stderr.write(`${printable(`${item.name}: ${error.message}`)}\n`);
        process.exitCode = 1;
      }
      await output.pause();
    }
  } finally {
    await output.end();
  }
}

async function decode(paths: string[], flags: DecodeFlags): Promise<void> {
  const { decodePacks } = await import('../../pack/index.ts');
  const { redecodingLine, redecodingText } = await import('../../pack/words.ts');
  const { toolError } = await import('../../errors/index.ts');
  const { printable } = await import('../../dbc/index.ts');
  const { textOutput } = await import('../text-output.ts');
  const { createProgress } = await import('../../progress.ts');
  const { report = false, booted, json, ...options } = flags;
  if (report && options.with === undefined) {
    throw toolError('OPTION_MISSING', { option: '--with', reason: '--report says what a newer decoder changes' });
  }
  const note = (text: string) => void process.stderr.write(`${printable(text)}\n`);
  const output = textOutput();
  // Samples that scroll by are progress enough.
  const stream = process.stdout.isTTY && !report ? { write: () => {} } : process.stderr;
  const progress = createProgress({ label: 'decode', unit: 'packs', stream });
  try {
    const outcome = await decodePacks(
      paths,
      { ...options, ...(booted !== undefined && { bootedUnixMs: booted }) },
      { write: output.write, pause: output.pause, note, progress: progress.update, onlyCount: report },
    );
    progress.end();
    const { redecoding, refused, left } = outcome;
    if (redecoding && report) {
      const { summary, changes } = redecoding;
      output.write(json ? `${JSON.stringify({ summary, changes })}\n` : `${redecodingText(summary, changes, table)}\n`);
    } else if (redecoding) note(redecodingLine(redecoding.summary));
    if (left > 0) note(`${left} samples left out: ${flags.format} cannot say that they are no numbers`);
    if (refused > 0) process.exitCode = 1;
  } finally {
    progress.end();
    await output.end();
  }
}

/** An option that may be given again; a list after it would swallow the packs. */
function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** 0x and 40 hex digits, in lower case; checksums in the case of letters are not asked for. */
function address(text: string): string {
  if (/^0x[0-9a-f]{40}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('Expected an address: 0x and 40 hex digits.');
}

function date(text: string): number {
  const unixMs = Date.parse(text);
  if (/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) && unixMs >= 0) return unixMs;
  throw new InvalidArgumentError('Expected a time with its zone, such as 2026-01-31T08:00:00Z.');
}
