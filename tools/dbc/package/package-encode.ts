/** From a package that holds together to one file of deterministic CBOR. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Plan } from '../../../edge/decode/index.ts';
import { CborFloat, type CborValue, cborMap, encodeCbor, fromHex } from '../../../edge/pack/index.ts';
import type { GoldenFrame } from './golden-line.ts';
import type { DecoderPackage } from './package.ts';
import { extendedBit, formatVersion, hashList, Key, statusCodes } from './package-grammar.ts';
import { signalIndexByName } from './vss.ts';

/** The same package gives the same bytes, on every machine. */
export function encodePackage(whole: DecoderPackage): Uint8Array {
  const { manifest, dbc, hashes, vss } = whole;
  const { platform } = manifest;
  const slots = signalIndexByName(whole.plan);
  const entries: [number, CborValue][] = [
    [Key.format, formatVersion],
    [
      Key.manifest,
      cborMap([
        [1, manifest.id],
        [2, manifest.version],
        [3, fromHex(manifest.author)],
        [4, manifest.license],
        [
          5,
          cborMap([
            [1, platform.make],
            [2, platform.model],
            [3, platform.years],
            [4, platform.bus],
            [5, platform.bitRate],
            [6, platform.dataBitRate],
          ]),
        ],
      ]),
    ],
    [Key.dbc, dbc],
    [Key.hashes, hashList(hashes)],
    [Key.golden, whole.golden.map((frame) => goldenItem(frame, whole.plan))],
    [
      Key.vss,
      vss
        .map(({ message, signal, path, unit }) => {
          const index = slots.get(`${message}.${signal}`)!.signalIndex;
          return unit === undefined ? [index, path] : [index, path, unit];
        })
        .sort((a, b) => Number(a[0]) - Number(b[0])),
    ],
  ];
  const seal = sha256(encodeCbor(new Map(entries)));
  return encodeCbor(new Map<CborValue, CborValue>([...entries, [Key.seal, seal]]));
}

/** `[id, data, { index: value }, ? { index: status }]` */
function goldenItem({ id, extended, data, signals, status }: GoldenFrame, plan: Plan): CborValue {
  const message = plan.find(id, extended)!;
  const indexOf = new Map(message.signals.map(({ name, signalIndex }) => [name, signalIndex]));
  const values = new Map([...signals].map(([name, value]) => [indexOf.get(name)!, valueItem(value)]));
  const item: CborValue[] = [id + (extended ? extendedBit : 0), data, values];
  if (status.size > 0)
    item.push(new Map([...status].map(([name, text]) => [indexOf.get(name)!, statusCodes.get(text)!])));
  return item;
}

/** Integers past 64 bits are text: CBOR's own form for them is not part of our deterministic subset. */
function valueItem(value: number | bigint): CborValue {
  if (Object.is(value, -0)) return new CborFloat(-0);
  return typeof value === 'bigint' && BigInt.asIntN(65, value) !== value ? String(value) : value;
}
