/** What the treasury would pay, and what it would get for it. */
import { type Address, isAddressEqual, parseAbi } from 'viem';
import { percent, tokens } from '../../format.ts';
import { isRevert } from '../contracts.ts';
import type { Warning, WarningFacts } from './warning.ts';

const vaultAbi = parseAbi([
  'function asset() view returns (address)',
  'function previewDeposit(uint256 assets) view returns (uint256)',
  'function previewRedeem(uint256 shares) view returns (uint256)',
]);

/** More than this below the price of now, a minimum protects from little; in hundredths of a percent. */
const slackBpsMax = 500n;

/** The price of now against the least that the DIP takes. */
export async function stalePrices({ clients, deployment, calls }: WarningFacts): Promise<Warning[]> {
  const warnings = await Promise.all(
    calls.map(async ({ contract, name, args }, call): Promise<Warning[]> => {
      if (contract !== 'Treasury' || (name !== 'invest' && name !== 'divest')) return [];
      const { vault, assets, shares, minShares, minAssets } = args as Record<string, bigint> & { vault: Address };
      const [given, least] = name === 'invest' ? [assets!, minShares!] : [shares!, minAssets!];
      const functionName = name === 'invest' ? 'previewDeposit' : 'previewRedeem';
      const read = { address: vault, abi: vaultAbi } as const;
      try {
        const [now, asset] = await Promise.all([
          clients.publicClient.readContract({ ...read, functionName, args: [given] }),
          clients.publicClient.readContract({ ...read, functionName: 'asset' }),
        ]);
        const found: Warning[] = [];
        const noun = name === 'invest' ? 'shares' : 'units of its asset';
        if (now < least) {
          found.push({
            code: 'stale-price',
            call,
            text: `the vault gives ${now} ${noun} now, less than the ${least} that are asked: it would revert`,
          });
        } else if (now > 0n && ((now - least) * 10_000n) / now > slackBpsMax) {
          const slack = percent(Number(((now - least) * 10_000n) / now));
          found.push({
            code: 'stale-price',
            call,
            text: `the vault gives ${now} ${noun} now; the minimum of ${least} would take ${slack} less`,
          });
        }
        if (!isAddressEqual(asset, deployment.addresses.DimoToken)) {
          found.push({ code: 'stale-price', call, text: `the vault's asset is ${asset}, and not DIMO` });
        }
        return found;
      } catch (error) {
        if (!isRevert(error)) throw error;
        return [{ code: 'stale-price', call, text: `${vault} does not answer as an ERC-4626 vault does` }];
      }
    }),
  );
  return warnings.flat();
}

/** What the calls take out of the treasury in all, by token. */
export async function overspending({ clients, deployment, calls }: WarningFacts): Promise<Warning[]> {
  const { Treasury, DimoToken } = deployment.addresses;
  const spent = new Map<Address | 'ether', { amount: bigint; call: number }>();
  for (const [call, { contract, name, args }] of calls.entries()) {
    if (contract !== 'Treasury') continue;
    const key = name === 'spend' ? (args.token as Address) : name === 'spendEther' ? 'ether' : undefined;
    if (key) spent.set(key, { amount: (spent.get(key)?.amount ?? 0n) + (args.amount as bigint), call });
  }
  const balanceAbi = parseAbi(['function balanceOf(address) view returns (uint256)']);
  const warnings = await Promise.all(
    [...spent].map(async ([token, { amount, call }]): Promise<Warning[]> => {
      const balance =
        token === 'ether'
          ? await clients.publicClient.getBalance({ address: Treasury })
          : await clients.publicClient
              .readContract({ address: token, abi: balanceAbi, functionName: 'balanceOf', args: [Treasury] })
              .catch((error: unknown) => {
                if (isRevert(error)) return 0n;
                throw error;
              });
      if (amount <= balance) return [];
      const words = (value: bigint) =>
        token === 'ether'
          ? `${tokens(value)} ETH`
          : isAddressEqual(token, DimoToken)
            ? `${tokens(value)} DIMO`
            : `${value} units of ${token}`;
      return [
        { code: 'treasury-short', call, text: `${words(amount)} are spent, and the treasury holds ${words(balance)}` },
      ];
    }),
  );
  return warnings.flat();
}
