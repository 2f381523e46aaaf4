/** The time at which a gateway says it received a pack, on a chain whose clock may have been moved. */
import type { ChainClients } from '../deploy/index.ts';

/**
 * Votes on a local chain are waited out by moving its clock, so it runs weeks ahead of the wall; packs stamped by the
 * wall would fall into epochs before their devices were enrolled. A chain that is not ahead leaves the wall's time.
 * @param wallMs Unix time in milliseconds
 * @returns a clock as far ahead of `wallMs` as the chain is now
 */
export async function chainClock(
  publicClient: Pick<ChainClients['publicClient'], 'getBlock'>,
  wallMs: () => number,
): Promise<() => number> {
  const { timestamp } = await publicClient.getBlock({ blockTag: 'pending' });
  const aheadMs = Number(timestamp) * 1000 - wallMs();
  // A block of a live chain may say a few seconds more than this machine's clock does.
  return aheadMs > 60_000 ? () => wallMs() + aheadMs : wallMs;
}
