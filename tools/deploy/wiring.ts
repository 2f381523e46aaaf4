/** Reads from the chain who may do what, and compares it with the plan: nobody has to be believed. */
import {
  type Abi,
  type AbiEvent,
  type Address,
  type Chain,
  type Hex,
  isAddressEqual,
  type PublicClient,
  type Transport,
  toFunctionSelector,
  zeroAddress,
} from 'viem';
import { toolError } from '../errors/index.ts';
import { abiFunction, loadArtifact } from './artifacts.ts';
import {
  type Addresses,
  type ContractName,
  type DeployOptions,
  guardianTerm,
  plan,
  roleFunctions,
  roles,
} from './plan.ts';

/** What was deployed, as it is written to a file and read again. */
export interface Deployment {
  chainId: number;
  /** The block before the first contract: events are read from here. */
  block: number;
  /** The account that deployed, and that must hold nothing now. */
  deployer: Address;
  addresses: Addresses;
}

export interface WiringProof {
  /** What was checked, in words. */
  checks: string[];
}

type Reader = PublicClient<Transport, Chain>;

/**
 * Proves that the timelock alone is in charge: who was ever granted a role and still has it is read from the events of
 * AccessManager and TimelockController, and the role of every function of every contract from the manager.
 * @param options As deployed; says who guardian and poster are. Left out: their holders are not compared.
 * @throws {MinerError} `WIRING` with everything that is not as planned.
 */
export async function proveWiring(
  client: Reader,
  deployment: Deployment,
  options?: Pick<DeployOptions, 'guardian' | 'rewardPoster'>,
): Promise<WiringProof> {
  const found = await Promise.all([
    managerRoles(client, deployment, options),
    functionRoles(client, deployment),
    timelockRoles(client, deployment),
    connections(client, deployment, options),
  ]);
  const faults = found.flatMap((part) => part.faults);
  if (faults.length > 0) throw toolError('WIRING', { faults });
  return { checks: found.map((part) => part.check) };
}

interface Part {
  check: string;
  faults: string[];
}

async function managerRoles(
  client: Reader,
  { addresses: at, deployer, block }: Deployment,
  options?: Pick<DeployOptions, 'guardian' | 'rewardPoster'>,
): Promise<Part> {
  const { abi } = loadArtifact('AccessManager');
  const expected = new Map<bigint, Address[] | undefined>([[0n, [at.TimelockController]]]);
  for (const { id, holder } of Object.values(roles)) {
    const account = options && holder(at, options);
    expected.set(id, options && [at.TimelockController, ...(account ? [account] : [])]);
  }
  const faults: string[] = [];
  const granted = await events(client, at.AccessManager, abi, 'RoleGranted', block);
  for (const { roleId, account } of unique(granted, 'roleId', 'account')) {
    const [isMember, delay] = (await client.readContract({
      address: at.AccessManager,
      abi,
      functionName: 'hasRole',
      args: [roleId, account],
    })) as [boolean, number];
    if (!isMember) continue;
    const holders = expected.get(roleId as bigint);
    const planned = holders?.some((holder) => isAddressEqual(holder, account as Address)) ?? holders === undefined;
    if (!planned || isAddressEqual(account as Address, deployer)) {
      faults.push(`AccessManager: ${account} holds role ${roleId}`);
    }
    if (roleId === 0n && delay !== 0) faults.push(`AccessManager: the admin ${account} acts only after ${delay} s`);
  }
  for (const [roleId, holders] of expected) {
    for (const holder of holders ?? []) {
      const [isMember] = (await client.readContract({
        address: at.AccessManager,
        abi,
        functionName: 'hasRole',
        args: [roleId, holder],
      })) as [boolean, number];
      if (!isMember) faults.push(`AccessManager: ${holder} does not hold role ${roleId}`);
    }
    const adminOfRole = await client.readContract({
      address: at.AccessManager,
      abi,
      functionName: 'getRoleAdmin',
      args: [roleId],
    });
    if (adminOfRole !== 0n) faults.push(`AccessManager: role ${roleId} is administered by role ${adminOfRole}`);
  }
  return {
    check: 'the timelock is the only admin; other roles have their planned holders; the deployer has none',
    faults,
  };
}

