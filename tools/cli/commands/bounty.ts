/** `miner bounty ...`: what is paid for decoders of a platform, and the way of a work from commitment to award. */
import type { Command } from 'commander';
import type { Address, Hex } from 'viem';
import type { PlatformBounty } from '../../applicants/index.ts';
import {
  type ChainFlags,
  jsonLine,
  openContext,
  openSending,
  type SenderFlags,
  withChain,
  withSender,
} from '../chain-context.ts';
import { addressArgument, dimoArgument, integerBetween, platformArgument } from '../options.ts';
import { table } from '../table.ts';
import { guarded } from './dip/open.ts';

/** Numbers of the accounts that play these parts on the chain of `miner chain`. */
const parts = { funder: 1, author: 5 };

interface WorkFlags extends SenderFlags {
  platform?: Hex;
  decoder?: string;
  author?: Address;
  secret?: string;
}

export function registerBounty(program: Command): void {
  const bounty = program.command('bounty').description('bounties for decoders: fund one, commit to a work, reveal it');
  const command = (name: string, description: string, example: string) =>
    bounty.command(name).description(description).addHelpText('after', `\nExample\n  $ miner bounty ${example}`);
  const withWork = (of: Command) =>
    of
      .option('--platform <name>', 'for which vehicles: a name, or a key of 64 hex digits', platformArgument)
      .option('--decoder <path>', 'the DBC, or its package, or the SHA-256 of the DBC')
      .option('--author <address>', 'whose work it is; the sender when left out', addressArgument)
      .option(
        '--secret <file>',
        'holds the salt, for you alone to read (default: a file in --data, named by the work)',
      );

  withChain(command('list', 'every platform that was funded or worked for', 'list')).action(guarded(list));
  withChain(
    command('show', "one platform's rounds and works, and what can be done next", 'show "Acme Roadster 2026"').argument(
      '<platform>',
      'a name, or a key of 64 hex digits',
      platformArgument,
    ),
  ).action(guarded(show));
  withSender(
    command('fund', 'pay into a bounty; every run pays', 'fund --platform "Acme Roadster 2026" --amount "500 DIMO"'),
    'who pays',
    parts.funder,
  )
    .requiredOption('--platform <name>', 'for which vehicles: a name, or a key of 64 hex digits', platformArgument)
    .requiredOption('--amount <tokens>', 'with the unit: "500 DIMO"', dimoArgument)
    .action(guarded(fund));
  withWork(
    withSender(
      command(
        'commit',
        'commit to a decoder without showing it; a second run finds it committed',
        'commit --platform "Acme Roadster 2026" --decoder car.dbc',
      ),
      'who commits',
      parts.author,
    ),
  ).action(guarded(commit));
  withWork(
    withSender(
      command(
        'reveal',
        'show a committed decoder, a block later or more; a second run finds it shown',
        'reveal --platform "Acme Roadster 2026" --decoder car.dbc',
      ),
      'who pays for gas',
      parts.author,
    ),
  ).action(guarded(reveal));
  withSender(
    command(
      'refund',
      'take back what was paid into rounds that ended without an award',
      'refund --platform "Acme Roadster 2026"',
    ),
    'who paid, or who pays for gas',
    parts.funder,
  )
    .requiredOption('--platform <name>', 'for which vehicles: a name, or a key of 64 hex digits', platformArgument)
    .option('--round <n>', 'this one alone', integerBetween(1, 2 ** 48))
    .option('--funder <address>', 'who is paid; the sender when left out', addressArgument)
    .action(guarded(refund));
}

async function list(flags: ChainFlags): Promise<void> {
  const { listBounties } = await import('../../applicants/index.ts');
  const { tokens, utc } = await import('../../dip/index.ts');
  const bounties = await listBounties(await openContext(flags));
  if (flags.json) {
    for (const bounty of bounties) process.stdout.write(jsonLine(bounty));
    return;
  }
  const rows = bounties.map(({ platform, balance, rounds, works }) => {
    const last = rounds.at(-1);
    return [platform, `${tokens(balance)} DIMO`, last ? `${last.state}, ${utc(last.endsAt)}` : 'none', works.length];
  });
  process.stdout.write(
    rows.length === 0 ? 'no bounty yet\n' : `${table([['platform', 'pays now', 'last round', 'works'], ...rows])}\n`,
  );
}

async function show(platform: Hex, flags: ChainFlags): Promise<void> {
  const { readBounty } = await import('../../applicants/index.ts');
  const bounty = await readBounty(await openContext(flags), platform);
  process.stdout.write(flags.json ? jsonLine(bounty) : await bountyText(bounty));
}

