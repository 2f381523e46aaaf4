/** What the tests of DIPs stand on: the deployed platform, accounts in their roles, and short ways to read and act. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type Abi,
  type Account,
  type Address,
  type BaseError,
  decodeErrorResult,
  encodeDeployData,
  getAddress,
  type Hex,
  isHex,
  keccak256,
  numberToHex,
  parseEventLogs,
  stringToHex,
} from 'viem';
import { privateKeyToAccount, toAccount } from 'viem/accounts';
import {
  type ArtifactName,
  artifactNames,
  type ContractName,
  errorsAbi,
  loadArtifact,
  send,
} from '../../../tools/deploy/index.ts';
import {
  type Action,
  type Ballot,
  type CarriedDip,
  carryDip,
  type DecoderListing,
  type LevelReason,
  levelOf,
} from '../../../tools/dip/index.ts';
import { packageRoot } from '../../../tools/package-root.ts';
import { enrolDevice, signConsent } from '../../../tools/registry/index.ts';
import { freshPlatform, million } from '../../tools/support/platform.ts';

export const day = 86_400;
export const token = 10n ** 18n;
export { million };
export const hash = (text: string): Hex => keccak256(stringToHex(text));

/** Whose keys sign in these tests. */
export const maker = privateKeyToAccount(hash('maker'));
export const author = privateKeyToAccount(hash('author'));

const sources = ['SecondVersions', 'Outside'].map((name) => `test/contracts/dips/${name}.sol`);

/** Something that came out of a transaction, with the arguments that matter. */
export interface ExpectedEvent {
  /** `Contract.Event`, or the event alone where the contract is none of the platform's. */
  name: string;
  args?: Record<string, unknown>;
}

export type World = Awaited<ReturnType<typeof dipWorld>>;

