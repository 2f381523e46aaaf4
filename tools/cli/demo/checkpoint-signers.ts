/** Demonstration signers of checkpoints: accounts of the local chain, their keys written where people can use them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mnemonicToAccount } from 'viem/accounts';
import { bytesToHex } from 'viem/utils';
import { readSignersOf, signersFileName, signersText } from '../../checkpoint/index.ts';
import { localMnemonic } from '../../deploy/index.ts';
import type { Dip } from '../../dip/index.ts';
import { checkpointSignersDip } from './dips.ts';
import type { ChainWorld } from './world.ts';

/** Of twelve accounts the first nine play the parts in world.ts. */
const firstSigner = 9;

/**
 * Carries the DIP that lists them, and writes their keys and the set that devices are provisioned with.
 * @returns what to tell: where the keys are, and that everybody knows them
 */
export async function listSigners(request: {
  world: ChainWorld;
  carry: (dip: Dip) => Promise<void>;
  data: string;
  threshold: number;
  count: number;
}): Promise<string> {
  const { world, carry, data, threshold, count } = request;
  const accounts = Array.from({ length: count }, (_, i) =>
    mnemonicToAccount(localMnemonic, { addressIndex: firstSigner + i }),
  );
  await carry(checkpointSignersDip(world, { signers: accounts.map(({ address }) => address), threshold }));
  mkdirSync(data, { recursive: true });
  for (const [i, account] of accounts.entries()) {
    const key = bytesToHex(account.getHdKey().privateKey!).slice(2);
    writeFileSync(path.join(data, `checkpoint-signer-${i + 1}.key`), `${key}\n`, { mode: 0o600 });
  }
  const pinned = await readSignersOf(world.rpcUrl, world.deployment);
  writeFileSync(path.join(data, signersFileName), signersText(pinned));
  const keys = path.join(data, `checkpoint-signer-${count === 1 ? '1' : `1..${count}`}.key`);
  return `checkpoint signers: ${threshold} of ${count}, keys in ${keys}; everybody knows these test keys`;
}
