/** What the commands on proposals share: the chain with a governor on it, and outages told as such. */
import type { Command } from 'commander';
import type { LocalAccount } from 'viem';
import type { Context } from '../../../dip/index.ts';
import { type ChainFlags, openContext, openSending, type SenderFlags, withChain } from '../../chain-context.ts';
import { addKeyOptions } from '../../key-options.ts';
import { numberBetween } from '../../options.ts';

/** The local chain's account that acts where no key is named: its largest holder. */
export const holderAccount = 1;

export interface SendingFlags extends SenderFlags {
  yes?: boolean;
  dryRun?: boolean;
  /** Seconds. */
  patience: number;
}

/** The options of every command that sends. */
export function withSending(command: Command, who: string): Command {
  return addKeyOptions(withChain(command), { who, account: holderAccount })
    .option('--yes', 'send without asking')
    .option('--dry-run', 'say what would be sent and what it costs, and send nothing')
    .option(
      '--patience <seconds>',
      'how long to go on asking a chain that does not answer',
      numberBetween(0, 86_400, 'seconds'),
      60,
    );
}

/** @throws {MinerError} CHAIN_NO_CONTRACT and what openContext throws */
export async function openDips(flags: ChainFlags): Promise<Context> {
  const context = await openContext(flags);
  await assertGovernor(context);
  return context;
}

/** The same, and whose key signs; a dry run needs the address alone. */
export async function openDipsToSend(flags: SendingFlags): Promise<{ context: Context; account: LocalAccount }> {
  const { keystore, keyEnv, signer, account: index, from } = flags;
  const isNamed = [keystore, keyEnv, signer, index].some((one) => one !== undefined);
  if (flags.dryRun && from !== undefined && !isNamed) {
    const { toAccount } = await import('viem/accounts');
    return { context: await openDips(flags), account: toAccount(from) as unknown as LocalAccount };
  }
  const { context, sender: account } = await openSending(flags, holderAccount);
  await assertGovernor(context);
  return { context, account };
}

async function assertGovernor({ clients, deployment }: Context): Promise<void> {
  const { DimoGovernor: address } = deployment.addresses;
  const code = await clients.publicClient.getCode({ address });
  if (code !== undefined && code !== '0x') return;
  const { edgeError } = await import('../../../../edge/errors/index.ts');
  throw edgeError('CHAIN_NO_CONTRACT', { url: urlOf(clients), name: 'DimoGovernor', address });
}

export function urlOf({ publicClient }: Context['clients']): string {
  return String(publicClient.transport.url ?? publicClient.transport.name);
}

/** Runs a command; a chain that stops answering in the middle of it, or answers nonsense, is told as that. */
export function guarded<Arguments extends unknown[]>(
  run: (...args: Arguments) => Promise<void>,
): (...args: Arguments) => Promise<void> {
  return async (...args) => {
    try {
      await run(...args);
    } catch (error) {
      const [{ BaseError, HttpRequestError }, { isUnanswered }, { toolError }] = await Promise.all([
        import('viem'),
        import('../../../dip/index.ts'),
        import('../../../errors/index.ts'),
      ]);
      if (!(error instanceof BaseError)) throw error;
      const reason = isUnanswered(error);
      if (reason === undefined) throw toolError('CHAIN_ANSWER', { reason: error.shortMessage }, error);
      const asked = error.walk((inner) => inner instanceof HttpRequestError) as { url?: string } | null;
      throw toolError('CHAIN_SILENT', { url: asked?.url ?? 'the given URL', reason, hash: '' }, error);
    }
  };
}
