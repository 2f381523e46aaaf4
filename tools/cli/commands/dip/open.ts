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

/** The same, and whose key signs. */
export async function openDipsToSend(flags: SendingFlags): Promise<{ context: Context; account: LocalAccount }> {
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

/** Runs a command; a chain that stops answering in the middle of it is told as that. */
export function guarded<Arguments extends unknown[]>(
  run: (...args: Arguments) => Promise<void>,
): (...args: Arguments) => Promise<void> {
  return async (...args) => {
    try {
      await run(...args);
    } catch (error) {
      const { isUnanswered } = await import('../../../dip/index.ts');
      const reason = isUnanswered(error);
      if (reason === undefined) throw error;
      const { toolError } = await import('../../../errors/index.ts');
      const { HttpRequestError } = await import('viem');
      const http = (error as Error & { walk(test: (one: unknown) => boolean): unknown }).walk(
        (one) => one instanceof HttpRequestError,
      ) as { url?: string } | null;
      throw toolError('CHAIN_SILENT', { url: http?.url ?? 'the given URL', reason, hash: '' }, error);
    }
  };
}
