/**
 * Key files in the form that wallets share: Web3 Secret Storage, version 3, with scrypt or PBKDF2 and AES-128-CTR.
 * A file may come from anywhere, so what it asks of memory and time is bounded before it is done.
 * @see https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage
 */
import {
  createCipheriv,
  createDecipheriv,
  pbkdf2,
  randomBytes,
  randomUUID,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';
import { scryptAsync as slowScrypt } from '@noble/hashes/scrypt.js';
import { type Hex, keccak256 } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { bytesToHex } from 'viem/utils';
import { toolError } from '../errors/index.ts';

/** Bytes; real ones have some 500. */
const sizeMax = 64 * 1024;
/** Twice what wallets ask for at most (N = 262,144, r = 8: 256 MiB). */
const scryptMemoryMax = 512 * 1024 * 1024;
/** N times r times p: four times what wallets ask for. */
const scryptWorkMax = 2 ** 23;
/** Rounds; wallets ask for 262,144, or a million. */
const pbkdf2RoundsMax = 10_000_000;

interface ScryptTerms {
  kdf: 'scrypt';
  n: number;
  r: number;
  p: number;
  salt: Buffer;
}

interface Pbkdf2Terms {
  kdf: 'pbkdf2';
  rounds: number;
  salt: Buffer;
}

/** A key file that was read and not yet opened. */
export interface Keystore {
  path: string;
  /** As the file says, which proves nothing; undefined where it does not say. */
  address?: Hex;
  derivation: ScryptTerms | Pbkdf2Terms;
  iv: Buffer;
  cipherText: Buffer;
  mac: Buffer;
}

/**
 * Reads a key file without its password.
 * @param path only for the words of errors
 * @throws {MinerError} KEYSTORE_FORMAT
 */
export function parseKeystore(text: string, path: string): Keystore {
  const wrong = (problem: string) => toolError('KEYSTORE_FORMAT', { path, problem });
  if (text.length > sizeMax) throw wrong(`it has ${text.length} characters, a key file at most ${sizeMax}`);
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    // The parser's message would quote the file, in which there may be a bare key.
    throw wrong('it is no JSON');
  }
  const fields = (value: unknown, name: string): Record<string, unknown> => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw wrong(`${name} is missing`);
  };
  const bytes = (value: unknown, name: string, length?: number): Buffer => {
    const isHex = typeof value === 'string' && /^(0x)?([0-9a-fA-F]{2})+$/.test(value);
    const read = isHex ? Buffer.from(value.replace(/^0x/, ''), 'hex') : undefined;
    if (read && (length === undefined || read.length === length)) return read;
    throw wrong(`${name} is not ${length === undefined ? 'hex' : `${length} bytes of hex`}`);
  };
  const whole = (value: unknown, name: string): number => {
    if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
    throw wrong(`${name} is no whole number above 0`);
  };

  const root = fields(file, 'the object');
  if (root.version !== 3) throw wrong('its version is not 3');
  const crypto = fields(root.crypto ?? root.Crypto, '"crypto"');
  if (crypto.cipher !== 'aes-128-ctr') throw wrong('its cipher is not aes-128-ctr');
  const params = fields(crypto.kdfparams, '"kdfparams"');
  if (params.dklen !== 32) throw wrong('"dklen" is not 32');
  const salt = bytes(params.salt, '"salt"');
  let derivation: Keystore['derivation'];
  if (crypto.kdf === 'scrypt') {
    const [n, r, p] = [whole(params.n, '"n"'), whole(params.r, '"r"'), whole(params.p, '"p"')];
    if (!Number.isInteger(Math.log2(n)) || n < 2) throw wrong('"n" of scrypt is no power of two');
    if (128 * n * r > scryptMemoryMax || n * r * p > scryptWorkMax) {
      throw wrong(`scrypt with n=${n}, r=${r}, p=${p} would take more than 512 MiB or minutes`);
    }
    derivation = { kdf: 'scrypt', n, r, p, salt };
  } else if (crypto.kdf === 'pbkdf2') {
    if (params.prf !== 'hmac-sha256') throw wrong('"prf" is not hmac-sha256');
    const rounds = whole(params.c, '"c"');
    if (rounds > pbkdf2RoundsMax) throw wrong(`PBKDF2 with ${rounds} rounds would take minutes`);
    derivation = { kdf: 'pbkdf2', rounds, salt };
  } else throw wrong('its kdf is neither scrypt nor pbkdf2');

  const address = root.address === undefined ? undefined : bytes(root.address, '"address"', 20);
  return {
    path,
    ...(address && { address: bytesToHex(address) }),
    derivation,
    iv: bytes(fields(crypto.cipherparams, '"cipherparams"').iv, '"iv"', 16),
    cipherText: bytes(crypto.ciphertext, '"ciphertext"', 32),
    mac: bytes(crypto.mac, '"mac"', 32),
  };
}

