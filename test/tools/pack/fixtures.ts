/** Packs and decoders for the tests of tools/pack: made here, signed by the key of docs/pack.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { contentHash } from '../../../edge/dbc/index.ts';
import { fromHex, type PackBody, packAad, SamplesBuilder, signPack } from '../../../edge/pack/index.ts';
import { decoderOf, type LoadedDecoder } from '../../../tools/pack/index.ts';
import { exampleSigner } from '../../edge/pack/example.ts';

export const registry = '0x5fbdb2315678afecb367f032d93f642f64180aa3';
export const externalAad = packAad(31337, fromHex(registry));
export const device = '0xe471a8d4e306eefa74ba35df7500a4512aeb542c';

/** Speeds and states, a float, a flag, a multiplexer, 64 bits, and a J1939 parameter. */
export const older = `VERSION ""
BO_ 416 Drive: 8 ECU
 SG_ Speed : 0|16@1+ (0.01,0) [0|655.35] "km/h" X
 SG_ Gear : 16|4@1+ (1,0) [0|15] "" X
 SG_ Brake : 20|1@1+ (1,0) [0|1] "" X
 SG_ Torque : 24|16@1- (0.5,-10) [0|0] "Nm" X
BO_ 417 Float: 8 ECU
 SG_ Latitude : 0|32@1- (1,0) [0|0] "deg" X
 SG_ Odd__Name : 32|8@1+ (1,0) [0|0] "odd" X
BO_ 418 Mux: 8 ECU
 SG_ Page M : 0|8@1+ (1,0) [0|0] "" X
 SG_ Cell_A m1 : 8|16@1+ (0.001,0) [0|0] "V" X
 SG_ Cell_B m2 : 8|16@1+ (0.001,0) [0|0] "V" X
BO_ 419 Wide: 8 ECU
 SG_ Counter : 0|64@1+ (1,0) [0|0] "" X
BO_ 2566844672 Engine: 8 ECU
 SG_ Temperature : 0|8@1+ (1,-40) [-40|210] "degC" X
BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
BA_DEF_DEF_ "VFrameFormat" "StandardCAN";
BA_ "VFrameFormat" BO_ 2566844672 3;
VAL_ 416 Gear 0 "P" 1 "R" 3 "D" ;
SIG_VALTYPE_ 417 Latitude : 1;
`;

/** As above, with corrections: a scale, a label, a unit; a signal moved, one gone, one renamed page, one new. */
export const newer = older
  .replace('(0.01,0) [0|655.35] "km/h"', '(0.02,1) [0|655.35] "km/h"')
  .replace('3 "D"', '3 "Drive"')
  .replace('24|16@1- (0.5,-10)', '24|12@1- (0.5,-10)')
  .replace(' SG_ Odd__Name : 32|8@1+ (1,0) [0|0] "odd" X\n', '')
  .replace('Cell_B m2', 'Cell_B m3')
  .replace('BO_ 417', ' SG_ Lights : 40|2@1+ (1,0) [0|0] "" X\nBO_ 417');

const utf8 = new TextEncoder();
export const olderDecoder = decoderOf('older.dbc', utf8.encode(older));
export const newerDecoder = decoderOf('newer.dbc', utf8.encode(newer));
export const olderHash = fromHex(contentHash(utf8.encode(older)));

export function signalIndex(name: string, { plan }: LoadedDecoder = olderDecoder): number {
  return plan.signals.findIndex((signal) => signal.name === name);
}

export function floatBits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0];
}

/** Every kind of signal, twice, and raw frames of two ids. */
export function driveBody(parts: Partial<PackBody> = {}): PackBody {
  const builder = new SamplesBuilder();
  const add = (name: string, timeMs: number, raw: number | bigint) => builder.add(0, signalIndex(name), timeMs, raw);
  add('Speed', 600_000, 5000);
  add('Speed', 601_000, 5012);
  add('Gear', 600_000, 3);
  add('Gear', 601_000, 7);
  add('Brake', 600_500, 1);
  add('Torque', 600_250, -100);
  add('Latitude', 600_100, floatBits(56.25));
  add('Latitude', 600_200, floatBits(Number.NaN));
  add('Odd__Name', 600_100, 9);
  add('Cell_A', 600_300, 3701);
  add('Cell_B', 600_400, 3702);
  add('Counter', 600_600, 2n ** 64n - 1n);
  add('Temperature', 600_700, 130);
  add('Temperature', 600_800, 255);
  return {
    seq: 42,
    bootCount: 3,
    decoders: [{ contentHash: olderHash, registryIndex: 5 }],
    startMs: 600_000,
    anchor: { unixMs: 1_713_460_846_500, source: 2, uncertaintyMs: 40 },
    columns: builder.columns(),
    ...parts,
  };
}

/** Frames of Drive (0x1A0): one at a time that Speed's column holds too, one that it does not; and one of no decoder. */
export const rawFrames: PackBody['frames'] = [
  {
    id: 416,
    timesMs: Float64Array.of(600_000, 600_900),
    payloads: [fromHex('8813030cff0f0000'), fromHex('9613130500020000')],
  },
  { id: 0x98fedcba, timesMs: Float64Array.of(600_950), payloads: [fromHex('01')] },
];

export function signed(body: PackBody): Uint8Array {
  return signPack(exampleSigner, body, { externalAad });
}

export function scratch(): { folder: string; file(name: string, content: string | Uint8Array): string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-pack-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    file(name, content) {
      const target = path.join(folder, name);
      writeFileSync(target, content);
      return target;
    },
  };
}
