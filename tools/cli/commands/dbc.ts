/** `miner dbc ...`: the workshop of people who write decoders. */
import type { Command } from 'commander';
import { addCheck } from './dbc/check.ts';
import { addCompile } from './dbc/compile.ts';
import { addConvert } from './dbc/convert.ts';
import { addDiff } from './dbc/diff.ts';
import { addEncode } from './dbc/encode.ts';
import { addHash } from './dbc/hash.ts';
import { addList } from './dbc/list.ts';
import { addShow } from './dbc/show.ts';
import { addDecode } from './dbc-decode.ts';
import { addPackage } from './dbc-package.ts';

export function registerDbc(program: Command): void {
  const dbc = program.command('dbc').description('check, look at, compare, convert, compile and run decoder files');
  addCheck(dbc);
  addList(dbc);
  addShow(dbc);
  addDiff(dbc);
  addHash(dbc);
  addCompile(dbc);
  addConvert(dbc);
  addEncode(dbc);
  addDecode(dbc);
  addPackage(dbc);
}
