/** `miner pack ...`: a signed pack, explained and verified. */
import type { Command } from 'commander';
import type { OpenedPack, PackBody } from '../../../edge/pack/index.ts';
import { toolError } from '../../errors/index.ts';
import { readInput } from '../../files.ts';
import { integerBetween } from '../options.ts';
import { table } from '../table.ts';

interface PackFlags {
  chainId: number;
  registry: string;
  json?: boolean;
}

export function registerPack(program: Command): void {
  const pack = program.command('pack').description('signed packs, explained and verified');
  pack
    .command('verify')
    .argument('<file>', 'one signed pack, COSE_Sign1')
    .description("check a pack's form and signature; exit 1 with the reason when it does not hold")
    .requiredOption('--chain-id <n>', 'the chain it was signed for', integerBetween(1, Number.MAX_SAFE_INTEGER))
    .requiredOption('--registry <address>', "the chain's MinerRegistry, which the signature binds")
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner pack verify drive.pack --chain-id 31337 --registry 0x5FC8…')
    .action(verify);
  pack
    .command('show')
    .argument('<file>', 'one signed pack, COSE_Sign1')
    .description('what a pack says, without checking its signature')
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner pack show drive.pack')
    .action(show);
}

async function verify(file: string, { chainId, registry, json }: PackFlags): Promise<void> {
  const { fromHex, openPack, packAad, toHex } = await import('../../../edge/pack/index.ts');
  const { isAddress } = await import('viem/utils');
  if (!isAddress(registry)) {
    throw toolError('OPTION_INVALID', {
      option: '--registry',
      value: registry,
      expected: 'an address, 0x and 40 hex digits',
    });
  }
  const externalAad = packAad(chainId, fromHex(registry.slice(2).toLowerCase()));
  const { kid, algorithm, body, hash }: OpenedPack = openPack(readInput(file), { externalAad });
  const facts = { valid: true, device: `0x${toHex(kid)}`, algorithm, seq: body.seq, hash: toHex(hash) };
  if (json) process.stdout.write(`${JSON.stringify(facts)}\n`);
  else process.stdout.write(`good: pack ${facts.seq} of device ${facts.device}, ${algorithm}, SHA-256 ${facts.hash}\n`);
}

async function show(file: string, { json }: PackFlags): Promise<void> {
  const { claimedIdentity, decodeBody, parseCose, sampleCount, toHex } = await import('../../../edge/pack/index.ts');
  const bytes = readInput(file);
  const message = parseCose(bytes);
  const { kid, algorithm } = claimedIdentity(message);
  const body = decodeBody(message.payload);
  const facts = {
    device: `0x${toHex(kid)}`,
    algorithm,
    bytes: bytes.length,
    seq: body.seq,
    boot: body.bootCount,
    startMs: body.startMs,
    samples: sampleCount(body),
    decoders: body.decoders.map((decoder) => toHex(decoder.contentHash)),
    columns: body.columns.map(({ decoder, signalIndex, timesMs }) => ({
      decoder,
      signalIndex,
      samples: timesMs.length,
    })),
    counters: Object.fromEntries(body.counters ?? []),
    gaps: body.gaps ?? [],
  };
  process.stdout.write(json ? `${JSON.stringify(facts)}\n` : `${showText(facts, body)}\n`);
}

function showText(
  facts: { device: string; algorithm: string; bytes: number; samples: number; decoders: string[] },
  body: PackBody,
): string {
  const rows: (string | number)[][] = [
    ['device', `${facts.device} (${facts.algorithm}, signature not checked)`],
    ['seq', `${body.seq}, boot ${body.bootCount}, from ${body.startMs} ms after it`],
    ['size', `${facts.bytes} bytes, ${facts.samples} samples`],
    ...facts.decoders.map((hash, i) => [`decoder ${i}`, hash]),
    ...(body.gaps ?? []).map((gap) => ['gap', `seq ${gap.from} to ${gap.to}, reason ${gap.reason}`]),
  ];
  const columns = body.columns.map(({ decoder, signalIndex, timesMs, values }) => [
    decoder,
    signalIndex,
    timesMs.length,
    `${timesMs[0]} to ${timesMs[timesMs.length - 1]}`,
    String(values[values.length - 1]),
  ]);
  const header = ['decoder', 'signal', 'samples', 'times, ms', 'last raw'];
  return columns.length > 0 ? `${table(rows)}\n\n${table([header, ...columns])}` : table(rows);
}
