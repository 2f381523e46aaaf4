/**
 * The file that a commitment is revealed with. It is there, readable by its owner alone, before anything is sent: a
 * commitment whose salt is lost can never be revealed.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Address, bytesToHex, getAddress, type Hex } from 'viem';
import type { Deployment } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import { type CommittedWork, commitmentOf } from './bounty.ts';

const secretFormat = 'dimo-bounty-secret/1';

/** Where a work's secret is kept unless another file is named. */
export function secretPath(folder: string, work: Omit<CommittedWork, 'salt'>): string {
  const parts = [work.platform, work.contentHash, work.author].map((hex) => hex.slice(2, 14).toLowerCase());
  return path.join(folder, `bounty-${parts.join('-')}.json`);
}

/**
 * Reads the secret of a work; where there is no file, makes one with a new salt.
 * @throws {MinerError} BOUNTY_SECRET when the file is of another work or chain, or can't be written
 */
export function readOrMakeSecret(
  file: string,
  deployment: Deployment,
  work: Omit<CommittedWork, 'salt'>,
): CommittedWork {
  const fresh: CommittedWork = { ...work, salt: bytesToHex(randomBytes(32)) };
  const { chainId, addresses } = deployment;
  const record = { format: secretFormat, chainId, bounties: addresses.Bounties, ...fresh };
  const text = `${JSON.stringify({ ...record, commitment: commitmentOf(deployment, fresh) }, null, 2)}\n`;
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    // `wx`: of two runs that start at once, one makes the salt and the other reads it.
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    return fresh;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw toolError('BOUNTY_SECRET', { path: file, problem: (cause as Error).message }, cause);
    }
  }
  return readSecret(file, deployment, work);
}

/**
 * @param asked the work that it should be of
 * @throws {MinerError} BOUNTY_SECRET when it is no such file, or of another work or chain
 */
export function readSecret(file: string, deployment: Deployment, asked: Partial<CommittedWork> = {}): CommittedWork {
  const fail = (problem: string, cause?: unknown): never => {
    throw toolError('BOUNTY_SECRET', { path: file, problem }, cause);
  };
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    return fail((cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'is no JSON', cause);
  }
  if (json?.format !== secretFormat) fail(`format is no ${JSON.stringify(secretFormat)}`);
  const hex = (name: string, bytes: number): Hex => {
    const value = json[name];
    const isHex = typeof value === 'string' && new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`).test(value);
    return isHex ? (value as Hex) : fail(`${name} is no hex of ${bytes} bytes`);
  };
  const { chainId, addresses } = deployment;
  if (json.chainId !== chainId || hex('bounties', 20).toLowerCase() !== addresses.Bounties.toLowerCase()) {
    fail(
      `is of chain ${String(json.chainId)}, contract ${String(json.bounties)}; this is chain ${chainId}, ${addresses.Bounties}`,
    );
  }
  const author: Address = getAddress(hex('author', 20));
  const known = { platform: hex('platform', 32), contentHash: hex('contentHash', 32), author, salt: hex('salt', 32) };
  for (const name of ['platform', 'contentHash', 'author'] as const) {
    const expected = asked[name] ?? known[name];
    if (known[name].toLowerCase() !== expected.toLowerCase()) {
      fail(`is of another work: ${name} is ${known[name]}, expected ${expected}`);
    }
  }
  return known;
}
