/** `miner enrol`: gives a device key its identity on a local chain. */
import path from 'node:path';
import type { Command } from 'commander';
import { defaultFolder } from '../data-folder.ts';

interface EnrolFlags {
  data: string;
  key?: string;
  json?: boolean;
}

export function registerEnrol(program: Command): void {
  program
    .command('enrol')
    .description("enrol a device on the local chain: the demonstration maker's key and the device's sign")
    .option('--key <file>', 'device key, made when it is not there; <data>/device.key when left out')
    .option('--data <folder>', 'where `miner chain` wrote', defaultFolder)
    .option('--json', 'one object: device, owner, manufacturer')
    .addHelpText('after', '\nExample\n  $ miner enrol --data .miner')
    .action(enrol);
}

async function enrol({ data, key, json }: EnrolFlags): Promise<void> {
  const [folder, { connectChain }, { localActors }, { demoMaker }, { enrolDevice }] = await Promise.all([
    import('../data-folder.ts'),
    import('../../deploy/index.ts'),
    import('../demo/world.ts'),
    import('../demo/dips.ts'),
    import('../../registry/index.ts'),
  ]);
  const { rpcUrl, deployment } = folder.readChain(data);
  const { account } = folder.readOrMakeKey(key ?? path.join(data, 'device.key'));
  const { maker, driver } = localActors();
  const clients = await connectChain({ url: rpcUrl, account: maker, chainId: deployment.chainId });
  const request = { device: account, licenceSigner: maker, ...demoMaker, owner: driver.address };
  await enrolDevice(clients, deployment, request);
  const facts = { device: account.address, owner: driver.address, manufacturer: Number(demoMaker.manufacturerId) };
  process.stdout.write(
    json
      ? `${JSON.stringify(facts)}\n`
      : `enrolled ${facts.device} under licence ${facts.manufacturer}, owner ${facts.owner}\n`,
  );
}
