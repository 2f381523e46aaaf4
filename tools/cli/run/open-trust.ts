/** The trust of `miner run`: asked at the start whether this device may sign at all, and watched from then on. */
import path from 'node:path';
import { MinerError } from '../../../edge/errors/index.ts';
import type { Clock } from '../../../edge/sim/index.ts';
import { DirectoryStorage } from '../../../edge/store/node.ts';
import type { LayeredTrust, TrustEvent, TrustSource } from '../../../edge/trust/index.ts';
import { openTrust } from '../../checkpoint/index.ts';
import { toolError } from '../../errors/index.ts';
import type { EventLog } from '../../logging/index.ts';
import type { Cleanup } from '../cleanup.ts';
import type { RunFlags } from '../commands/run.ts';
import { readChain } from '../data-folder.ts';
import type { Identity } from '../identity.ts';
import { trustLogEvent } from './trust-events.ts';

/** Where trust comes from, and since when. */
export class TrustWatch {
  readonly #clock: Clock;
  #source: TrustSource | undefined;
  #sinceMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
  }

  /** Undefined before the first answer. */
  get now(): { source: TrustSource | undefined; forMs: number } {
    return { source: this.#source, forMs: this.#clock.nowMs() - this.#sinceMs };
  }

  take(event: TrustEvent): void {
    if (event.kind !== 'trust-source' || event.source === this.#source) return;
    this.#source = event.source;
    this.#sinceMs = this.#clock.nowMs();
  }
}

export interface OpenedTrust {
  trust: LayeredTrust;
  watch: TrustWatch;
}

/**
 * A chain that gives no answer ends the start, unless there is a checkpoint to go on with, or patience.
 * @throws {MinerError} RECORD_*, CHAIN_*, STORE_LOCKED, DEVICE_NOT_ENROLLED
 */
export async function openRunTrust(
  flags: RunFlags,
  { signer, account }: Identity,
  { clock, cleanup, events }: { clock: Clock; cleanup: Cleanup; events: EventLog },
): Promise<OpenedTrust> {
  const record = readChain(flags.data);
  const chainId = flags.chainId ?? record.deployment.chainId;
  const storage = new DirectoryStorage(path.join(flags.data, 'trust'));
  cleanup.add(() => storage.close());
  const watch = new TrustWatch(clock);
  const trust = openTrust({
    chainRecord: { ...record, deployment: { ...record.deployment, chainId } },
    ...(flags.rpc !== undefined && { rpcUrl: flags.rpc }),
    ...(flags.checkpoint !== undefined && { checkpointFile: flags.checkpoint }),
    ...(flags.signers !== undefined && { signersFile: flags.signers }),
    folder: flags.data,
    storage,
    clock,
    onEvent: (event) => {
      watch.take(event);
      events.write(trustLogEvent(event));
    },
  });
  cleanup.add(() => trust.close());
  try {
    const { effective, state, licence } = await trust.device(signer.kid);
    if (!effective) throw toolError('DEVICE_NOT_ENROLLED', { device: account.address, state, licence });
  } catch (error) {
    if (!isSilence(error) || !(flags.wait || trust.checkpoint)) throw error;
    const text = `${error.message}; going on without knowing whether this device may sign`;
    events.write({ level: 'warn', event: 'device-unknown', text, facts: { device: account.address, error } });
  }
  return { trust, watch };
}

/** No answer, or none of today: a wrong chain is another matter. */
function isSilence(error: unknown): error is MinerError {
  return error instanceof MinerError && (error.code === 'CHAIN_UNREACHABLE' || error.code === 'CHAIN_STALE');
}
