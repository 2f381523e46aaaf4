/** From a named action to the calls that it stands for. */
import { BaseError } from 'viem';
import { nearest } from '../../dbc/index.ts';
import type { Deployment } from '../../deploy/index.ts';
import type { Action } from '../actions.ts';
import { actionTypes, findActionType } from './action-types.ts';
import { Refusal, readFields, type Scope, shown } from './arguments/index.ts';
import type { NamedAction } from './dip-file.ts';

/** The calls of one action, or everything that is wrong with it. */
export function readAction(
  named: NamedAction,
  deployment: Deployment,
  warn: Scope['warn'],
): { calls: readonly Action[]; refusals: Refusal[] } {
  const { action: name, ...written } = named;
  const none = (...refusals: Refusal[]) => ({ calls: [], refusals });
  if (typeof name !== 'string' || name === '') return none(new Refusal('expected a name: "action: spend"', ['action']));
  const type = findActionType(name);
  if (!type) {
    const near = nearest(
      name,
      actionTypes.map((one) => one.name),
    );
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'see "miner dip new --list"';
    return none(new Refusal(`there is no action ${shown(name)}; ${hint}`, ['action']));
  }
  const scope = { addresses: deployment.addresses, warn };
  const { values, refusals } = readFields(type.arguments, written, scope);
  if (refusals.length > 0) return { calls: [], refusals };
  try {
    const built = type.build(deployment, values as never, scope);
    return { calls: Array.isArray(built) ? built : [built as Action], refusals };
  } catch (error) {
    if (error instanceof Refusal) return none(error);
    // A value that is too large for its argument, as 2^96 tokens of the bond's 96 bits.
    if (error instanceof BaseError) return none(new Refusal(error.shortMessage));
    throw error;
  }
}