/** Starts a chain with everything on it. Builds the contracts that only these tests have. */
export async function dipWorld() {
  buildOwnContracts();
  const platform = await freshPlatform();
  const { clients, deployment, holders, advance } = platform;
  const { publicClient, walletClient } = clients;
  const at = deployment.addresses;
  const request = publicClient.request as unknown as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  const timelock = toAccount(at.TimelockController);
  await request({ method: 'hardhat_impersonateAccount', params: [timelock.address] });

  /** Runs on the chain as it is and puts it back, whatever happens. */
  async function undone(run: () => Promise<void>): Promise<void> {
    const snapshot = await request({ method: 'evm_snapshot', params: [] });
    try {
      await run();
    } finally {
      await request({ method: 'evm_revert', params: [snapshot] });
    }
  }

  const read = <T>(contract: ContractName, functionName: string, args: readonly unknown[] = []): Promise<T> =>
    publicClient.readContract({
      address: at[contract],
      abi: loadArtifact(contract).abi,
      functionName,
      args,
    }) as Promise<T>;

  /** A transaction of an account to one of our contracts. */
  const call = (account: Account, contract: ContractName, name: string, args: readonly unknown[]) =>
    send(clients, { to: at[contract], abi: loadArtifact(contract).abi, name, args, account });

  /** A step that got a world to where a test begins: done by the timelock, as if an earlier DIP had been carried. */
  const earlier = async (...actions: Action[]): Promise<void> => {
    await request({ method: 'hardhat_setBalance', params: [timelock.address, numberToHex(10n ** 19n)] });
    for (const { target, value, data } of actions) {
      const transaction = await walletClient.sendTransaction({ account: timelock, to: target, value, data });
      const { status } = await publicClient.waitForTransactionReceipt({ hash: transaction });
      if (status !== 'success') throw new Error(`an earlier action of ${target} reverted: ${data}`);
    }
    await request({ method: 'hardhat_setBalance', params: [timelock.address, '0x0'] });
  };

  /** Carries a DIP, with all holders for it where nothing else is said. */
  const carry = (
    actions: readonly Action[],
    { on = deployment, voters = holders.map((voter): Ballot => ({ voter, support: 'for' })) } = {},
  ): Promise<CarriedDip> =>
    carryDip(
      clients,
      on,
      {
        title: 'A DIP',
        text: `Number ${Math.random()}`,
        actions,
        voters,
      },
      { advanceTime: advance },
    );

  /** Why a call of this account reverts, as `Name(value, value)`; undefined where it would not. */
  async function refusal(from: Address, { target, value, data }: Action): Promise<string | undefined> {
    try {
      await publicClient.call({ account: from, to: target, value, data });
      return undefined;
    } catch (error) {
      const found = (error as BaseError).walk((inner) => isHex((inner as { data?: unknown }).data));
      const { errorName, args = [] } = decodeErrorResult({
        abi: knownErrors(),
        data: (found as unknown as { data: Hex }).data,
      });
      return `${errorName}(${args.join(', ')})`;
    }
  }

  /** Events of the last block, by contract. */
  async function lastEvents(): Promise<{ name: string; args: Record<string, unknown> }[]> {
    const block = await publicClient.getBlockNumber();
    const logs = await publicClient.getLogs({ fromBlock: block, toBlock: block });
    return logs.flatMap((log) => {
      const contract = artifactNames.find(
        (name) => name in at && at[name as ContractName].toLowerCase() === log.address.toLowerCase(),
      );
      const abis = contract ? [...loadArtifact(contract).abi, ...proxyEvents(), ...ownEvents()] : ownEvents();
      return parseEventLogs({ abi: abis, logs: [log] }).map((event) => {
        const { eventName, args } = event as unknown as { eventName: string; args: Record<string, unknown> };
        return { name: contract ? `${contract}.${eventName}` : eventName, args };
      });
    });
  }

  /** Deploys a contract from an artifact. */
  async function deploy(artifact: { abi: Abi; bytecode: Hex }, args: readonly unknown[] = []): Promise<Address> {
    const data = encodeDeployData({ ...artifact, args } as Parameters<typeof encodeDeployData>[0]);
    const transaction = await walletClient.sendTransaction({ data });
    const { contractAddress } = await publicClient.waitForTransactionReceipt({ hash: transaction });
    if (!contractAddress) throw new Error('nothing was deployed');
    return getAddress(contractAddress);
  }

  const now = async (): Promise<number> => Number((await publicClient.getBlock()).timestamp);

  /** A decoder by `author`, and the consent to list it. */
  async function decoder(name: string, platformKey = hash('platform')) {
    const listing: DecoderListing = {
      contentHash: hash(name),
      semanticHash: hash(`${name}, meaning`),
      moduleHash: hash(`${name}, module`),
      platform: platformKey,
      version: 1,
      sizeBytes: 40_000,
      author: author.address,
      payee: author.address,
      licence: 'Apache-2.0',
      id: `acme/${name}`,
    };
    return { listing, consent: await signConsent(clients, deployment, listing, author) };
  }

  /** Enrols a device under licence 1, whose attestation signer is `maker`. */
  async function enrol(owner: Address): Promise<Address> {
    const device = privateKeyToAccount(hash('device'));
    const modelId = hash('model');
    await enrolDevice(clients, deployment, { device, licenceSigner: maker, manufacturerId: 1n, modelId, owner });
    return device.address;
  }

  return {
    ...platform,
    at,
    request,
    undone,
    read,
    call,
    earlier,
    carry,
    refusal,
    lastEvents,
    deploy,
    now,
    decoder,
    enrol,
    weigh: (actions: readonly Action[]): Promise<{ level: 1 | 2 | 3; reason: LevelReason; decidingAction: number }> =>
      levelOf(clients, deployment, actions),
    [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose](),
  };
}

/** Second versions, a vault and a stranger: contracts that only tests have. Takes minutes where nothing was built yet. */
export function buildOwnContracts(): void {
  const hardhat = path.join(packageRoot, 'node_modules/hardhat/dist/src/cli.js');
  execFileSync(process.execPath, [hardhat, 'build', '--quiet', ...sources], { cwd: packageRoot, stdio: 'pipe' });
}

export function ownArtifactPath(file: 'SecondVersions' | 'Outside', name: string): string {
  return path.join(packageRoot, `artifacts/test/contracts/dips/${file}.sol/${name}.json`);
}

/** ABI and creation code of a contract of these tests. */
export function ownArtifact(file: 'SecondVersions' | 'Outside', name: string): { abi: Abi; bytecode: Hex } {
  return JSON.parse(readFileSync(ownArtifactPath(file, name), 'utf8'));
}

const events = (abi: Abi): Abi => abi.filter((item) => item.type === 'event');
const proxyEvents = (): Abi => events(loadArtifact('ERC1967Proxy' as ArtifactName).abi);
const ownEvents = (): Abi => [
  ...events(ownArtifact('Outside', 'Stranger').abi),
  ...events(ownArtifact('SecondVersions', 'SecondVersion').abi),
];
const knownErrors = (): Abi => [
  ...errorsAbi(),
  ...ownArtifact('Outside', 'Stranger').abi.filter((item) => item.type === 'error'),
];
