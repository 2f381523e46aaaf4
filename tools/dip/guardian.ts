/** What the guardian does, it does through the contract that ends its term. */
import type { Account } from 'viem';
import { type ChainClients, type Deployment, loadArtifact, send } from '../deploy/index.ts';
import type { Action } from './actions.ts';

/**
 * Makes a call as the guardian: suspends a licence or a decoder, vetoes a reward root, cancels a proposal.
 * @param holder Who was named as guardian at deployment.
 * @throws {MinerError} `CHAIN_REVERTED` with the target's error, or the guardian's own for a stranger or after its term.
 */
export function asGuardian(clients: ChainClients, deployment: Deployment, action: Action, holder: Account) {
  return send(clients, {
    to: deployment.addresses.TermedGuardian,
    abi: loadArtifact('TermedGuardian').abi,
    name: 'forward',
    args: [action.target, action.data],
    account: holder,
  });
}
