/** A fresh chain on which licences, devices and decoders are one call away. */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Address, bytesToHex, type Hex, keccak256, toBytes } from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import type { RegistryAddresses } from '../../../edge/trust/index.ts';
import { loadArtifact } from '../../../tools/deploy/index.ts';
import {
  type Action,
  type Ballot,
  carryDip,
  type DecoderListing,
  grantLicence,
  listDecoder,
} from '../../../tools/dip/index.ts';
import { enrolDevice, signConsent } from '../../../tools/registry/index.ts';
import { freshPlatform, type Platform } from '../support/platform.ts';

/** A 32-byte hash that is its number's alone. */
export const someHash = (number: number): Hex => keccak256(toBytes(`content ${number}`));

export interface KeyPair {
  key: Uint8Array;
  account: PrivateKeyAccount;
}

/** The same name gives the same key. */
export function keyOf(name: string): KeyPair {
  const key = sha256(new TextEncoder().encode(name));
  return { key, account: privateKeyToAccount(bytesToHex(key)) };
}

export interface RegistryWorld extends Platform {
  registries: RegistryAddresses;
  maker: KeyPair;
  author: KeyPair;
  device: KeyPair;
  /** Carries one DIP; everybody votes for it. */
  carry(...actions: Action[]): Promise<void>;
  /** @returns the new licence's number */
  license(): Promise<bigint>;
  enrol(manufacturerId: bigint, device?: KeyPair): Promise<void>;
  listing(contentHash: Hex): DecoderListing;
  /** Lists a decoder with its author's consent. */
  list(contentHash: Hex): Promise<void>;
  /** Chain time, unix seconds. */
  now(): Promise<bigint>;
  read<Value>(
    contract: 'ManufacturerRegistry' | 'MinerRegistry' | 'DecoderRegistry',
    name: string,
    args?: unknown[],
  ): Promise<Value>;
}

export async function registryWorld(): Promise<RegistryWorld> {
  const platform = await freshPlatform();
  const { clients, deployment, holders, stranger } = platform;
  const [maker, author, device] = ['maker', 'author', 'device'].map(keyOf);
  const { ManufacturerRegistry, MinerRegistry, DecoderRegistry } = deployment.addresses;
  const voters = holders.map((voter): Ballot => ({ voter, support: 'for' }));
  let carried = 0;
  const modelId: Hex = `0x${'01'.repeat(32)}`;
  const world: RegistryWorld = {
    ...platform,
    maker,
    author,
    device,
    registries: {
      manufacturerRegistry: ManufacturerRegistry,
      minerRegistry: MinerRegistry,
      decoderRegistry: DecoderRegistry,
    },
    async carry(...actions) {
      const title = `DIP ${++carried}`;
      await carryDip(
        clients,
        deployment,
        { title, text: 'Because.', actions, voters },
        { advanceTime: platform.advance },
      );
    },
    async license() {
      const owner: Address = maker.account.address;
      const terms = { owner, name: 'Acme', bondRequired: 0n, deviceCap: 10, attestationSigner: owner };
      await world.carry(grantLicence(deployment, terms));
      return world.read<bigint>('ManufacturerRegistry', 'licenceCount');
    },
    async enrol(manufacturerId, enrolled = device) {
      const request = { device: enrolled.account, licenceSigner: maker.account, manufacturerId, modelId };
      await enrolDevice(clients, deployment, { ...request, owner: stranger.address });
    },
    listing: (contentHash) => ({
      contentHash,
      semanticHash: keccak256(contentHash),
      moduleHash: someHash(0),
      platform: someHash(-1),
      version: 1,
      sizeBytes: 1_000,
      author: author.account.address,
      payee: author.account.address,
      licence: 'MIT',
      id: 'acme/ev',
    }),
    async list(contentHash) {
      const listing = world.listing(contentHash);
      const consent = await signConsent(clients, deployment, listing, author.account);
      await world.carry(listDecoder(deployment, listing, consent));
    },
    now: async () => (await clients.publicClient.getBlock()).timestamp,
    async read<Value>(contract: Parameters<RegistryWorld['read']>[0], functionName: string, args: unknown[] = []) {
      const { abi } = loadArtifact(contract);
      const address = deployment.addresses[contract];
      return (await clients.publicClient.readContract({ address, abi, functionName, args })) as Value;
    },
  };
  return world;
}
