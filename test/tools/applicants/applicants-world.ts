/** A chain as `miner chain` leaves it, a folder to work in, and the commands of applicants in this process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { Cleanup } from '../../../tools/cli/cleanup.ts';
import { registerBounty } from '../../../tools/cli/commands/bounty.ts';
import { addPackage } from '../../../tools/cli/commands/dbc-package.ts';
import { registerDip } from '../../../tools/cli/commands/dip.ts';
import { registerEnrol } from '../../../tools/cli/commands/enrol.ts';
import { registerKey } from '../../../tools/cli/commands/key.ts';
import { registerLicence } from '../../../tools/cli/commands/licence.ts';
import { writeRecord } from '../../../tools/cli/data-folder.ts';
import { licenceDip } from '../../../tools/cli/demo/dips.ts';
import { type ChainWorld, startChainWorld } from '../../../tools/cli/demo/world.ts';
import { loadArtifact, send } from '../../../tools/deploy/index.ts';
import { parseDipFile, toDip } from '../../../tools/dip/file/index.ts';
import { type Ran, runCommand } from '../rewards/rewards-world.ts';

const registers: ((program: Command) => void)[] = [
  registerBounty,
  registerEnrol,
  registerKey,
  registerLicence,
  (program) => addPackage(program.command('dbc')),
  registerDip,
];

export interface ApplicantsWorld extends ChainWorld, AsyncDisposable {
  /** Where this process works; chain.json is in its `.miner`. */
  folder: string;
  miner(...args: string[]): Promise<Ran>;
  /** Takes a DIP file through the vote. */
  vote(text: string): Promise<void>;
  /** Tokens from a holder. */
  give(to: `0x${string}`, amount: bigint): Promise<void>;
  /** Puts the chain back to where it was. */
  undone(run: () => Promise<void>): Promise<void>;
}

/** Licence 1 is the demonstration maker's. */
export async function applicantsWorld(): Promise<ApplicantsWorld> {
  const cleanup = new Cleanup();
  const world = await startChainWorld(cleanup);
  await world.carry(licenceDip(world));
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-applicants-'));
  writeRecord(path.join(folder, '.miner'), 'chain', { rpcUrl: world.rpcUrl, deployment: world.deployment });
  const before = process.cwd();
  process.chdir(folder);
  const { clients, deployment } = world;
  const request = clients.publicClient.request as unknown as (call: {
    method: string;
    params: unknown[];
  }) => Promise<unknown>;
  return {
    ...world,
    folder,
    miner: (...args) => runCommand(args, registers),
    async vote(text) {
      await world.carry(toDip(parseDipFile(text, 'a DIP'), deployment));
    },
    async give(to, amount) {
      const { abi } = loadArtifact('DimoToken');
      const args = [to, amount];
      await send(clients, {
        to: deployment.addresses.DimoToken,
        abi,
        name: 'transfer',
        args,
        account: world.actors.holders[0]!,
      });
    },
    async undone(run) {
      const snapshot = await request({ method: 'evm_snapshot', params: [] });
      try {
        await run();
      } finally {
        await request({ method: 'evm_revert', params: [snapshot] });
      }
    },
    async [Symbol.asyncDispose]() {
      process.chdir(before);
      rmSync(folder, { recursive: true, force: true });
      await cleanup.run();
    },
  };
}