async function functionRoles(client: Reader, { addresses: at }: Deployment): Promise<Part> {
  const { abi } = loadArtifact('AccessManager');
  const faults: string[] = [];
  for (const contract of plan.filter((entry) => entry.proxy).map((entry) => entry.name)) {
    const authority = (await client.readContract({
      address: at[contract],
      abi: loadArtifact(contract).abi,
      functionName: 'authority',
    })) as Address;
    if (!isAddressEqual(authority, at.AccessManager)) faults.push(`${contract}: its authority is ${authority}`);

    const special = new Map<Hex, bigint>();
    for (const row of roleFunctions.filter((row) => row.contract === contract)) {
      for (const name of row.functions)
        special.set(toFunctionSelector(abiFunction(contract, name)), roles[row.role].id);
    }
    const writing = loadArtifact(contract).abi.filter(
      (item) => item.type === 'function' && item.stateMutability !== 'view' && item.stateMutability !== 'pure',
    );
    await Promise.all(
      writing.map(async (item) => {
        if (item.type !== 'function') return;
        const selector = toFunctionSelector(item);
        const role = await client.readContract({
          address: at.AccessManager,
          abi,
          functionName: 'getTargetFunctionRole',
          args: [at[contract], selector],
        });
        const planned = special.get(selector) ?? 0n;
        if (role !== planned) faults.push(`${contract}.${item.name}: needs role ${role}, planned ${planned}`);
      }),
    );
  }
  return { check: 'every contract obeys the one AccessManager; every function needs its planned role', faults };
}

async function timelockRoles(client: Reader, { addresses: at, block }: Deployment): Promise<Part> {
  const { abi } = loadArtifact('TimelockController');
  const read = (functionName: string, args: readonly unknown[] = []) =>
    client.readContract({ address: at.TimelockController, abi, functionName, args });
  const names = ['PROPOSER_ROLE', 'EXECUTOR_ROLE', 'CANCELLER_ROLE', 'DEFAULT_ADMIN_ROLE'] as const;
  const holderOf = (name: string) => (name === 'DEFAULT_ADMIN_ROLE' ? at.TimelockController : at.DimoGovernor);
  const named = new Map(await Promise.all(names.map(async (name) => [(await read(name)) as Hex, name] as const)));

  const faults: string[] = [];
  for (const [role, name] of named) {
    if (!(await read('hasRole', [role, holderOf(name)]))) faults.push(`timelock: ${holderOf(name)} lacks ${name}`);
  }
  const granted = await events(client, at.TimelockController, abi, 'RoleGranted', block);
  for (const { role, account } of unique(granted, 'role', 'account')) {
    const name = named.get(role as Hex) ?? String(role);
    const held = await read('hasRole', [role, account]);
    if (held && !isAddressEqual(account as Address, holderOf(name))) faults.push(`timelock: ${account} holds ${name}`);
  }
  return {
    check: 'the governor alone proposes, executes and cancels on the timelock, which administers itself',
    faults,
  };
}

async function connections(
  client: Reader,
  { addresses: at }: Deployment,
  options?: Pick<DeployOptions, 'guardian'>,
): Promise<Part> {
  const rows: [ContractName, string, readonly unknown[], unknown][] = [
    ['DimoGovernor', 'token', [], at.DimoToken],
    ['DimoGovernor', 'timelock', [], at.TimelockController],
    ['Treasury', 'votesToken', [], at.DimoToken],
    ['DimoToken', 'getVotes', [at.Treasury], 0n],
    ['DimoToken', 'getVotes', [at.TimelockController], 0n],
  ];
  if (options) {
    rows.push(['DimoGovernor', 'proposalGuardian', [], at.TermedGuardian]);
    rows.push(['TermedGuardian', 'holder', [], options.guardian ?? zeroAddress]);
    rows.push(['TermedGuardian', 'TERM_MAX', [], guardianTerm]);
  }
  const faults: string[] = [];
  for (const [contract, functionName, args, expected] of rows) {
    const value = await client.readContract({
      address: at[contract],
      abi: loadArtifact(contract).abi,
      functionName,
      args,
    });
    const same = String(value).toLowerCase() === String(expected).toLowerCase();
    if (!same) faults.push(`${contract}.${functionName}(${args.join(', ')}) is ${value}, planned ${expected}`);
  }
  return {
    check: 'governor, timelock, token, treasury and guardian name each other; the treasury has no votes',
    faults,
  };
}

async function events(
  client: Reader,
  address: Address,
  abi: Abi,
  name: string,
  block: number,
): Promise<Record<string, unknown>[]> {
  const event = abi.find((item): item is AbiEvent => item.type === 'event' && item.name === name);
  const logs = await client.getLogs({ address, event: event!, fromBlock: BigInt(block), toBlock: 'latest' });
  return logs.map((log) => log.args as unknown as Record<string, unknown>);
}

function unique(rows: Record<string, unknown>[], ...keys: string[]): Record<string, unknown>[] {
  return [...new Map(rows.map((row) => [keys.map((key) => String(row[key])).join(), row])).values()];
}
