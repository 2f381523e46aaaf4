/** `miner enrol ...`: gives device keys their identity on chain, one by one or a production line at once. */
import path from 'node:path';
import type { Command } from 'commander';
import type { Address } from 'viem';
import { openSending, type SenderFlags, withSender } from '../chain-context.ts';
import { addressArgument } from '../options.ts';
import { guarded } from './dip/open.ts';
import { enrolledBefore, licenceNumber, maker, modelOption, tellEnrolled } from './enrol/enrolled.ts';
import { registerEnrolLine } from './enrol/production-line.ts';

interface EnrolFlags extends SenderFlags {
  key?: string;
  licence: number;
  model?: string;
  owner?: Address;
}

export function registerEnrol(program: Command): void {
  const enrol = program
    .command('enrol')
    .description("enrol a device: the maker's key and the device's sign; or devices of a production line")
    .addHelpText(
      'after',
      `
Options of "miner enrol" itself: see "miner enrol device --help".

Examples
  $ miner enrol --data .miner
  $ miner enrol batch --keys devices.csv --licence 1 --model box-2 --out batch
  $ miner enrol post --batch batch --keystore maker.json
  $ miner enrol one --batch batch --key device.key --owner 0x..`,
    );
  // A command of its own: options of the group would be taken for the group's wherever they stand.
  withSender(enrol.command('device', { isDefault: true }), "the maker's attestation signer", maker)
    .description('one device by itself; what "miner enrol" does when no other command is named')
    .option('--key <file>', 'device key, made when it is not there; <data>/device.key when left out')
    .option('--licence <n>', 'under which it is made', licenceNumber, 1)
    .option('--model <name>', "the maker's name for the model; the demonstration maker's when left out")
    .option('--owner <address>', "who will own the device; a local chain's driver when left out", addressArgument)
    .addHelpText('after', '\nExample\n  $ miner enrol --key device.key --licence 1 --model box-2 --owner 0x..')
    .action(guarded(enrolSingle));
  registerEnrolLine(enrol);
}

async function enrolSingle(flags: EnrolFlags): Promise<void> {
  const [folder, { localActors }, { demoMaker }, { enrolDevice }] = await Promise.all([
    import('../data-folder.ts'),
    import('../demo/world.ts'),
    import('../demo/dips.ts'),
    import('../../registry/index.ts'),
  ]);
  const { data, key, json, licence } = flags;
  const modelId = (await modelOption(flags.model)) ?? demoMaker.modelId;
  const { context, sender } = await openSending(flags, maker);
  const owner = flags.owner ?? (await ownerOnLocalChain(context.deployment.chainId, localActors));
  const { account } = folder.readOrMakeKey(key ?? path.join(data, 'device.key'));
  const known = await enrolledBefore(context, account.address);
  if (known) return tellEnrolled(json, 'enrolled before', known);
  const request = { device: account, licenceSigner: sender, manufacturerId: BigInt(licence), modelId, owner };
  await enrolDevice(context.clients, context.deployment, request, sender);
  tellEnrolled(json, 'enrolled', { device: account.address, owner, manufacturer: licence });
}

async function ownerOnLocalChain(
  chainId: number,
  localActors: () => { driver: { address: Address } },
): Promise<Address> {
  const { localChainId } = await import('../../deploy/index.ts');
  if (chainId === localChainId) return localActors().driver.address;
  const { toolError } = await import('../../errors/index.ts');
  throw toolError('OPTION_MISSING', { option: '--owner', reason: 'on this chain nobody stands in for the owner' });
}
