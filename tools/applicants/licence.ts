/** A maker's licence from its owner's side: where it stands, its bond, who signs its enrolments, and its end. */
import { type Account, type Address, type Hex, isAddressEqual } from 'viem';
import { type Context, tokens, utc } from '../dip/index.ts';
import { toolError } from '../errors/index.ts';
import { verifierOf } from './attestation-signer.ts';
import { readFrom, sendTo } from './contract.ts';
import { allowPayment } from './tokens.ts';

/** IManufacturerRegistry.LicenceStatus, in order. */
const statuses = ['none', 'granted', 'active', 'suspended', 'revoked', 'exiting', 'exited'] as const;
export type LicenceStatus = (typeof statuses)[number];

export interface LicenceStanding {
  id: bigint;
  status: LicenceStatus;
  name: string;
  owner: Address;
  deviceCap: number;
  /** Devices that are active under it. */
  fleet: number;
  /** Base units. */
  bond: bigint;
  bondRequired: bigint;
  attestationSigner: Hex;
  /** Unix seconds at which a guardian's suspension or the exit ends, or a revoked bond is free; or 0. */
  until: number;
  /** Goes into the next enrolment, batch or rotation. */
  nonce: bigint;
}

/** How many were granted. */
export const licenceCount = async (context: Context) =>
  Number(await readFrom<bigint>(context, 'ManufacturerRegistry', 'licenceCount'));

/** @throws {MinerError} LICENCE_UNKNOWN */
export async function readLicence(context: Context, id: bigint): Promise<LicenceStanding> {
  const count = await licenceCount(context);
  if (id < 1n || id > BigInt(count)) throw toolError('LICENCE_UNKNOWN', { licence: `${id}`, count });
  const [licence, fleet, nonce] = await Promise.all([
    readFrom<Omit<LicenceStanding, 'id' | 'status'> & { status: number }>(
      context,
      'ManufacturerRegistry',
      'licenceOf',
      [id],
    ),
    readFrom<bigint>(context, 'MinerRegistry', 'fleetOf', [id]),
    readFrom<bigint>(context, 'MinerRegistry', 'nonceOf', [id]),
  ]);
  const { name, owner, deviceCap, bond, bondRequired, attestationSigner, until } = licence;
  const status = statuses[licence.status]!;
  const facts = { id, status, name, owner, deviceCap, fleet: Number(fleet) };
  return { ...facts, bond, bondRequired, attestationSigner, until, nonce };
}

/** What its owner, or a DIP, can do with it now. */
export function licenceNext({ status, bond, bondRequired, until }: LicenceStanding): string {
  switch (status) {
    case 'granted':
      return `its owner posts the bond: ${tokens(bondRequired - bond)} DIMO are lacking`;
    case 'active':
      return 'devices can be enrolled under it';
    case 'suspended':
      return until > 0 ? `the suspension ends by itself on ${utc(until)}` : 'a DIP can reinstate it';
    case 'exiting':
      return `it ends on ${utc(until)}; until then its devices count, and the bond is held`;
    case 'revoked':
    case 'exited':
      return bond === 0n ? 'nothing' : `the bond can be withdrawn${until > 0 ? ` from ${utc(until)}` : ''}`;
    default:
      return 'nothing';
  }
}

/**
 * The owner pays what the bond lacks: after the grant, or after a slash. A second run finds nothing lacking.
 * @returns what was paid, 0 where nothing lacked
 * @throws {MinerError} LICENCE_STATUS, SIGNER_DIFFERS, TOKENS_MISSING, CHAIN_REVERTED
 */
export async function postBond(context: Context, id: bigint, owner: Account): Promise<{ paid: bigint }> {
  const licence = await ownLicence(context, id, owner);
  const lacking = licence.bondRequired - licence.bond;
  if (licence.status === 'active' && lacking === 0n) return { paid: 0n };
  expectStatus(licence, 'post its bond', ['granted']);
  await allowPayment(context, { contract: 'ManufacturerRegistry', amount: lacking }, owner);
  await sendTo(context, 'ManufacturerRegistry', { name: 'postBond', args: [id], account: owner });
  return { paid: lacking };
}

/**
 * The owner names who signs enrolments from now on. What the former one signed and is not used up is void.
 * @throws {MinerError} SIGNER_DIFFERS, VERIFIER_NOT_LISTED, CHAIN_REVERTED
 */
export async function setAttestationSigner(
  context: Context,
  { id, signer }: { id: bigint; signer: Hex },
  owner: Account,
): Promise<{ outcome: 'set' | 'set before' }> {
  const licence = await ownLicence(context, id, owner);
  if (licence.attestationSigner.toLowerCase() === signer.toLowerCase()) return { outcome: 'set before' };
  await expectUsableSigner(context, signer);
  await sendTo(context, 'ManufacturerRegistry', { name: 'setAttestationSigner', args: [id, signer], account: owner });
  return { outcome: 'set' };
}

/** @throws {MinerError} VERIFIER_NOT_LISTED: the registry would take no enrolment from such a signer */
export async function expectUsableSigner(context: Context, signer: Hex): Promise<void> {
  const verifier = verifierOf(signer);
  if (!verifier || (await readFrom<boolean>(context, 'ManufacturerRegistry', 'isVerifier', [verifier]))) return;
  throw toolError('VERIFIER_NOT_LISTED', { verifier });
}

/**
 * The owner gives the licence up; it ends 180 days later. A second run finds it exiting.
 * @throws {MinerError} LICENCE_STATUS, SIGNER_DIFFERS, CHAIN_REVERTED
 */
export async function exitLicence(context: Context, id: bigint, owner: Account): Promise<LicenceStanding> {
  const licence = await ownLicence(context, id, owner);
  if (licence.status === 'exiting' || licence.status === 'exited') return licence;
  expectStatus(licence, 'be given up', ['granted', 'active']);
  await sendTo(context, 'ManufacturerRegistry', { name: 'exit', args: [id], account: owner });
  return readLicence(context, id);
}

/**
 * Returns the bond of an ended licence to its owner; anyone may send it.
 * @throws {MinerError} LICENCE_STATUS, CHAIN_REVERTED with BondLocked and the time from which it is free
 */
export async function withdrawBond(context: Context, id: bigint, sender: Account): Promise<{ returned: bigint }> {
  const licence = await readLicence(context, id);
  expectStatus(licence, 'give its bond back', ['exited', 'revoked']);
  if (licence.bond === 0n) return { returned: 0n };
  await sendTo(context, 'ManufacturerRegistry', { name: 'withdrawBond', args: [id], account: sender });
  return { returned: licence.bond };
}

async function ownLicence(context: Context, id: bigint, owner: Account): Promise<LicenceStanding> {
  const licence = await readLicence(context, id);
  if (isAddressEqual(licence.owner, owner.address)) return licence;
  throw toolError('SIGNER_DIFFERS', {
    what: `what is done with licence ${id}`,
    expected: `its owner ${licence.owner}`,
    got: owner.address,
  });
}

function expectStatus({ id, status }: LicenceStanding, step: string, expected: LicenceStatus[]): void {
  if (expected.includes(status)) return;
  throw toolError('LICENCE_STATUS', { licence: `${id}`, status, step, expected: expected.join(' or ') });
}
