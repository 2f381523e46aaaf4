/** The trust of a live Miner: from the chain record, a checkpoint file and pinned signers, as far as they are there. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../../edge/sim/index.ts';
import type { Storage } from '../../edge/store/index.ts';
import { LayeredTrust, type LayeredTrustOptions, type TrustEvent } from '../../edge/trust/index.ts';
import { type Deployment, registriesOf } from '../deploy/index.ts';
import { readInput } from '../files.ts';
import { readSignersFile, signersFileName } from './signers-file.ts';

export interface OpenTrustOptions {
  /** What `miner chain` wrote: which chain and which registries are meant. */
  chainRecord: { rpcUrl: string; deployment: Deployment };
  /** Node to ask; the record's when left out. */
  rpcUrl?: string;
  /** Ask no node at all. */
  offline?: boolean;
  checkpointFile?: string;
  /** Pinned signers; `checkpoint-signers.json` in `folder` when left out, if it is there. */
  signersFile?: string;
  /** The data folder. */
  folder?: string;
  /** A place of its own, such as `new DirectoryStorage(path.join(data, 'trust'))`. */
  storage?: Storage;
  clock: Clock;
  onEvent?: (event: TrustEvent) => void;
  /** How old answers may be, and other limits. */
  limits?: Pick<LayeredTrustOptions, 'freezeMsMax' | 'headAgeMsMax' | 'confirmations' | 'timeoutMs' | 'blockAgeMsMax'>;
}

/**
 * Opens the layered trust without a word to the network: a chain that is away is looked for at each question, and a
 * checkpoint that is refused is told as an event.
 * @throws {MinerError} FILE_UNREADABLE, SIGNERS_FILE; STORAGE_IO
 * @example
 * const trust = openTrust({ chainRecord: readChain(data), checkpointFile, folder: data, storage, clock, onEvent });
 * const endWatch = trust.watch(5_000, () => void miner.checkTrust());
 */
export function openTrust(options: OpenTrustOptions): LayeredTrust {
  const { chainRecord, checkpointFile, folder, storage, clock, onEvent, limits } = options;
  const { deployment } = chainRecord;
  const registries = registriesOf(deployment);
  const found = folder === undefined ? undefined : path.join(folder, signersFileName);
  const signersFile = options.signersFile ?? (found && existsSync(found) ? found : undefined);
  const pinned = signersFile === undefined ? undefined : readSignersFile(signersFile);
  return new LayeredTrust({
    ...limits,
    chainId: deployment.chainId,
    registries,
    clock,
    storage,
    onEvent,
    rpcUrl: options.offline ? undefined : (options.rpcUrl ?? chainRecord.rpcUrl),
    checkpoint: checkpointFile === undefined ? undefined : readInput(checkpointFile),
    signerSet: pinned?.signerSet,
  });
}
