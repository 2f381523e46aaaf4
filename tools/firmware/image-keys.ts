/** Keys that sign images, in the PEM files that OpenSSL and imgtool read and write. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import {
  type ImageKeyType,
  type ImageSigner,
  imageSigner,
  keyHashOf,
  publicKeyOfSpki,
  subjectPublicKeyInfo,
} from '../../edge/firmware/index.ts';
import { toHex } from '../../edge/pack/index.ts';
import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';

/** The public key of a file that holds a private or a public one. @throws {MinerError} as `readImageSigner` does */
export function readImagePublicKey(path: string, password?: string): Uint8Array {
  const pem = readPem(path);
  const key = pem.includes('PRIVATE KEY') ? privateKeyOf(path, pem, password) : undefined;
  try {
    return publicKeyOf(createPublicKey(key ?? pem));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * Reads a private key: SEC1 ("EC PRIVATE KEY") or PKCS #8, encrypted or not.
 * @throws {MinerError} FILE_UNREADABLE; IMAGE_KEY_FILE: no such key, or not with this password
 */
export function readImageSigner(path: string, password?: string): ImageSigner {
  const key = privateKeyOf(path, readPem(path), password);
  const type = typeOf(path, key);
  const { d } = key.export({ format: 'jwk' });
  return imageSigner(type, new Uint8Array(Buffer.from(d as string, 'base64url')));
}

/**
 * Makes a key, as PKCS #8 in a file that only its owner reads.
 * @param password encrypts it
 * @throws {MinerError} OUTPUT_EXISTS: a key is never overwritten; OUTPUT_UNWRITABLE
 */
export function makeImageKey(path: string, type: ImageKeyType, password?: string): Uint8Array {
  const { privateKey, publicKey } =
    type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    ...(password !== undefined && { cipher: 'aes-256-cbc', passphrase: password }),
  });
  try {
    writeFileSync(path, pem, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw toolError('IMAGE_KEY_EXISTS', { path }, cause);
    throw toolError('OUTPUT_UNWRITABLE', { path, reason: code ?? String(cause) }, cause);
  }
  return publicKeyOf(publicKey);
}

export type PublicKeyFormat = 'c' | 'rust' | 'pem' | 'raw' | 'c-hash' | 'raw-hash';

/** A public key for a boot loader's source, as `imgtool getpub` and `getpubhash` lay it out, or for other programs. */
export function publicKeyAs(publicKey: Uint8Array, format: PublicKeyFormat): Uint8Array | string {
  const spki = subjectPublicKeyInfo(publicKey);
  const name = publicKey.length === 32 ? 'ed25519' : 'ecdsa';
  switch (format) {
    case 'c':
      return cArray(`${name}_pub_key`, spki);
    case 'rust':
      return `static ${name.toUpperCase()}_PUB_KEY: &[u8] = &[\n${byteRows(spki)}\n];\n`;
    case 'pem':
      return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({
        type: 'spki',
        format: 'pem',
      }) as string;
    case 'raw':
      return spki;
    case 'c-hash':
      return cArray(`${name}_pub_key_hash`, keyHashOf(publicKey));
    case 'raw-hash':
      return keyHashOf(publicKey);
  }
}

function cArray(name: string, bytes: Uint8Array): string {
  return `const unsigned char ${name}[] = {\n${byteRows(bytes)}\n};\nconst unsigned int ${name}_len = ${bytes.length};\n`;
}

/** Eight to a row. */
function byteRows(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 8) {
    const row = Array.from(bytes.subarray(at, at + 8), (byte) => `0x${toHex(Uint8Array.of(byte))},`);
    rows.push(`    ${row.join(' ')}`);
  }
  return rows.join('\n');
}

/** A PEM file of either kind has a few hundred bytes. */
const pemBytesMax = 16_384;

function readPem(path: string): string {
  const bytes = readInput(path);
  if (bytes.length > pemBytesMax) throw toolError('IMAGE_KEY_FILE', { path, reason: 'it is too long for a PEM key' });
  return Buffer.from(bytes).toString('latin1');
}

function privateKeyOf(path: string, pem: string, password: string | undefined): KeyObject {
  if (!pem.includes('PRIVATE KEY')) throw toolError('IMAGE_KEY_FILE', { path, reason: 'it holds no private key' });
  const isEncrypted = pem.includes('ENCRYPTED');
  if (isEncrypted && password === undefined)
    throw toolError('IMAGE_KEY_FILE', { path, reason: 'it is encrypted, and no password is given' });
  try {
    return createPrivateKey({ key: pem, ...(isEncrypted && { passphrase: password }) });
  } catch (cause) {
    if (isEncrypted) throw toolError('IMAGE_KEY_FILE', { path, reason: 'the password does not open it' }, cause);
    throw unreadable(path, cause);
  }
}

function typeOf(path: string, key: KeyObject): ImageKeyType {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ecdsa-p256';
  const kind = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType;
  throw toolError('IMAGE_KEY_FILE', { path, reason: `a key of ${kind}, expected P-256 or Ed25519` });
}

function publicKeyOf(key: KeyObject): Uint8Array {
  return publicKeyOfSpki(new Uint8Array(key.export({ type: 'spki', format: 'der' })));
}

function unreadable(path: string, cause: unknown) {
  return toolError('IMAGE_KEY_FILE', { path, reason: 'no PEM key of P-256 or Ed25519' }, cause);
}
