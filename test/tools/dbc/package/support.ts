/** Packages to break: a small decoder with everything in it, and a folder that passes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseDbc } from '../../../../edge/dbc/index.ts';
import { compilePlan, type Plan } from '../../../../edge/decode/index.ts';
import {
  type DecoderPackage,
  fileNames,
  generateGolden,
  goldenLine,
  inspectPackage,
  Problems,
} from '../../../../tools/dbc/package/index.ts';

/** Multiplexers in two levels, floats, 64-bit integers, a range, a signal beyond its message, J1939. */
export const dbcText = `VERSION ""
BU_: ECU
BO_ 256 Motor: 8 ECU
 SG_ Speed : 0|16@1+ (0.25,0) [0|8000] "rpm" ECU
 SG_ Torque : 16|12@1- (0.5,-100) [-500|500] "Nm" ECU
 SG_ Beyond : 60|8@1+ (1,0) [0|0] "" ECU
BO_ 512 Muxed: 8 ECU
 SG_ Mode M : 0|4@1+ (1,0) [0|0] "" ECU
 SG_ Sub m1M : 8|4@1+ (1,0) [0|0] "" ECU
 SG_ Deep m2 : 16|8@1- (1,0) [0|0] "" ECU
 SG_ Always : 56|8@1+ (1,0) [0|0] "" ECU
 SG_ Second m3 : 8|16@1+ (1,0) [0|0] "" ECU
BO_ 768 Big: 16 ECU
 SG_ Exact : 0|64@1+ (1,0) [0|0] "" ECU
 SG_ Float : 64|32@1- (1,0) [0|0] "" ECU
BO_ 2566834942 DM1: 22 ECU
 SG_ Lamp : 6|2@1+ (1,0) [0|3] "" ECU
 SG_ Last : 168|8@1+ (1,0) [0|0] "" ECU
BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
BA_DEF_DEF_ "VFrameFormat" "StandardCAN";
BA_ "VFrameFormat" BO_ 2566834942 3;
SIG_VALTYPE_ 768 Float : 1;
SG_MUL_VAL_ 512 Sub Mode 1-1, 5-7;
SG_MUL_VAL_ 512 Deep Sub 2-3;
SG_MUL_VAL_ 512 Second Mode 3-3;
`;

export const dbcBytes = new TextEncoder().encode(dbcText);

export const manifest = {
  id: 'example.test-car.main',
  version: '1.2.0',
  author: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  license: 'Apache-2.0 OR MIT',
  platform: { make: 'Example', model: 'Test Car', years: [2019, 2023], bus: 'powertrain', bitRate: 500_000 },
};

export const vss = [
  { message: 'Motor', signal: 'Speed', path: 'Vehicle.Powertrain.ElectricMotor.Speed', unit: 'rpm' },
  { message: 'DM1', signal: 'Lamp', path: 'Vehicle.OBD.Status.IsMILOn' },
];

export const plan: Plan = compilePlan(parseDbc(dbcBytes).database);
export const golden = generateGolden(plan, { count: 200, seed: 5 }).frames;
export const goldenText = golden.map((frame) => `${goldenLine(frame)}\n`).join('');

/** The package of the parts above, which hold together. */
export function goodPackage(changes: Partial<DecoderPackage> = {}): DecoderPackage {
  const problems = new Problems();
  const parts = { manifest, dbc: dbcBytes, golden, goldenPlace: String, vss };
  const inspected = inspectPackage(parts, problems);
  if (inspected.package === undefined) throw new Error(JSON.stringify(problems.list));
  return { ...inspected.package, ...changes };
}

/** Writes a folder of the parts above, or of others; an undefined part is left out. */
export function writeFolder(folder: string, changes: Partial<Record<keyof typeof fileNames, string | undefined>> = {}) {
  const parts = {
    manifest: JSON.stringify(manifest, null, 2),
    dbc: dbcText,
    golden: goldenText,
    vss: JSON.stringify(vss),
    ...changes,
  };
  mkdirSync(folder, { recursive: true });
  for (const [part, content] of Object.entries(parts)) {
    if (content !== undefined) writeFileSync(path.join(folder, fileNames[part as keyof typeof fileNames]), content);
  }
  return folder;
}
