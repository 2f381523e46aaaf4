/** From a file that claims to be a decoder package to its parts, each one doubted. */
import { sha256 } from '@noble/hashes/sha2.js';
import { getAddress } from 'viem/utils';
import { type Plan, statusNames } from '../../../edge/decode/index.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import {
  CborFloat,
  type CborMap,
  type CborValue,
  decodeCbor,
  encodeCbor,
  equalBytes,
  toHex,
} from '../../../edge/pack/index.ts';
import { budgetProblem } from './cbor-budget.ts';
import { type GoldenFrame, goldenFramesMax, payloadBytesMax } from './golden-line.ts';
import { type Hashes, type PackageParts, readDecoder } from './package.ts';
import { extendedBit, formatVersion, hashList, Key, sizeMax } from './package-grammar.ts';
import { Problems } from './problem.ts';

/**
 * Takes a package file apart. Nothing in it is believed: what does not follow the grammar is a problem with its place.
 * @returns undefined when too little of it can be read to look further
 */
export function decodePackage(bytes: Uint8Array, problems: Problems): PackageParts | undefined {
  const top = readTop(bytes, problems);
  if (top === undefined) return undefined;
  checkSeal(top, problems);
  const dbc = top.get(Key.dbc);
  if (!(dbc instanceof Uint8Array) || dbc.length > sizeMax.dbc) {
    problems.error('/3', `expected the DBC as a byte string of at most ${sizeMax.dbc} bytes`);
    return undefined;
  }
  // Its problems are reported by whoever inspects the parts; here only names are looked up.
  const { plan, hashes } = readDecoder(dbc, new Problems());
  checkHashes(top.get(Key.hashes), hashes, problems);
  return {
    manifest: readManifest(top.get(Key.manifest), problems),
    dbc,
    golden: readGoldenItems(top.get(Key.golden), plan, problems),
    goldenPlace: (index) => `/5/${index}`,
    vss: readVssItems(top.get(Key.vss), plan, problems),
  };
}

function readTop(bytes: Uint8Array, problems: Problems): CborMap | undefined {
  const tooMuch = bytes.length > sizeMax.file ? `more than ${sizeMax.file} bytes` : budgetProblem(bytes);
  if (tooMuch !== undefined) {
    problems.error('', `${tooMuch}: no decoder package is as large`);
    return undefined;
  }
  let value: CborValue;
  try {
    // Its items are counted above.
    value = decodeCbor(bytes, { depthMax: 6, bytesMax: sizeMax.file, itemsMax: Number.POSITIVE_INFINITY });
  } catch (error) {
    if (!(error instanceof MinerError)) throw error;
    problems.error('', error.message);
    return undefined;
  }
  if (!(value instanceof Map)) {
    problems.error('', 'expected a map: this is no decoder package');
    return undefined;
  }
  const top: CborMap = value;
  if (top.get(Key.format) !== formatVersion) {
    problems.error('/1', `expected format version ${formatVersion}`);
    return undefined;
  }
  unknownKeys(top, Object.values(Key), '', problems);
  return top;
}

function unknownKeys(map: CborMap, known: readonly number[], place: string, problems: Problems): void {
  for (const key of map.keys()) {
    if (!known.includes(key as number)) problems.error(`${place}/${String(key)}`, 'unknown key');
  }
}

function checkSeal(top: CborMap, problems: Problems): void {
  const seal = top.get(Key.seal);
  const rest = new Map([...top].filter(([key]) => key !== Key.seal));
  if (!(seal instanceof Uint8Array) || !equalBytes(seal, sha256(encodeCbor(rest))))
    problems.error('/7', 'the seal does not match: the file was damaged or changed after it was built');
}

function checkHashes(value: CborValue | undefined, hashes: Hashes, problems: Problems): void {
  const expected = hashList(hashes);
  const names = ['contentHash', 'semanticHash', 'moduleHash'];
  if (!Array.isArray(value) || value.length !== 3) {
    problems.error('/4', `expected [${names.join(', ')}]`);
    return;
  }
  names.forEach((name, i) => {
    if (!equalBytes(encodeCbor(value[i]), encodeCbor(expected[i])))
      problems.error(`/4/${i}`, `${name} is ${hexOf(value[i])}, the DBC in the file has ${hexOf(expected[i])}`);
  });
}

