/** Addresses and names that could be taken for others. */
import { type AbiEvent, decodeEventLog } from 'viem';
import { toEventSelector } from 'viem/utils';
import { loadArtifact, readLogs } from '../../../deploy/index.ts';
import { type ExplainedAction, explainAction } from '../../words.ts';
import { contractAt } from '../contracts.ts';
import { addressesIn, findTwinAddress, findTwinName } from '../look-alike.ts';
import type { Warning, WarningFacts } from './warning.ts';

/** Compared with our contracts, with whom earlier proposals named, with each other, and with those in the text. */
export function lookAlikeAddresses({ deployment, text, calls, proposed }: WarningFacts): Warning[] {
  const named = (action: ExplainedAction) => [action.target, ...addressesIn(action.name ? action.args : action.data)];
  const earlier = proposed.flatMap((dip) => [
    dip.proposer,
    ...dip.actions.flatMap((action) => named(explainAction(deployment, action))),
  ]);
  const ours = calls.map(named);
  const inText = text.match(/\b0x[0-9a-fA-F]{40}\b/g) ?? [];
  const known = new Set([...Object.values(deployment.addresses), ...earlier, ...ours.flat(), ...inText]);
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

/** Names of makers and decoders against those that are known. */
export async function lookAlikeNames({ clients, deployment, calls }: WarningFacts): Promise<Warning[]> {
  const names = calls.flatMap(({ args, contract, name }, call) => {
    if (contract === 'ManufacturerRegistry' && name === 'grant') return [{ call, name: String(args.name) }];
    if (contract === 'DecoderRegistry' && name === 'list')
      return [{ call, name: String((args.decoder as { id: string }).id) }];
    return [];
  });
  if (names.length === 0) return [];
  const read = async (contract: 'ManufacturerRegistry' | 'DecoderRegistry', eventName: string) => {
    const { abi } = loadArtifact(contract);
    const event = abi.find((item): item is AbiEvent => item.type === 'event' && item.name === eventName);
    const logs = await readLogs(clients.publicClient, {
      address: deployment.addresses[contract],
      topics: [toEventSelector(event!)],
      from: BigInt(deployment.block),
      to: await clients.publicClient.getBlockNumber(),
    });
    return logs.map(
      ({ topics, data }) => decodeEventLog({ abi, topics, data }).args as { name?: string; decoder?: { id: string } },
    );
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
