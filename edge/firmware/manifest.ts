/**
 * The manifest in an emulated Miner's image: what its firmware would be compiled with, so that flashing changes what
 * the Miner does. Deterministic CBOR: one manifest has one encoding, and with it one image hash.
 */
import { edgeError } from '../errors/index.ts';
import { type CborMap, type CborValue, cborMap, decodeCbor, encodeCbor, shownValue } from '../pack/index.ts';
import { requireModelId } from './model-id.ts';

export const manifestSchema = 1;

/** What `MinerSettings` takes; the Miner's own defaults hold for what is left out. */
export interface ManifestSettings {
  /** Milliseconds between values of a signal: at least, when it changes, and at most, when it doesn't. */
  sampling?: { intervalMsMin: number; intervalMsMax: number };
  packIntervalMs?: number;
  packSamplesMax?: number;
  trustIntervalMs?: number;
  recordFrames?: 'never' | 'untrusted' | 'undecoded';
}

/** How firmware behaves that must not be confirmed: it finds itself unfit, or it never gets as far as looking. */
export type ManifestFault = 'self-test' | 'hang';

export interface FirmwareManifest {
  /** For people: the release, as the maker names it. The boot loader goes by the image's header. */
  version: string;
  /** The model it is made for, 32 bytes as in enrolments; see modelIdOf. */
  model: Uint8Array;
  /** SHA-256 of the DBC files that it decodes with, 32 bytes each. */
  decoders: readonly Uint8Array[];
  settings: ManifestSettings;
  /** Only in images made to see what a Miner does with bad firmware. */
  fault?: ManifestFault;
}

export const manifestLimits = { bytesMax: 4096, decodersMax: 64, versionLengthMax: 64 } as const;

const Field = { schema: 1, version: 2, model: 3, decoders: 4, settings: 5, fault: 6 } as const;
const SettingsField = {
  intervalMsMin: 1,
  intervalMsMax: 2,
  packIntervalMs: 3,
  packSamplesMax: 4,
  trustIntervalMs: 5,
  recordFrames: 6,
} as const;
/** By their number in the manifest. */
const recordings = ['never', 'untrusted', 'undecoded'] as const;
const faults = ['self-test', 'hang'] as const;

/** @throws {MinerError} MANIFEST_INVALID, on the same grounds as decodeManifest */
export function encodeManifest(manifest: FirmwareManifest): Uint8Array {
  const { version, model, decoders, settings, fault } = manifest;
  const { sampling, packIntervalMs, packSamplesMax, trustIntervalMs, recordFrames } = settings;
  const bytes = encodeCbor(
    cborMap([
      [Field.schema, manifestSchema],
      [Field.version, versionOf(version)],
      [Field.model, model],
      [Field.decoders, decoders],
      [
        Field.settings,
        cborMap([
          [SettingsField.intervalMsMin, sampling?.intervalMsMin],
          [SettingsField.intervalMsMax, sampling?.intervalMsMax],
          [SettingsField.packIntervalMs, packIntervalMs],
          [SettingsField.packSamplesMax, packSamplesMax],
          [SettingsField.trustIntervalMs, trustIntervalMs],
          [SettingsField.recordFrames, numberOf(recordings, recordFrames)],
        ]),
      ],
      [Field.fault, numberOf(faults, fault)],
    ]),
  );
  // What is written must be readable: one place says what a manifest may hold.
  decodeManifest(bytes);
  return bytes;
}

/** @throws {MinerError} CBOR_INVALID; MANIFEST_INVALID, with the field */
export function decodeManifest(bytes: Uint8Array): FirmwareManifest {
  const fields = mapOf('the manifest', decodeCbor(bytes, { bytesMax: manifestLimits.bytesMax, depthMax: 3 }), Field);
  const schema = fields.get(Field.schema);
  if (schema !== manifestSchema) refuse('the schema', schema, String(manifestSchema));
  const manifest: FirmwareManifest = {
    version: versionOf(fields.get(Field.version)),
    model: modelOf(fields.get(Field.model)),
    decoders: decodersOf(fields.get(Field.decoders)),
    settings: settingsOf(mapOf('settings', fields.get(Field.settings), SettingsField)),
  };
  const fault = fields.get(Field.fault);
  if (fault !== undefined) manifest.fault = named('the fault', faults, fault);
  return manifest;
}

