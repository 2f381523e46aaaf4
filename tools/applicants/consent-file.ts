/** An author's consent that was signed somewhere else: what was signed, and the signature. */
import { readFileSync } from 'node:fs';
import { type Address, type Hex, hashTypedData, isAddress, isHex } from 'viem';
import { verifyHash } from 'viem/actions';
import type { DecoderConsent, DecoderListing } from '../dip/index.ts';
import { type Context, utc } from '../dip/index.ts';
import { toolError } from '../errors/index.ts';
import { consentMessage } from '../registry/index.ts';
import { readFrom } from './contract.ts';
import type { ExecutionWindow } from './execution-window.ts';

const consentFormat = 'dimo-decoder-consent/1';

export interface ConsentFile {
  chainId: number;
  registry: Address;
  listing: DecoderListing;
  consent: DecoderConsent;
}

export function formatConsent({ chainId, registry, listing, consent }: ConsentFile): string {
  const { nonce, deadline, signature } = consent;
  const record = { format: consentFormat, chainId, registry, listing };
  return `${JSON.stringify({ ...record, nonce: `${nonce}`, deadline: `${deadline}`, signature }, null, 2)}\n`;
}

/** @throws {MinerError} CONSENT_FILE, FILE_UNREADABLE */
export function readConsent(path: string): ConsentFile {
  const fail = (problem: string, cause?: unknown): never => {
    throw toolError('CONSENT_FILE', { path, problem }, cause);
  };
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    return fail((cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'is no JSON', cause);
  }
  if (json?.format !== consentFormat) fail(`format is no ${JSON.stringify(consentFormat)}`);
  const { chainId, registry, listing, nonce, deadline, signature } = json;
  const isCount = (value: unknown) => typeof value === 'string' && /^\d{1,20}$/.test(value);
  if (!isCount(nonce) || !isCount(deadline)) fail('nonce and deadline are whole numbers in text');
  if (!isHex(signature) || signature.length > 10_000) fail('signature is no hex');
  if (typeof chainId !== 'number' || typeof registry !== 'string' || !isAddress(registry))
    fail('chainId or registry is missing');
  if (typeof listing !== 'object' || listing === null) fail('listing is missing');
  return {
    chainId: chainId as number,
    registry: registry as Address,
    listing: listing as DecoderListing,
    consent: {
      nonce: BigInt(nonce as string),
      deadline: BigInt(deadline as string),
      signature: signature as Hex,
    },
  };
}

/**
 * Whether a file's consent is to this listing on this chain.
 * @throws {MinerError} CONSENT_FILE with the first field that differs
 */
export function expectSameListing(
  path: string,
  file: ConsentFile,
  expected: Pick<ConsentFile, 'chainId' | 'registry' | 'listing'>,
): void {
  const rows: [string, unknown, unknown][] = [
    ['chainId', file.chainId, expected.chainId],
    ['registry', file.registry, expected.registry],
    ...Object.entries(expected.listing).map(([name, value]): [string, unknown, unknown] => [
      name,
      (file.listing as unknown as Record<string, unknown>)[name],
      value,
    ]),
  ];
  const differing = rows.find(([, found, wanted]) => String(found).toLowerCase() !== String(wanted).toLowerCase());
  if (!differing) return;
  const [name, found, wanted] = differing;
  const problem = `is a consent to ${name} ${JSON.stringify(String(found).slice(0, 100))}, expected ${String(wanted)}`;
  throw toolError('CONSENT_FILE', { path, problem });
}

/**
 * Whether the registry would take a consent when the DIP executes.
 * @param where how the consent is called where it does not hold
 * @throws {MinerError} CONSENT_FILE for a spent nonce or a signature of somebody else; DEADLINE_EARLY
 */
export async function expectConsent(
  context: Context,
  { listing, consent }: Pick<ConsentFile, 'listing' | 'consent'>,
  { window, where }: { window: ExecutionWindow; where: string },
): Promise<void> {
  const { clients, deployment } = context;
  const { author } = listing;
  const { nonce, deadline, signature } = consent;
  const fail = (problem: string): never => {
    throw toolError('CONSENT_FILE', { path: where, problem });
  };
  const expectedNonce = await readFrom<bigint>(context, 'DecoderRegistry', 'nonceOf', [author]);
  if (nonce !== expectedNonce) fail(`its nonce is ${nonce}, the author's is ${expectedNonce} now`);
  if (Number(deadline) < window.earliest) {
    throw toolError('DEADLINE_EARLY', {
      what: 'the consent',
      at: utc(Number(deadline)),
      earliest: utc(window.earliest),
    });
  }
  const at = { chainId: deployment.chainId, registry: deployment.addresses.DecoderRegistry };
  const message = consentMessage(at, { ...listing, nonce, deadline });
  const isAuthors = await verifyHash(clients.publicClient, {
    address: author,
    hash: hashTypedData(message),
    signature,
  });
  if (!isAuthors) fail(`is not signed by the author ${author}`);
}
