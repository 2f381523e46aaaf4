/** Databases that several tests of the workshop use, as their authors would write them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { type Database, parseDbc } from '../../../edge/dbc/index.ts';
import { compilePlan } from '../../../edge/decode/index.ts';
import { type MessageView, viewMessages } from '../../../tools/dbc/index.ts';

export const gearbox = `VERSION "1"

BU_: ECU

BO_ 257 Gearbox: 8 ECU
 SG_ Gear : 0|4@1+ (1,0) [0|0] "" Vector__XXX
 SG_ Speed : 8|16@1+ (0.01,0) [0|400] "km/h" Vector__XXX
 SG_ Counter : 24|8@1+ (1,0) [0|0] "" Vector__XXX
 SG_ Big : 32|32@1- (1,0) [0|0] "" Vector__XXX

CM_ SG_ 257 Speed "Over ground.";
BA_DEF_ SG_ "GenSigStartValue" FLOAT 0 100000;
BA_DEF_DEF_ "GenSigStartValue" 0;
BA_ "GenSigStartValue" SG_ 257 Counter 7;
VAL_ 257 Gear 0 "Park" 1 "Reverse" 3 "Drive" ;
`;

/** Overlap, a signal past the end, nested multiplexers with ranges, CAN FD, a message without payload. */
export const layouts = `BU_: ECU
BO_ 100 Overlap: 4 ECU
 SG_ Speed : 0|12@1+ (0.1,0) [0|400] "km/h" Vector__XXX
 SG_ Gear : 8|8@1+ (1,0) [0|0] "" Vector__XXX
 SG_ Beyond : 40|4@1- (1,0) [0|0] "" Vector__XXX
BO_ 101 Mux: 8 ECU
 SG_ Mode M : 0|4@1+ (1,0) [0|0] "" Vector__XXX
 SG_ Always : 4|4@1+ (1,0) [0|0] "" Vector__XXX
 SG_ Temperature m0 : 15|16@0- (0.1,-40) [-40|200] "°C" Vector__XXX
 SG_ Page m1M : 8|8@1+ (1,0) [0|0] "" Vector__XXX
 SG_ Sub m1 : 16|8@1+ (1,0) [0|0] "" Vector__XXX
 SG_ Wide m2 : 16|48@1- (1,0) [0|0] "" Vector__XXX
BO_ 102 Fd: 64 ECU
 SG_ First : 7|10@0+ (1,0) [0|0] "" Vector__XXX
 SG_ Last : 511|1@1+ (1,0) [0|0] "" Vector__XXX
BO_ 103 Empty: 0 ECU
BO_ 2147483748 Twin: 8 ECU
 SG_ A : 0|64@1- (1,0) [0|0] "" Vector__XXX
CM_ BO_ 100 "A \u001b[2J text that clears nothing,
and its second line";
SG_MUL_VAL_ 101 Page Mode 1-1, 3-5;
SG_MUL_VAL_ 101 Sub Page 1-2;
SG_MUL_VAL_ 101 Temperature Mode 0-0;
SG_MUL_VAL_ 101 Wide Mode 2-2;
VAL_ 101 Mode 0 "Off" 1 "On" ;
`;

export function read(source: string): Database {
  return parseDbc(new TextEncoder().encode(source)).database;
}

export function viewOf(source: string, name: string): MessageView {
  const database = read(source);
  return viewMessages(database, compilePlan(database)).find(({ message }) => message.name === name)!;
}

/** A folder that is gone when the tests of this file end; writes files into it. */
export function scratch(): { folder: string; file: (name: string, content: string | Uint8Array) => string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-dbc-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    file(name, content) {
      writeFileSync(path.join(folder, name), content);
      return path.join(folder, name);
    },
  };
}
