/** Who is called. */
import type { Address } from 'viem';
import { contractAt } from '../contracts.ts';
import type { Warning, WarningFacts } from './warning.ts';

/** Targets that nothing is known of, and those where nothing is. */
export async function oddTargets({ clients, deployment, calls }: WarningFacts): Promise<Warning[]> {
  const warnings = await Promise.all(
    calls.map(async ({ target, contract, name, data, args }, call): Promise<Warning[]> => {
      const hasCode = async (address: Address) => ((await clients.publicClient.getCode({ address })) ?? '0x') !== '0x';
      if (contract) {
        const unknown: Warning[] =
          name || data === '0x'
            ? []
            : [{ code: 'unknown-target', call, text: `${contract} is not known to have the function that is called` }];
        const further = contract === 'Treasury' && name === 'execute' ? (args.target as Address) : undefined;
        if (!further || contractAt(deployment, further)) return unknown;
        const what = (await hasCode(further))
          ? 'is a contract that is not ours'
          : 'has no code: a call of it does nothing';
        return [{ code: 'unknown-target', call, text: `the treasury calls ${further}, which ${what}` }];
      }
      if (!(await hasCode(target))) {
        const effect = data === '0x' ? 'it only receives the ether' : 'the call does nothing, and does not fail either';
        return [{ code: 'no-code', call, text: `${target} has no code: ${effect}` }];
      }
      return [
        {
          code: 'unknown-target',
          call,
          text: `${target} is no contract of ours: nothing here knows what the call does`,
        },
      ];
    }),
  );
  return warnings.flat();
}
