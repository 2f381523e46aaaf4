/** `miner dip ...`: what the holders vote on: read it from the chain, propose it, vote on it, carry it out. */
import type { Command } from 'commander';
import { registerDipCarryOut } from './dip/carry-out.ts';
import { registerDipCheck } from './dip/check.ts';
import { registerDipGate } from './dip/gate.ts';
import { registerDipList } from './dip/list.ts';
import { registerDipNew } from './dip/new.ts';
import { registerDipConsent, registerDipNewDecoder } from './dip/new-decoder.ts';
import { registerDipNewLicence } from './dip/new-licence.ts';
import { registerDipPropose } from './dip/propose.ts';
import { registerDipShow } from './dip/show.ts';
import { registerDipStatus } from './dip/status.ts';
import { registerDipVote } from './dip/vote.ts';
import { registerDipWait } from './dip/wait.ts';
import { registerDipWatch } from './dip/watch.ts';

/** In the order of a DIP's life. */
const commands: ((dip: Command) => unknown)[] = [
  registerNew,
  registerDipConsent,
  registerDipGate,
  registerDipCheck,
  registerDipList,
  registerDipShow,
  registerDipStatus,
  registerDipPropose,
  registerDipVote,
  registerDipCarryOut,
  registerDipWatch,
  registerDipWait,
];

export function registerDip(program: Command): void {
  const dip = program.command('dip').description('proposals: read them in plain words, propose, vote, carry out');
  for (const register of commands) register(dip);
}

/** A form for any action, and commands for what takes more than a form. */
function registerNew(dip: Command): void {
  const group = registerDipNew(dip);
  registerDipNewDecoder(group);
  registerDipNewLicence(group);
}
