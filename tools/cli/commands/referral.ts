/** `miner referral ...`: who brought a driver, and what both get for it after the driver's first rewarded week. */
import type { Command } from 'commander';
import type { Hex } from 'viem';
import type { PublishedEpoch } from '../../rewards/index.ts';
import {
  type ChainFlags,
  jsonLine,
  openContext,
  openSending,
  type SenderFlags,
  withChain,
  withSender,
} from '../chain-context.ts';
import { addressArgument } from '../options.ts';
import { publishedEpochs, readEpoch, rewardsFolder } from '../rewards-context.ts';
import { table } from '../table.ts';

/** Number of the account that plays this part on the chain of `miner chain`. */
const driver = 6;

export function registerReferral(program: Command): void {
  const referral = program.command('referral').description('referrals: accept one, have it paid, see where it stands');
  const command = (name: string, description: string, example: string) =>
    referral.command(name).description(description).addHelpText('after', `\nExample\n  $ miner referral ${example}`);
  withSender(
    command('register', 'the owner of a new device names who brought them', 'register --device 0x.. --referrer 0x..'),
    'the owner of the device',
    driver,
  )
    .requiredOption('--device <address>', 'enrolled less than 30 days ago', addressArgument)
    .requiredOption('--referrer <address>', 'who brought the driver', addressArgument)
    .action(register);
  withSender(
    command('claim', 'have both paid, with the proof of a rewarded week', 'claim --device 0x..'),
    'who pays for gas',
    driver,
  )
    .requiredOption('--device <address>', 'that was referred', addressArgument)
    .option('--out <folder>', 'where epochs are published (default: rewards in --data)')
    .action(claim);
  withChain(command('show', "the program's terms, and one referral", 'show --device 0x..'))
    .option('--device <address>', 'that was referred', addressArgument)
    .option('--for <address>', 'or the account that accepted', addressArgument)
    .action(show);
}

async function register(flags: SenderFlags & { device: Hex; referrer: Hex }): Promise<void> {
  const { registerReferral } = await import('../../rewards/index.ts');
  const { context, sender } = await openSending(flags, driver);
  const { device, referrer } = flags;
  const outcome = await registerReferral(context, { device, referrer }, sender);
  process.stdout.write(
    flags.json
      ? jsonLine({ outcome, device, referee: sender.address, referrer })
      : `${outcome}: ${sender.address} was brought by ${referrer}, with device ${device}\n`,
  );
}

async function claim(flags: SenderFlags & { device: Hex; out?: string }): Promise<void> {
  const { payReferral } = await import('../../rewards/index.ts');
  const epochs: PublishedEpoch[] = [];
  for (const epoch of publishedEpochs(rewardsFolder(flags))) epochs.push(await readEpoch(flags, epoch));
  const { context, sender } = await openSending(flags, driver);
  const result = await payReferral(context, flags.device, epochs, sender);
  const { outcome, referral } = result;
  if (outcome === 'no rewarded week yet') process.exitCode = 1;
  if (flags.json) {
    process.stdout.write(jsonLine(result));
    return;
  }
  const { tokens } = await import('../../dip/index.ts');
  const amounts = `${tokens(referral.refereeAmount)} to ${referral.referee}, ${tokens(referral.referrerAmount)} to ${referral.referrer}`;
  process.stdout.write(`${outcome}: ${amounts}\n`);
}

async function show(flags: ChainFlags & { device?: Hex; for?: Hex }): Promise<void> {
  const { programStanding, referralOf, referredDeviceOf } = await import('../../rewards/index.ts');
  const { toolError } = await import('../../errors/index.ts');
  const context = await openContext(flags);
  const device = flags.device ?? (flags.for && (await referredDeviceOf(context, flags.for)));
  if (flags.for && !device) throw toolError('REFERRAL_MISSING', { device: `of ${flags.for}` });
  const program = await programStanding(context);
  const referral = device ? await referralOf(context, device) : undefined;
  if (device && !referral) throw toolError('REFERRAL_MISSING', { device });
  if (flags.json) {
    process.stdout.write(jsonLine({ program, referral: referral ?? null }));
    return;
  }
  const { tokens, utc } = await import('../../dip/index.ts');
  const { refereeAmount, referrerAmount, paidMax, paidTotal, balance, closedAt } = program;
  const rows = [
    ['a referral pays', `${tokens(refereeAmount)} to the driver, ${tokens(referrerAmount)} to who brought them`],
    ['paid so far', `${tokens(paidTotal)} of at most ${tokens(paidMax)} tokens; it holds ${tokens(balance)}`],
    ...(closedAt ? [['closed', utc(closedAt)]] : []),
  ];
  if (referral) {
    rows.push(
      ['device', referral.device],
      ['driver', referral.referee],
      ['brought by', referral.referrer],
      ['accepted', utc(referral.acceptedAt)],
      ['paid', referral.paid ? 'yes' : 'not yet: after the first rewarded week'],
    );
  }
  process.stdout.write(`${table(rows)}\n`);
}
