/** What has to hold for a DIP to pay a bounty. */
import { isAddressEqual } from 'viem';
import { type Context, type DecoderListing, tokens, utc } from '../dip/index.ts';
import { toolError } from '../errors/index.ts';
import { readBounty, readWork } from './bounty.ts';
import type { ExecutionWindow } from './execution-window.ts';

/**
 * Whether a DIP that lists a decoder could pay its platform's bounty.
 * @param amountMin Base units; what the round holds now when left out.
 * @returns the least that the award may pay
 * @throws {MinerError} BOUNTY_NONE when nothing is held, or the work is not revealed; BOUNTY_TAKEN; DEADLINE_EARLY
 */
export async function expectAward(
  context: Context,
  listing: Pick<DecoderListing, 'platform' | 'contentHash' | 'author'>,
  { amountMin, window }: { amountMin?: bigint; window: ExecutionWindow },
): Promise<bigint> {
  const { platform, contentHash, author } = listing;
  const [{ balance, rounds }, work] = await Promise.all([
    readBounty(context, platform),
    readWork(context, platform, contentHash),
  ]);
  const refuse = (problem: string): never => {
    throw toolError('BOUNTY_NONE', { platform, problem });
  };
  if (balance === 0n) refuse('no open round holds anything');
  if (amountMin !== undefined && balance < amountMin) {
    refuse(`its round holds ${tokens(balance)} DIMO, less than the ${tokens(amountMin)} DIMO that are asked for`);
  }
  if (!work)
    return refuse(`the work ${contentHash} is not revealed: "miner bounty commit", then "miner bounty reveal"`);
  if (!isAddressEqual(work.author, author)) {
    throw toolError('BOUNTY_TAKEN', { contentHash, author: work.author, block: work.blockNumber });
  }
  const { endsAt, round } = rounds.at(-1)!;
  if (endsAt <= window.earliest) {
    const facts = { what: `round ${round} of the bounty`, at: utc(endsAt), earliest: utc(window.earliest) };
    throw toolError('DEADLINE_EARLY', facts);
  }
  return amountMin ?? balance;
}
