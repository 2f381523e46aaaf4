/** What the commands that enrol devices share. */
import type { Address, Hex } from 'viem';
import type { Context } from '../../../dip/index.ts';
import { jsonLine } from '../../chain-context.ts';
import { integerBetween } from '../../options.ts';

/** Number of the account that plays the maker on the chain of `miner chain`. */
export const maker = 4;

export const licenceNumber = integerBetween(1, 2 ** 48);

interface Enrolled {
  device: Address;
  owner: Address;
  manufacturer: number;
}

/** A device that is active; undefined for others, which the registry enrols, or refuses with its reason. */
export async function enrolledBefore(context: Context, device: Address): Promise<Enrolled | undefined> {
  const { readFrom } = await import('../../../applicants/index.ts');
  const { status, owner, manufacturerId } = await readFrom<{ status: number; owner: Address; manufacturerId: bigint }>(
    context,
    'MinerRegistry',
    'deviceInfo',
    [device],
  );
  return status === 1 ? { device, owner, manufacturer: Number(manufacturerId) } : undefined;
}

export function tellEnrolled(
  json: boolean | undefined,
  outcome: 'enrolled' | 'enrolled before',
  facts: Enrolled,
): void {
  const { device, owner, manufacturer } = facts;
  process.stdout.write(
    json ? jsonLine({ outcome, ...facts }) : `${outcome}: ${device} under licence ${manufacturer}, owner ${owner}\n`,
  );
}

/** @throws {MinerError} OPTION_INVALID */
export async function modelOption(text: string | undefined): Promise<Hex | undefined> {
  if (text === undefined) return undefined;
  const [{ modelIdOf }, { toolError }] = await Promise.all([
    import('../../../registry/index.ts'),
    import('../../../errors/index.ts'),
  ]);
  const modelId = modelIdOf(text);
  if (modelId) return modelId;
  const expected = 'a name of at most 32 bytes, or 0x and 64 hex digits';
  throw toolError('OPTION_INVALID', { option: '--model', value: text.slice(0, 80), expected });
}
