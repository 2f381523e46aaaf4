/** Paying into one of the platform's contracts: it takes the tokens itself, within an allowance. */
import type { Account, Address } from 'viem';
import type { ContractName } from '../deploy/index.ts';
import { type Context, tokens } from '../dip/index.ts';
import { toolError } from '../errors/index.ts';
import { readFrom, sendTo } from './contract.ts';

/**
 * Sees to it that a contract may take `amount` from an account. An allowance that is there is used: a run that was cut
 * off between allowance and payment goes on with the payment.
 * @throws {MinerError} TOKENS_MISSING before anything is sent
 */
export async function allowPayment(
  context: Context,
  payment: { contract: ContractName; amount: bigint },
  payer: Account,
): Promise<void> {
  const { contract, amount } = payment;
  const spender: Address = context.deployment.addresses[contract];
  const [balance, allowance] = await Promise.all([
    readFrom<bigint>(context, 'DimoToken', 'balanceOf', [payer.address]),
    readFrom<bigint>(context, 'DimoToken', 'allowance', [payer.address, spender]),
  ]);
  if (balance < amount) {
    const facts = { account: payer.address, needed: tokens(amount), has: tokens(balance) };
    throw toolError('TOKENS_MISSING', facts);
  }
  if (allowance >= amount) return;
  await sendTo(context, 'DimoToken', { name: 'approve', args: [spender, amount], account: payer });
}
