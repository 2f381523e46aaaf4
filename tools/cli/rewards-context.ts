/** What the commands of rewards share: where packs are counted from, and the published epochs. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Hex } from 'viem';
import type { PackSource, PublishedEpoch } from '../rewards/index.ts';
import { addressArgument, integerBetween, platformArgument } from './options.ts';

export interface SourceFlags {
  ledger?: string;
  packs?: string;
  previous?: string;
  platforms?: string;
}

/** Epochs are counted on chain with more bits; no chain lasts so long. */
export const epochNumber = integerBetween(0, 1_000_000);

export function withSource(command: Command): Command {
  return command
    .option('--ledger <file>', "a gateway's ledger; ledger.sqlite in --data when it is there")
    .option('--packs <file>', 'instead of a ledger: a list of accepted packs, from "miner rewards packs"')
    .option('--previous <file>', 'inputs.json of the epoch before, from which streaks go on (default: from the packs)')
    .option('--platforms <file>', 'declared platforms, lines "device,platform"; they come before what decoders say');
}

/**
 * Opens what packs are counted from, runs, and closes it.
 * @throws {MinerError} REWARD_SOURCE
 */
export async function withPacks<Result>(
  flags: SourceFlags & { data: string },
  run: (packs: PackSource) => Promise<Result>,
): Promise<Result> {
  const [{ toolError }, { Ledger }, { fromLedger, readPacksList }] = await Promise.all([
    import('../errors/index.ts'),
    import('../gateway/index.ts'),
    import('../rewards/index.ts'),
  ]);
  const { packs: list } = flags;
  if (list !== undefined) {
    if (flags.ledger) throw toolError('REWARD_SOURCE', { option: '--packs', problem: 'there is --ledger beside it' });
    return run((weeks) => readPacksList(list, weeks));
  }
  const file = flags.ledger ?? path.join(flags.data, 'ledger.sqlite');
  if (!existsSync(file)) throw toolError('REWARD_SOURCE', { option: '--ledger', problem: `${file} is not there` });
  const ledger = new Ledger(file);
  try {
    return await run(fromLedger(ledger));
  } finally {
    ledger.close();
  }
}

/** @throws {MinerError} REWARD_FILE */
export async function readPlatforms(file: string | undefined): Promise<Map<Hex, Hex> | undefined> {
  if (file === undefined) return undefined;
  const [{ toolError }, { readText }] = await Promise.all([
    import('../errors/index.ts'),
    import('../rewards/index.ts'),
  ]);
  const platforms = new Map<Hex, Hex>();
  for (const [index, line] of readText(file).split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [device = '', platform = ''] = line.split(',').map((part) => part.trim());
    try {
      platforms.set(addressArgument(device).toLowerCase() as Hex, platformArgument(platform));
    } catch (error) {
      throw toolError('REWARD_FILE', { path: `${file}:${index + 1}`, problem: (error as Error).message });
    }
  }
  return platforms;
}

/** Where epochs are published. */
export const rewardsFolder = (flags: { out?: string; data: string }) => flags.out ?? path.join(flags.data, 'rewards');

/** Numbers of the epochs that stand in a folder, ascending. */
export function publishedEpochs(folder: string): number[] {
  if (!existsSync(folder)) return [];
  const numbers = readdirSync(folder).map((name) => /^epoch-(\d{1,7})$/.exec(name)?.[1]);
  return numbers
    .filter((number) => number !== undefined && existsSync(path.join(folder, `epoch-${number}`, 'inputs.json')))
    .map(Number)
    .sort((a, b) => a - b);
}

/** An epoch's inputs from a file that was named, or from the folder of published ones. */
export async function readEpoch(
  flags: { inputs?: string; out?: string; data: string },
  epoch: number,
): Promise<PublishedEpoch & { file: string }> {
  const [{ toolError }, { epochFolder, readInputs }] = await Promise.all([
    import('../errors/index.ts'),
    import('../rewards/index.ts'),
  ]);
  const file = flags.inputs ?? path.join(epochFolder(rewardsFolder(flags), epoch), 'inputs.json');
  const published = readInputs(file);
  if (published.inputs.epoch !== epoch) {
    const problem = `is of epoch ${published.inputs.epoch}, not ${epoch}`;
    throw toolError('REWARD_FILE', { path: file, problem });
  }
  return { ...published, file };
}
