/** What the commands that talk to a chain share: which chain is meant, and whose key signs what is sent to it. */
import type { Command } from 'commander';
import type { Account } from 'viem';
import { type ChainRecord, defaultFolder } from './data-folder.ts';
import { addKeyOptions, type KeyFlags, openKey } from './key-options.ts';
import { integerBetween } from './options.ts';

export interface ChainFlags {
  data: string;
  deployment?: string;
  rpc?: string;
  chainId?: number;
  json?: boolean;
}

export interface SenderFlags extends ChainFlags, KeyFlags {}

export function withChain(command: Command): Command {
  return command
    .option('--data <folder>', 'where `miner chain` and `miner gateway` wrote', defaultFolder)
    .option('--deployment <file>', 'which contracts are meant, where it is not chain.json in --data')
    .option('--rpc <url>', "the chain's JSON-RPC, where it differs from what `miner chain` wrote")
    .option('--chain-id <n>', 'the chain that is meant; another one is refused', integerBetween(1, 2 ** 52))
    .option('--json', 'JSON lines');
}

/** @param account Number of the local chain's account that plays the part. */
export function withSender(command: Command, who: string, account: number): Command {
  return addKeyOptions(withChain(command), { who, account });
}

/** @throws {MinerError} RECORD_MISSING, RECORD_UNREADABLE, CHAIN_UNREACHABLE, CHAIN_ID_MISMATCH */
export async function openContext(flags: ChainFlags, sender?: Account) {
  const [record, { connectChain }, { toAccount }, { zeroAddress }] = await Promise.all([
    recordOf(flags),
    import('../deploy/index.ts'),
    import('viem/accounts'),
    import('viem'),
  ]);
  const { rpcUrl, deployment } = record;
  // Reading needs no account; the type of clients asks for one.
  const account = sender ?? toAccount(zeroAddress);
  const { chainId } = deployment;
  const clients = await connectChain({ url: rpcUrl, account, chainId: flags.chainId ?? chainId });
  if (flags.chainId !== undefined && flags.chainId !== chainId) {
    const { toolError } = await import('../errors/index.ts');
    const expected = `${chainId}, as the deployment says`;
    throw toolError('OPTION_INVALID', { option: '--chain-id', value: String(flags.chainId), expected });
  }
  return { clients, deployment };
}

/**
 * The chain, and whose key signs what is sent to it.
 * @param account Number of the local chain's account that plays the part where no key is named.
 */
export async function openSending(flags: SenderFlags, account: number) {
  // The chain first: nobody types a password for one that is not there, or not the one that is meant.
  const { chainId } = (await openContext(flags)).deployment;
  const sender = await openKey(flags, { chainId, account });
  return { context: await openContext(flags, sender), sender };
}

async function recordOf({ data, deployment, rpc }: ChainFlags): Promise<ChainRecord> {
  const { readChain, readChainFile } = await import('./data-folder.ts');
  const record = deployment === undefined ? readChain(data) : readChainFile(deployment);
  return rpc === undefined ? record : { ...record, rpcUrl: rpc };
}

/** One JSON line, amounts as decimal text. */
export function jsonLine(value: object): string {
  return `${JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? one.toString() : one))}\n`;
}
