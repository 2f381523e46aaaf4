/** Checkpoints for offline Miners: made from the chain, signed by several people, verified by anybody. */
export { combineFiles, withSignature } from './combine.ts';
export { trustEventJson, trustEventText } from './event-text.ts';
export { compareWithChain, type MadeCheckpoint, type MakeRequest, makeCheckpoint } from './make.ts';
export { type OpenTrustOptions, openTrust } from './open-trust.ts';
export { checkpointMessage, signCheckpoint } from './sign.ts';
export { type PinnedSigners, readSignersFile, readSignersOf, signersFileName, signersText } from './signers-file.ts';