async function bountyText({ platform, balance, rounds, works }: PlatformBounty): Promise<string> {
  const { tokens, utc } = await import('../../dip/index.ts');
  const lines = [`platform ${platform}: an award would pay ${tokens(balance)} DIMO now`];
  for (const { round, total, endsAt, state } of rounds) {
    const words = { open: 'open until', awarded: 'awarded; would have ended', ended: 'ended without an award' }[state];
    lines.push(`round ${round}: ${tokens(total)} DIMO, ${words} ${utc(endsAt)}`);
  }
  for (const { contentHash, author, blockNumber } of works) {
    lines.push(`work ${contentHash} of ${author}, committed in block ${blockNumber}`);
  }
  const open = rounds.some(({ state }) => state === 'open');
  const next = !open
    ? 'anyone can open a round: miner bounty fund'
    : works.length === 0
      ? 'an author can commit to a work: miner bounty commit'
      : 'an author can ask for the award: miner dip new decoder PACKAGE --bounty';
  lines.push(`next: ${next}`);
  if (rounds.some(({ state, total }) => state === 'ended' && total > 0n)) {
    lines.push('      who paid into a round that ended can take it back: miner bounty refund');
  }
  return `${lines.join('\n')}\n`;
}

async function fund(flags: SenderFlags & { platform: Hex; amount: bigint }): Promise<void> {
  const { payIntoBounty } = await import('../../applicants/index.ts');
  const { tokens, utc } = await import('../../dip/index.ts');
  const { platform, amount } = flags;
  const { context, sender } = await openSending(flags, parts.funder);
  const round = await payIntoBounty(context, { platform, amount }, sender);
  process.stdout.write(
    flags.json
      ? jsonLine({ platform, amount, ...round })
      : `paid ${tokens(amount)} DIMO into round ${round.round} of platform ${platform}: ` +
          `it holds ${tokens(round.total)} until ${utc(round.endsAt)}\n`,
  );
}

/** The work that the flags name, with its salt: from the secret file alone, or by platform, decoder and author. */
async function openWork(flags: WorkFlags, openSecret: 'readOrMakeSecret' | 'readSecret') {
  const applicants = await import('../../applicants/index.ts');
  const { toolError } = await import('../../errors/index.ts');
  const { context, sender } = await openSending(flags, parts.author);
  const { deployment } = context;
  const { platform, decoder, secret } = flags;
  if (secret !== undefined && platform === undefined && decoder === undefined && openSecret === 'readSecret') {
    return { context, sender, file: secret, work: applicants.readSecret(secret, deployment) };
  }
  if (platform === undefined || decoder === undefined) {
    const option = platform === undefined ? '--platform' : '--decoder';
    throw toolError('OPTION_MISSING', { option, reason: 'platform and decoder say which work is meant' });
  }
  const asked = { platform, contentHash: applicants.decoderHash(decoder), author: flags.author ?? sender.address };
  const file = secret ?? applicants.secretPath(flags.data, asked);
  return { context, sender, file, work: applicants[openSecret](file, deployment, asked) };
}

async function commit(flags: WorkFlags): Promise<void> {
  const { commitWork } = await import('../../applicants/index.ts');
  const { context, sender, file, work } = await openWork(flags, 'readOrMakeSecret');
  const { outcome, commitment, blockNumber } = await commitWork(context, work, sender);
  const { platform, contentHash, author } = work;
  process.stdout.write(
    flags.json
      ? jsonLine({ outcome, commitment, blockNumber, platform, contentHash, author, secret: file })
      : `${outcome} in block ${blockNumber}: ${commitment}\nkeep ${file}: it is needed to reveal\n`,
  );
}

async function reveal(flags: WorkFlags): Promise<void> {
  const [{ revealWork }, { stopOnSignals }, { toolError }] = await Promise.all([
    import('../../applicants/index.ts'),
    import('../stop.ts'),
    import('../../errors/index.ts'),
  ]);
  const { context, sender, work } = await openWork(flags, 'readSecret');
  const stop = stopOnSignals((text) => process.stderr.write(`${text}\n`));
  const pause = async () => {
    process.stderr.write('waiting for the block after the commitment\n');
    await Promise.race([new Promise((resolve) => setTimeout(resolve, 1_000)), stop.requested]);
    if (stop.signal.aborted) throw toolError('INTERRUPTED', {});
  };
  const { outcome, work: shown } = await revealWork(context, work, sender, { pause }).finally(stop.release);
  process.stdout.write(
    flags.json
      ? jsonLine({ outcome, platform: work.platform, ...shown })
      : `${outcome}: decoder ${shown.contentHash} is ${shown.author}'s, since block ${shown.blockNumber}\n`,
  );
}

async function refund(flags: SenderFlags & { platform: Hex; round?: number; funder?: Address }): Promise<void> {
  const { refundBounty } = await import('../../applicants/index.ts');
  const { tokens } = await import('../../dip/index.ts');
  const { context, sender } = await openSending(flags, parts.funder);
  const { platform, round, funder = sender.address } = flags;
  const refunds = await refundBounty(context, { platform, funder, ...(round !== undefined && { round }) }, sender);
  for (const one of refunds) {
    process.stdout.write(
      flags.json
        ? jsonLine({ platform, funder, ...one })
        : `${tokens(one.amount)} DIMO of round ${one.round} are back with ${funder}\n`,
    );
  }
}