function versionOf(value: CborValue | undefined): string {
  const { versionLengthMax } = manifestLimits;
  const isGood = typeof value === 'string' && value.length <= versionLengthMax && /^[\x21-\x7e]+$/.test(value);
  return isGood ? value : refuse('version', value, `1 to ${versionLengthMax} printable characters without spaces`);
}

function modelOf(value: CborValue | undefined): Uint8Array {
  return requireModelId(hashOf('model', value));
}

function decodersOf(value: CborValue | undefined): Uint8Array[] {
  const { decodersMax } = manifestLimits;
  if (!Array.isArray(value)) return refuse('decoders', value, 'an array');
  if (value.length > decodersMax) refuse('decoders', value.length, `at most ${decodersMax}`);
  const decoders = value.map((item, index) => hashOf(`decoder ${index}`, item));
  for (let i = 1; i < decoders.length; i++) {
    const isTwice = decoders.slice(0, i).some((before) => before.every((byte, k) => byte === decoders[i][k]));
    if (isTwice) refuse(`decoder ${i}`, decoders[i], 'each decoder once');
  }
  return decoders;
}

function settingsOf(fields: CborMap): ManifestSettings {
  const settings: ManifestSettings = {};
  const least = count('intervalMsMin', fields.get(SettingsField.intervalMsMin), 0, 3_600_000);
  const most = count('intervalMsMax', fields.get(SettingsField.intervalMsMax), least ?? 0, 86_400_000);
  if ((least === undefined) !== (most === undefined)) {
    const missing = least === undefined ? 'intervalMsMin' : 'intervalMsMax';
    refuse(missing, undefined, 'both intervals or none');
  }
  if (least !== undefined && most !== undefined) settings.sampling = { intervalMsMin: least, intervalMsMax: most };
  const packIntervalMs = count('packIntervalMs', fields.get(SettingsField.packIntervalMs), 100, 3_600_000);
  if (packIntervalMs !== undefined) settings.packIntervalMs = packIntervalMs;
  const packSamplesMax = count('packSamplesMax', fields.get(SettingsField.packSamplesMax), 1, 2 ** 20);
  if (packSamplesMax !== undefined) settings.packSamplesMax = packSamplesMax;
  const trustIntervalMs = count('trustIntervalMs', fields.get(SettingsField.trustIntervalMs), 500, 86_400_000);
  if (trustIntervalMs !== undefined) settings.trustIntervalMs = trustIntervalMs;
  const recordFrames = fields.get(SettingsField.recordFrames);
  if (recordFrames !== undefined) settings.recordFrames = named('recordFrames', recordings, recordFrames);
  return settings;
}

/** A map without keys that this version does not know: what they ask for would be silently ignored. */
function mapOf(field: string, value: CborValue | undefined, keys: Readonly<Record<string, number>>): CborMap {
  if (!(value instanceof Map)) return refuse(field, value, 'a map');
  const known = new Set<CborValue>(Object.values(keys));
  for (const key of value.keys()) if (!known.has(key)) refuse(`a key of ${field}`, key, `1 to ${known.size}`);
  return value;
}

function hashOf(field: string, value: CborValue | undefined): Uint8Array {
  // A copy: a view would keep the whole image in memory.
  return value instanceof Uint8Array && value.length === 32 ? value.slice() : refuse(field, value, '32 bytes');
}

function count(field: string, value: CborValue | undefined, minimum: number, maximum: number): number | undefined {
  if (value === undefined) return undefined;
  const isGood = typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum;
  return isGood ? value : refuse(field, value, `a whole number from ${minimum} to ${maximum}`);
}

/** A name that is not among them stays as it is, for the refusal to show. */
function numberOf(names: readonly string[], name: string | undefined): CborValue | undefined {
  const index = name === undefined ? -1 : names.indexOf(name);
  return index < 0 ? name : index;
}

function named<Name extends string>(field: string, names: readonly Name[], value: CborValue): Name {
  const name = typeof value === 'number' ? names[value] : undefined;
  return name ?? refuse(field, value, names.map((each, index) => `${index} (${each})`).join(', '));
}

function refuse(field: string, value: CborValue | undefined, expected: string): never {
  throw edgeError('MANIFEST_INVALID', { field, got: shownValue(value), expected });
}
