/** From what a person names to an account that signs. Keys are never printed: no message here holds what was read. */
import type { Address, Hex, LocalAccount } from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { localChainId, localMnemonic } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';
import { externalAccount } from './external.ts';
import { decryptKeystore, parseKeystore } from './keystore.ts';
import { askHidden } from './terminal.ts';

/** Where the key is; one of `keystore`, `envName`, `external` and `localIndex`. */
export interface KeySource {
  /** Path of a Web3 Secret Storage file. */
  keystore?: string;
  /** Its password is this file's first line; asked on the terminal when left out. */
  passwordFile?: string;
  /** Name of an environment variable with 64 hex digits. */
  envName?: string;
  /** URL of a program that signs over JSON-RPC. */
  external?: string;
  /** Number of an account of the local chain, whose keys are public. */
  localIndex?: number;
  /** The address that is meant; another one is refused. Needed where an external signer has several. */
  from?: Address;
}

export interface SigningPlace {
  /** The chain that is signed for: the accounts of a local chain sign for no other. */
  chainId: number;
  /** Whose variables are read; the process's when left out. */
  environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens an account.
 * @throws {MinerError} KEY_SOURCE, KEY_LOCAL, KEY_VARIABLE, KEY_ADDRESS, KEYSTORE_FORMAT, KEYSTORE_PASSWORD,
 *   KEY_PASSWORD_NONE, SIGNER_FAILED, SIGNER_ACCOUNT, FILE_UNREADABLE
 * @example await openSigner({ keystore: 'alice.json' }, { chainId: 1 })
 */
export async function openSigner(source: KeySource, place: SigningPlace): Promise<LocalAccount> {
  const { keystore, passwordFile, envName, external, localIndex, from } = source;
  const named = [keystore, envName, external, localIndex].filter((one) => one !== undefined);
  if (named.length !== 1) throw toolError('KEY_SOURCE', { count: named.length });
  const account =
    keystore !== undefined
      ? await fromKeystore(keystore, passwordFile)
      : envName !== undefined
        ? privateKeyToAccount(keyFromEnvironment(envName, place.environment ?? process.env))
        : external !== undefined
          ? await externalAccount(external, from === undefined ? {} : { from })
          : localAccount(localIndex!, place.chainId);
  if (from !== undefined && from.toLowerCase() !== account.address.toLowerCase()) {
    throw toolError('KEY_ADDRESS', { expected: from, found: account.address });
  }
  return account;
}

async function fromKeystore(path: string, passwordFile: string | undefined): Promise<LocalAccount> {
  // A key given where a path is meant must not come back in "no such file".
  if (looksLikeKey(path)) throw toolError('KEY_BARE', { option: '--keystore', expected: 'the path of a key file' });
  const keystore = parseKeystore(new TextDecoder().decode(readInput(path)), path);
  const password = passwordFile === undefined ? await askHidden(`password of ${path}: `) : readPassword(passwordFile);
  return privateKeyToAccount(await decryptKeystore(keystore, password));
}

/** The first line; a newline at its end belongs to the file. */
export function readPassword(path: string): string {
  return new TextDecoder().decode(readInput(path)).split(/\r?\n/, 1)[0]!;
}

/**
 * The private key in an environment variable: 64 hex digits, with or without 0x.
 * @throws {MinerError} KEY_VARIABLE, KEY_BARE
 */
export function keyFromEnvironment(name: string, environment: NonNullable<SigningPlace['environment']>): Hex {
  if (looksLikeKey(name)) {
    throw toolError('KEY_BARE', { option: '--key-env', expected: 'the name of an environment variable' });
  }
  const text = environment[name]?.trim();
  if (!text) throw toolError('KEY_VARIABLE', { name, problem: 'is not set' });
  if (!looksLikeKey(text)) throw toolError('KEY_VARIABLE', { name, problem: 'is not 64 hex digits' });
  const key: Hex = `0x${text.slice(-64)}`;
  try {
    privateKeyToAccount(key);
  } catch {
    throw toolError('KEY_VARIABLE', { name, problem: 'is no key of secp256k1' });
  }
  return key;
}

const looksLikeKey = (text: string) => /^(0x)?[0-9a-f]{64}$/i.test(text.trim());

const localAccountsFound = new Map<number, LocalAccount>();

function localAccount(index: number, chainId: number): LocalAccount {
  if (chainId !== localChainId) throw toolError('KEY_LOCAL', { index, chainId, localChainId });
  const account = localAccountsFound.get(index) ?? mnemonicToAccount(localMnemonic, { addressIndex: index });
  localAccountsFound.set(index, account);
  return account;
}
