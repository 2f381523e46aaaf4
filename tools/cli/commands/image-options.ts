/** What the commands of `miner image` share. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SlotLayout } from '../../../edge/firmware/index.ts';
import { sizeBetween } from '../options.ts';

export interface PasswordFlags {
  passwordFile?: string;
}

export interface SlotFlags {
  slotSize?: number;
  align: string;
  maxSectors: number;
  overwriteOnly?: boolean;
}

export function withPassword(command: Command): Command {
  return command.option(
    '--password-file <file>',
    'of an encrypted key; MINER_KEY_PASSWORD in the environment when left out',
  );
}

export function withSlot(command: Command): Command {
  return command
    .optionsGroup('Its slot:')
    .option('-S, --slot-size <bytes>', 'image and trailer must fit it', sizeBetween(1, 64 << 20))
    .addOption(
      new Option('--align <bytes>', 'that the flash writes at a time')
        .choices(['1', '2', '4', '8', '16', '32'])
        .default('8'),
    )
    .option('-M, --max-sectors <n>', 'that the boot loader can swap', sizeBetween(1, 65_536), 128)
    .option('--overwrite-only', 'the boot loader overwrites instead of swapping');
}

export function licenceId(text: string): bigint {
  if (/^\d{1,18}$/.test(text) && BigInt(text) > 0n) return BigInt(text);
  throw new InvalidArgumentError('Expected the number of a licence, from 1.');
}

export async function modules() {
  const [tools, edge, { toHex }, { readInput }, { writeOutput }, { readChain }] = await Promise.all([
    import('../../firmware/index.ts'),
    import('../../../edge/firmware/index.ts'),
    import('../../../edge/pack/index.ts'),
    import('../../files.ts'),
    import('../../dbc/open-node.ts'),
    import('../data-folder.ts'),
  ]);
  return { ...tools, ...edge, toHex, readInput, writeOutput, readChain };
}

export function print(json: boolean | undefined, facts: object, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(facts) : text}\n`);
}

export async function password({ passwordFile }: PasswordFlags): Promise<string | undefined> {
  if (passwordFile === undefined) return process.env.MINER_KEY_PASSWORD;
  const { readInput } = await modules();
  return new TextDecoder().decode(readInput(passwordFile)).replace(/\r?\n$/, '');
}

export function slotOf({ slotSize, align, maxSectors, overwriteOnly }: SlotFlags): SlotLayout | undefined {
  if (slotSize === undefined) return undefined;
  return { slotBytes: slotSize, writeAlignBytes: Number(align), sectorsMax: maxSectors, overwriteOnly };
}