const hexOf = (value: CborValue): string => (value instanceof Uint8Array ? toHex(value) : 'none');

/** Back into the shape that JSON has, for one and the same check. */
function readManifest(value: CborValue | undefined, problems: Problems): unknown {
  if (!(value instanceof Map)) return null;
  unknownKeys(value, [1, 2, 3, 4, 5], '/2', problems);
  const author = value.get(3);
  const isAddress = author instanceof Uint8Array && author.length === 20;
  const fields = {
    id: value.get(1),
    version: value.get(2),
    license: value.get(4),
    platform: readPlatform(value.get(5), problems),
  };
  return { ...fields, author: isAddress ? getAddress(`0x${toHex(author)}`) : null };
}

function readPlatform(value: CborValue | undefined, problems: Problems): unknown {
  if (!(value instanceof Map)) return null;
  unknownKeys(value, [1, 2, 3, 4, 5, 6], '/2/5', problems);
  const [make, model, years, bus, bitRate] = [1, 2, 3, 4, 5].map((key) => value.get(key));
  return { make, model, years, bus, bitRate, ...(value.has(6) ? { dataBitRate: value.get(6) } : {}) };
}

function readGoldenItems(value: CborValue | undefined, plan: Plan, problems: Problems): GoldenFrame[] {
  if (!Array.isArray(value) || value.length > goldenFramesMax) {
    problems.error('/5', `expected an array of at most ${goldenFramesMax} golden frames`);
    return [];
  }
  const frames: GoldenFrame[] = [];
  value.forEach((item: CborValue, i) => {
    const frame = readGoldenItem(item, plan);
    if (typeof frame === 'string') problems.error(`/5/${i}`, frame);
    else frames.push(frame);
  });
  return frames;
}

function readGoldenItem(item: CborValue, plan: Plan): GoldenFrame | string {
  if (!Array.isArray(item) || item.length < 3 || item.length > 4) return 'expected [id, data, values, ? statuses]';
  const [key, data, values, statuses = new Map()] = item as CborValue[];
  if (typeof key !== 'number' || !Number.isInteger(key) || key < 0 || key >= 2 ** 32)
    return 'expected an id of 32 bits';
  if (!(data instanceof Uint8Array) || data.length > payloadBytesMax) return `expected up to ${payloadBytesMax} bytes`;
  if (!(values instanceof Map) || !(statuses instanceof Map)) return 'expected maps of values and statuses';
  const extended = key >= extendedBit;
  const id = key % extendedBit;
  const message = plan.find(id, extended);
  if (message === undefined) return `no message answers to id 0x${id.toString(16)}`;
  const nameOf = new Map<CborValue, string>(message.signals.map(({ name, signalIndex }) => [signalIndex, name]));
  const frame = { id, extended, data, message: message.name, signals: new Map(), status: new Map() };
  for (const [index, value] of values) {
    const given = readValue(value);
    if (!nameOf.has(index) || given === undefined)
      return `value of signal ${String(index)}: no such signal, or no number`;
    frame.signals.set(nameOf.get(index)!, given);
  }
  for (const [index, code] of statuses) {
    const text = typeof code === 'number' ? statusNames[code] : undefined;
    if (!nameOf.has(index) || text === undefined) return `status of signal ${String(index)}: no such signal or status`;
    frame.status.set(nameOf.get(index)!, text);
  }
  return frame;
}

function readValue(value: CborValue): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof CborFloat) return Object.is(value.value, -0) ? -0 : undefined;
  return typeof value === 'string' && /^-?\d{20,60}$/.test(value) ? BigInt(value) : undefined;
}

function readVssItems(value: CborValue | undefined, plan: Plan, problems: Problems): unknown {
  if (!Array.isArray(value)) return null;
  const names = new Map<CborValue, { message: string; signal: string }>();
  for (const { name: message, signals } of plan.messages) {
    for (const { name: signal, signalIndex } of signals) names.set(signalIndex, { message, signal });
  }
  return value.map((item: CborValue, i) => {
    if (!Array.isArray(item) || item.length < 2 || item.length > 3) {
      problems.error(`/6/${i}`, 'expected [signal index, path, ? unit]');
      return null;
    }
    const [index, path, unit] = item as CborValue[];
    const entry = { message: undefined, signal: undefined, ...names.get(index), path };
    return unit === undefined ? entry : { ...entry, unit };
  });
}
