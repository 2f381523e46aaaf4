/** Keys of people: from a key file, the environment, another program, or the local chain; never printed. */
export { externalAccount } from './external.ts';
export { decryptKeystore, encryptKeystore, type Keystore, parseKeystore } from './keystore.ts';
export { type KeySource, keyFromEnvironment, openSigner, readPassword, type SigningPlace } from './open.ts';
export { askHidden } from './terminal.ts';
export { assertFree, writeKeystore } from './write.ts';
