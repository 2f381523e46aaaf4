/** Manifests as people write them: JSON with the names of edge/firmware, hashes in hex. */
import {
  encodeManifest,
  type FirmwareManifest,
  manifestSchema,
  modelIdOf,
  modelText,
} from '../../edge/firmware/index.ts';
import { fromHex, toHex } from '../../edge/pack/index.ts';
import { toolError } from '../errors/index.ts';

/** The same as text and numbers, for JSON. */
export interface ManifestJson {
  schema: number;
  version: string;
  model: string;
  decoders: string[];
  settings: FirmwareManifest['settings'];
  fault?: FirmwareManifest['fault'];
}

export function manifestJson({ version, model, decoders, settings, fault }: FirmwareManifest): ManifestJson {
  return {
    schema: manifestSchema,
    version,
    model: modelText(model),
    decoders: decoders.map(toHex),
    settings,
    ...(fault && { fault }),
  };
}

const known = ['schema', 'version', 'model', 'decoders', 'settings', 'fault'];
const knownSettings = ['sampling', 'packIntervalMs', 'packSamplesMax', 'trustIntervalMs', 'recordFrames'];
const knownSampling = ['intervalMsMin', 'intervalMsMax'];

/**
 * Reads a manifest's JSON. `schema`, `decoders` and `settings` may be left out.
 * @throws {MinerError} MANIFEST_JSON; MANIFEST_INVALID: a value out of its bounds
 */
export function manifestFromJson(path: string, bytes: Uint8Array): FirmwareManifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw toolError('MANIFEST_JSON', { path, reason: (cause as Error).message }, cause);
  }
  const refuse = (reason: string): never => {
    throw toolError('MANIFEST_JSON', { path, reason });
  };
  const objectOf = (name: string, value: unknown, keys: readonly string[]): Record<string, unknown> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(`${name} is no object`);
    const stranger = Object.keys(value).find((key) => !keys.includes(key));
    if (stranger !== undefined) refuse(`${name} has ${JSON.stringify(stranger)}, expected ${keys.join(', ')}`);
    return value as Record<string, unknown>;
  };
  const fields = objectOf('the manifest', json, known);
  const { schema = manifestSchema, version, model, decoders = [], settings = {}, fault } = fields;
  if (schema !== manifestSchema) refuse(`schema is ${JSON.stringify(schema)}, expected ${manifestSchema}`);
  if (typeof version !== 'string') return refuse('version is no text');
  if (typeof model !== 'string') return refuse('model is no text');
  if (!Array.isArray(decoders)) return refuse('decoders is no list');
  for (const [i, hash] of decoders.entries())
    if (typeof hash !== 'string' || !/^(0x)?[0-9a-fA-F]{64}$/.test(hash))
      refuse(`decoder ${i} is ${JSON.stringify(hash)}, expected the SHA-256 of a DBC file, 64 hex digits`);
  const { sampling } = objectOf('settings', settings, knownSettings);
  if (sampling !== undefined) objectOf('sampling', sampling, knownSampling);
  const manifest = {
    version,
    model: modelIdOf(model),
    decoders: decoders.map(fromHex),
    settings,
    ...(fault !== undefined && { fault }),
  } as FirmwareManifest;
  try {
    encodeManifest(manifest);
  } catch (error) {
    // A value of a type that CBOR has not.
    if (error instanceof TypeError) refuse(error.message);
    throw error;
  }
  return manifest;
}
