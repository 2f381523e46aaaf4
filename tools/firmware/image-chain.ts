/** Whether the holders stand behind an image: its maker's licence counts, and an audit of it is on record. */
import { type FirmwareImage, type LicenceName, licenceUuids, modelText, uuidsOf } from '../../edge/firmware/index.ts';
import { equalBytes, fromHex, toHex } from '../../edge/pack/index.ts';
import type { ChainView, LicenceState } from '../../edge/trust/index.ts';
import type { Deployment } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';

/** What the chain is asked of. */
export type CertificateSource = Pick<ChainView, 'certificate' | 'licence' | 'licenceCount'>;

export interface ImageClaim {
  image: FirmwareImage;
  /** SHA-256 of the image, 32 bytes. */
  hash: Uint8Array;
  /** 32 bytes: an image carries only a UUID made of it. */
  model: Uint8Array;
  /** Whose it should be; looked for among all licences when left out. */
  licenceId?: bigint;
}

export interface ImageCertificate {
  licenceId: bigint;
  licence: LicenceState;
  model: string;
  /** SHA-256 of the audit document. */
  audit: string;
}

/** Nobody looks through more than so many licences for the one that an image names. */
const licencesMax = 10_000n;

/** How images name a licence of this deployment. */
export function licenceName({ chainId, addresses }: Deployment, licenceId: bigint): LicenceName {
  return { chainId, registry: fromHex(addresses.ManufacturerRegistry), licenceId };
}

/**
 * @throws {MinerError} IMAGE_NOT_BOUND: it is not for that model of a licensed maker; IMAGE_NOT_CERTIFIED; and what
 *   keeps the chain from answering
 */
export async function requireCertified(
  claim: ImageClaim,
  chain: CertificateSource,
  deployment: Deployment,
): Promise<ImageCertificate> {
  const { image, hash, model } = claim;
  const licenceId = await licenceOf(claim, chain, deployment);
  const name = modelText(model);
  const { class: class_ } = uuidsOf(image);
  const expected = licenceUuids(licenceName(deployment, licenceId), model).class;
  if (!class_ || !equalBytes(class_, expected))
    throw toolError('IMAGE_NOT_BOUND', { problem: `it is not for model ${name} of licence ${licenceId}` });

  const { state, active } = await chain.licence(licenceId);
  if (!active) throw toolError('IMAGE_NOT_CERTIFIED', { problem: `licence ${licenceId} of its maker is ${state}` });
  const audit = await chain.certificate(licenceId, model, hash);
  if (!audit) {
    const problem = `no certificate of ${toHex(hash)} for model ${name} of licence ${licenceId} is on record`;
    throw toolError('IMAGE_NOT_CERTIFIED', { problem });
  }
  return { licenceId, licence: state, model: name, audit: toHex(audit) };
}

/** An image names its licence by a UUID that can be made from the licence, but not the other way. */
async function licenceOf(
  { image, model, licenceId }: ImageClaim,
  chain: CertificateSource,
  deployment: Deployment,
): Promise<bigint> {
  const { vendor } = uuidsOf(image);
  if (!vendor) throw toolError('IMAGE_NOT_BOUND', { problem: 'it names no vendor' });
  const isOf = (id: bigint) => equalBytes(licenceUuids(licenceName(deployment, id), model).vendor, vendor);
  if (licenceId !== undefined) {
    if (isOf(licenceId)) return licenceId;
    throw toolError('IMAGE_NOT_BOUND', { problem: `its vendor is not licence ${licenceId} of this chain` });
  }
  const granted = await chain.licenceCount();
  const count = granted < licencesMax ? granted : licencesMax;
  for (let id = 1n; id <= count; id++) if (isOf(id)) return id;
  throw toolError('IMAGE_NOT_BOUND', { problem: `its vendor is none of the ${count} licences of this chain` });
}
