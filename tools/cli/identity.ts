import { sha256 } from '@noble/hashes/sha2.js';
import type { PrivateKeyAccount } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { bytesToHex } from 'viem/utils';
import { type Signer, softwareSigner } from '../../edge/pack/index.ts';

/** A key that signs COSE as the device or gateway does, and EIP-712 as its account on chain. */
export interface Identity {
  signer: Signer;
  account: PrivateKeyAccount;
}

/** The same seed gives the same key: for demonstrations only. */
export function seededIdentity(name: string, seed: number): Identity {
  const key = sha256(new TextEncoder().encode(`demo ${name} ${seed}`));
  return { signer: softwareSigner(key), account: privateKeyToAccount(bytesToHex(key)) };
}
