/** `miner chain`: a local chain with the whole platform on it, for the other commands to work against. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { defaultFolder } from '../data-folder.ts';
import { integerBetween } from '../options.ts';
import { stopOnSignals } from '../stop.ts';

interface ChainFlags {
  port: number;
  data: string;
  dbc: string[];
  checkpointSigners?: SignerQuorum;
  json?: boolean;
}

interface SignerQuorum {
  threshold: number;
  count: number;
}

/** `k/n`, for the last accounts of the local chain: those that play no other part. */
function parseQuorum(text: string): SignerQuorum {
  const [, threshold, count] = /^(\d)\/(\d)$/.exec(text)?.map(Number) ?? [];
  const isQuorum = threshold >= 1 && threshold <= count && count <= 3;
  if (!isQuorum) throw new InvalidArgumentError('Expected k/n with n from 1 to 3 and k from 1 to n, such as 2/3.');
  return { threshold, count };
}

export function registerChain(program: Command): void {
  program
    .command('chain')
    .description('a local chain with contracts, a licensed maker and listed decoders; runs until Ctrl-C')
    .option('--port <n>', 'TCP port of its JSON-RPC; 0 takes any free one', integerBetween(0, 65_535), 8545)
    .option('--dbc <file...>', 'decoders to list by DIP; the built-in electric car when left out', [])
    .option('--checkpoint-signers <k/n>', 'have a DIP list n demonstration signers of which k must sign', parseQuorum)
    .option('--data <folder>', 'where the other commands find it', defaultFolder)
    .option('--json', 'one object when it is ready')
    .addHelpText(
      'after',
      '\nEverything on it is gone when it stops. Its keys are public: never send anything of worth there.\n\nExample\n  $ miner chain --dbc car.dbc',
    )
    .action(chain);
}

async function chain({ port, data, dbc, checkpointSigners, json }: ChainFlags): Promise<void> {
  const say = (text: string) => (json ? process.stderr : process.stdout).write(`${text}\n`);
  const stop = stopOnSignals(say);
  const [{ Cleanup }, { startChainWorld }, { decoderDip, decoderListing, licenceDip }, registry, folder, vehicle] =
    await Promise.all([
      import('../cleanup.ts'),
      import('../demo/world.ts'),
      import('../demo/dips.ts'),
      import('../../registry/index.ts'),
      import('../data-folder.ts'),
      import('../../vehicle/index.ts'),
    ]);
  const { readInput } = await import('../../files.ts');
  const { identifyDecoder } = await import('../../decoder.ts');
  const cleanup = new Cleanup();
  try {
    const files = (dbc.length > 0 ? dbc : [vehicle.electricCarDbc]).map((file) => {
      const bytes = readInput(file);
      return { name: path.basename(file, '.dbc'), bytes, identity: identifyDecoder(bytes) };
    });
    say('starting the chain, deploying and proving the contracts ...');
    const world = await startChainWorld(cleanup, port);
    const carry = async (dip: Parameters<typeof world.carry>[0]) => {
      const { level } = await world.carry(dip);
      say(`DIP executed (level ${level}): ${dip.title}`);
    };
    await carry(licenceDip(world));
    for (const file of files) {
      const listing = decoderListing(world, file);
      await carry(
        decoderDip(
          world,
          listing,
          await registry.signConsent(world.clients, world.deployment, listing, world.actors.author),
        ),
      );
    }
    // What a Miner remembers of the chain that was here before would keep it from trusting this one.
    rmSync(path.join(data, 'trust'), { recursive: true, force: true });
    rmSync(path.join(data, 'checkpoint-signers.json'), { force: true });
    if (checkpointSigners) {
      const { listSigners } = await import('../demo/checkpoint-signers.ts');
      say(await listSigners({ world, carry, data, ...checkpointSigners }));
    }
    folder.writeRecord(data, 'chain', { rpcUrl: world.rpcUrl, deployment: world.deployment });
    if (json) process.stdout.write(`${JSON.stringify({ rpcUrl: world.rpcUrl, ...world.deployment })}\n`);
    say(`ready at ${world.rpcUrl}, chain ${world.deployment.chainId}; written to ${path.join(data, 'chain.json')}`);
    await stop.requested;
  } finally {
    await cleanup.run();
    stop.release();
  }
}