/**
 * Opens a key file.
 * @returns the private key
 * @throws {MinerError} KEYSTORE_PASSWORD when it is another one; KEYSTORE_FORMAT when the file holds no key, or the key of
 *   another address than it says.
 */
export async function decryptKeystore(keystore: Keystore, password: string): Promise<Hex> {
  const { path, derivation, iv, cipherText, mac } = keystore;
  const derived = await derive(password, derivation);
  if (!timingSafeEqual(macOf(derived, cipherText), mac)) throw toolError('KEYSTORE_PASSWORD', { path });
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  const key = bytesToHex(Buffer.concat([decipher.update(cipherText), decipher.final()]));
  let address: Hex;
  try {
    address = privateKeyToAddress(key);
  } catch {
    throw toolError('KEYSTORE_FORMAT', { path, problem: 'it holds no key of secp256k1' });
  }
  if (keystore.address && keystore.address !== address.toLowerCase()) {
    const problem = `it says address ${keystore.address} and holds the key of ${address}`;
    throw toolError('KEYSTORE_FORMAT', { path, problem });
  }
  return key;
}

/**
 * Makes the text of a key file.
 * @param n scrypt's cost, a power of two; what wallets use when left out (256 MiB, about a second)
 */
export async function encryptKeystore(key: Hex, password: string, n = 262_144): Promise<string> {
  const [salt, iv] = [randomBytes(32), randomBytes(16)];
  const [r, p] = [8, 1];
  const derived = await derive(password, { kdf: 'scrypt', n, r, p, salt });
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  const cipherText = Buffer.concat([cipher.update(Buffer.from(key.slice(2), 'hex')), cipher.final()]);
  const file = {
    version: 3,
    id: randomUUID(),
    address: privateKeyToAddress(key).slice(2).toLowerCase(),
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: iv.toString('hex') },
      ciphertext: cipherText.toString('hex'),
      kdf: 'scrypt',
      kdfparams: { dklen: 32, n, r, p, salt: salt.toString('hex') },
      mac: macOf(derived, cipherText).toString('hex'),
    },
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

type Scrypt = (
  password: string,
  salt: Buffer,
  length: number,
  options: { N: number; r: number; p: number; maxmem: number },
) => Promise<Buffer>;

async function derive(password: string, terms: Keystore['derivation']): Promise<Buffer> {
  if (terms.kdf === 'pbkdf2') return promisify(pbkdf2)(password, terms.salt, terms.rounds, 32, 'sha256');
  const { n, r, p, salt } = terms;
  const maxmem = scryptMemoryMax + 2 ** 26;
  // OpenSSL holds to RFC 7914's N < 2^(16 r), which early wallets and the standard's own vector do not.
  if (n >= 2 ** (16 * r)) return Buffer.from(await slowScrypt(password, salt, { N: n, r, p, dkLen: 32, maxmem }));
  return (promisify(scrypt) as Scrypt)(password, salt, 32, { N: n, r, p, maxmem });
}

function macOf(derived: Buffer, cipherText: Buffer): Buffer {
  return Buffer.from(keccak256(Buffer.concat([derived.subarray(16, 32), cipherText]), 'bytes'));
}
