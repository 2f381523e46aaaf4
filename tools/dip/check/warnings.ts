/** What a voter should look at twice before a DIP is proposed. Each question has a function; none of them changes anything. */
import { type AbiEvent, type Address, type Hex, isAddressEqual, parseAbi, zeroHash } from 'viem';
import { type ChainClients, type Deployment, loadArtifact } from '../../deploy/index.ts';
import type { Action } from '../actions.ts';
import { percent, tokens, utc } from '../format.ts';
import { proposalId, readState } from '../proposal.ts';
import { listProposed, type ProposedDip } from '../proposed.ts';
import { type ExplainedAction, explainAction } from '../words.ts';
import { contractAt } from './contracts.ts';
import { addressesIn, findTwinAddress, findTwinName } from './look-alike.ts';
import type { Timetable } from './timetable.ts';

export interface Warning {
  /** For machines. */
  code:
    | 'text'
    | 'look-alike-address'
    | 'look-alike-name'
    | 'unknown-target'
    | 'no-code'
    | 'stale-price'
    | 'treasury-short'
    | 'duplicate'
    | 'already-listed'
    | 'consent'
    | 'proposer'
    | 'guardian';
  text: string;
  /** Index of the call that it is about. */
  call?: number;
}

export interface WarningFacts {
  clients: ChainClients;
  deployment: Deployment;
  title: string;
  actions: readonly Action[];
  timetable: Timetable;
}

export async function findWarnings(facts: WarningFacts): Promise<Warning[]> {
  const { clients, deployment, actions } = facts;
  const calls = actions.map((action) => explainAction(deployment, action));
  const proposed = await listProposed(clients, deployment);
  const found = await Promise.all([
    lookAlikeAddresses(facts, calls, proposed),
    lookAlikeNames(facts, calls),
    targets(facts, calls),
    vaults(facts, calls),
    treasury(facts, calls),
    duplicates(facts, proposed),
    decoders(facts, calls),
  ]);
  return found.flat();
}

/** Compared with our contracts, with whom earlier proposals named, and with each other. */
function lookAlikeAddresses(
  { deployment, title }: WarningFacts,
  calls: readonly ExplainedAction[],
  proposed: readonly ProposedDip[],
): Warning[] {
  const named = (action: ExplainedAction) => [action.target, ...addressesIn(action.args)];
  const earlier = proposed.flatMap((dip) => [
    dip.proposer,
    ...dip.actions.flatMap((action) => named(explainAction(deployment, action))),
  ]);
  const ours = calls.map(named);
  const known = new Set([
    ...Object.values(deployment.addresses),
    deployment.deployer,
    ...earlier,
    ...ours.flat(),
    ...addressesIn(title.split(/\s+/)),
  ]);
  const told = new Set<string>();
  return ours.flatMap((addresses, call) =>
    addresses.flatMap((address): Warning[] => {
      const twin = contractAt(deployment, address) ? undefined : findTwinAddress(address, known);
      if (!twin || told.has(address)) return [];
      told.add(address);
      const name = contractAt(deployment, twin);
      return [
        {
          code: 'look-alike-address',
          call,
          text: `${address} begins and ends like ${name ? `${name}, ` : ''}${twin}, and is another address`,
        },
      ];
    }),
  );
}

async function lookAlikeNames(
  { clients, deployment }: WarningFacts,
  calls: readonly ExplainedAction[],
): Promise<Warning[]> {
  const names = calls.flatMap(({ args, contract, name }, call) => {
    if (contract === 'ManufacturerRegistry' && name === 'grant') return [{ call, name: String(args.name) }];
    if (contract === 'DecoderRegistry' && name === 'list')
      return [{ call, name: String((args.decoder as { id: string }).id) }];
    return [];
  });
  if (names.length === 0) return [];
  const read = async (contract: 'ManufacturerRegistry' | 'DecoderRegistry', eventName: string) => {
    const event = loadArtifact(contract).abi.find(
      (item): item is AbiEvent => item.type === 'event' && item.name === eventName,
    );
    const address = deployment.addresses[contract];
    const logs = await clients.publicClient.getLogs({
      address,
      event: event!,
      fromBlock: BigInt(deployment.block),
      toBlock: 'latest',
    });
    return logs.map((log) => log.args as unknown as { name?: string; decoder?: { id: string } });
  };
  const [licences, decoders] = await Promise.all([
    read('ManufacturerRegistry', 'LicenceGranted'),
    read('DecoderRegistry', 'DecoderListed'),
  ]);
  const known = [
    ...licences.map(({ name }) => name!),
    ...decoders.map(({ decoder }) => decoder!.id),
    ...Object.keys(deployment.addresses),
  ];
  return names.flatMap(({ call, name }): Warning[] => {
    const twin = findTwinName(name, known);
    return twin
      ? [
          {
            code: 'look-alike-name',
            call,
            text: `the name ${JSON.stringify(name)} looks like ${JSON.stringify(twin)}, which is another's`,
          },
        ]
      : [];
  });
}

