import type { LocalAccount } from 'viem';

/** Whoever can sign an EIP-712 message: a viem account with a key of its own. */
export type TypedDataSigner = Pick<LocalAccount, 'address' | 'signTypedData'>;
