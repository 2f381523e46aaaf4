/** The options by which every command that sends or signs for a person is told whose key; see tools/keys. */
import type { Command } from 'commander';
import type { Address, LocalAccount } from 'viem';
import { addressArgument, integerBetween } from './options.ts';

export interface KeyFlags {
  keystore?: string;
  passwordFile?: string;
  keyEnv?: string;
  signer?: string;
  account?: number;
  from?: Address;
}

/**
 * @param part.who whose key it is, in the words of the help
 * @param part.account the local chain's account that plays this part where no key is named
 */
export function addKeyOptions(command: Command, part: { who: string; account?: number }): Command {
  const { who, account } = part;
  const otherwise = account === undefined ? '' : `; ${account} where no key is named`;
  return command
    .option('--keystore <file>', `key file (Web3 Secret Storage) of ${who}; its password is asked on the terminal`)
    .option('--password-file <file>', "the key file's password: the first line of this file")
    .option('--key-env <name>', 'instead: the environment variable that holds the key')
    .option('--signer <url>', 'instead: a program that signs over JSON-RPC, such as Clef or Web3Signer')
    .option('--account <n>', `on a local chain: the number of its account${otherwise}`, integerBetween(0, 11))
    .option('--from <address>', 'the address that is meant; a key of another one is refused', addressArgument);
}

/**
 * Opens the key that the options name; on a local chain the part's own account where they name none.
 * @throws {MinerError} see openSigner
 */
export async function openKey(flags: KeyFlags, place: { chainId: number; account?: number }): Promise<LocalAccount> {
  const [{ openSigner }, { localChainId }] = await Promise.all([
    import('../keys/index.ts'),
    import('../deploy/index.ts'),
  ]);
  const { keystore, passwordFile, keyEnv: envName, signer: external, from } = flags;
  const isNamed = keystore !== undefined || envName !== undefined || external !== undefined;
  const isLocal = place.chainId === localChainId;
  const localIndex = flags.account ?? (isLocal && !isNamed ? place.account : undefined);
  const source = { keystore, passwordFile, envName, external, localIndex, from };
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined));
  return openSigner(given, { chainId: place.chainId });
}