async function targets({ clients, deployment }: WarningFacts, calls: readonly ExplainedAction[]): Promise<Warning[]> {
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

const vaultAbi = parseAbi([
  'function asset() view returns (address)',
  'function previewDeposit(uint256 assets) view returns (uint256)',
  'function previewRedeem(uint256 shares) view returns (uint256)',
]);

/** More than this below the price of now, a minimum protects from little; in hundredths of a percent. */
const slackBpsMax = 500n;

/** The price of now against the least that the DIP takes. */
async function vaults({ clients, deployment }: WarningFacts, calls: readonly ExplainedAction[]): Promise<Warning[]> {
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
      } catch {
        return [{ code: 'stale-price', call, text: `${vault} does not answer as an ERC-4626 vault does` }];
      }
    }),
  );
  return warnings.flat();
}

/** What the calls take out of the treasury in all, by token. */
async function treasury({ clients, deployment }: WarningFacts, calls: readonly ExplainedAction[]): Promise<Warning[]> {
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
              .catch(() => 0n);
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

/** The same calls in an earlier proposal: by another text it is another proposal, and does the same again. */
async function duplicates(
  { clients, deployment, actions }: WarningFacts,
  proposed: readonly ProposedDip[],
): Promise<Warning[]> {
  // Ids of the same calls under one text tell whether the calls are the same.
  const fingerprint = proposalId(actions, '');
  const same = proposed.filter((dip) => proposalId(dip.actions, '') === fingerprint);
  return Promise.all(
    same.map(async ({ id }): Promise<Warning> => {
      const state = await readState(clients, deployment, id);
      const what = state === 'executed' ? 'was executed already' : `is ${state}`;
      return { code: 'duplicate', text: `proposal ${id} makes the same calls, and ${what}` };
    }),
  );
}

async function decoders(
  { clients, deployment, timetable }: WarningFacts,
  calls: readonly ExplainedAction[],
): Promise<Warning[]> {
  const read = <T>(functionName: string, args: readonly unknown[]): Promise<T> =>
    clients.publicClient.readContract({
      address: deployment.addresses.DecoderRegistry,
      abi: loadArtifact('DecoderRegistry').abi,
      functionName,
      args,
    }) as Promise<T>;
  const warnings = await Promise.all(
    calls.map(async ({ contract, name, args }, call): Promise<Warning[]> => {
      if (contract !== 'DecoderRegistry' || name !== 'list') return [];
      const { contentHash, author } = args.decoder as { contentHash: Hex; author: Address };
      const { nonce, deadline } = args.consent as { nonce: bigint; deadline: bigint };
      const [{ status, semanticHash }, current] = await Promise.all([
        read<{ status: number; semanticHash: Hex }>('decoderOf', [contentHash]),
        read<bigint>('nonceOf', [author]),
      ]);
      const found: Warning[] = [];
      if (status !== 0 || semanticHash !== zeroHash) {
        found.push({ code: 'already-listed', call, text: `the decoder ${contentHash} was listed already` });
      }
      if (deadline < timetable.executeFrom) {
        found.push({
          code: 'consent',
          call,
          text: `the author's consent ends ${utc(Number(deadline))}, before the DIP could execute, ${utc(timetable.executeFrom)}`,
        });
      } else if (deadline < timetable.executeFrom + 14 * 86_400) {
        found.push({
          code: 'consent',
          call,
          text: `the author's consent ends ${utc(Number(deadline))}, within 14 days of the earliest execution`,
        });
      }
      if (nonce !== current) {
        found.push({
          code: 'consent',
          call,
          text: `the author's consent has the nonce ${nonce}, and ${author} is at ${current}`,
        });
      }
      return found;
    }),
  );
  return warnings.flat();
}
