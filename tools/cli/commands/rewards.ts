/** `miner rewards ...`: from accepted packs and the chain to a root and to payments; and anyone's check of them. */
import { type Command, Option } from 'commander';
import type { Hex } from 'viem';
import type { Difference, EpochInputs, PackSource, Payment } from '../../rewards/index.ts';
import {
  type ChainFlags,
  jsonLine,
  openContext,
  openSending,
  type SenderFlags,
  withChain,
  withSender,
} from '../chain-context.ts';
import { addressArgument, platformArgument } from '../options.ts';
import {
  epochNumber,
  publishedEpochs,
  readEpoch,
  readPlatforms,
  rewardsFolder,
  type SourceFlags,
  withPacks,
  withSource,
} from '../rewards-context.ts';
import { table } from '../table.ts';

interface EpochFlags {
  epoch: number;
  inputs?: string;
  out?: string;
}

/** Numbers of the accounts that play these parts on the chain of `miner chain`. */
const parts = { driver: 6, guardian: 7, poster: 8 };

const weekSeconds = 604_800;

/** In words; a line too many in a file moves all that follow. */
const differencesShown = 100;

export function registerRewards(program: Command): void {
  const rewards = program.command('rewards').description('weekly rewards: compute, check, post, challenge, claim');
  const command = (name: string, description: string, example: string) =>
    rewards.command(name).description(description).addHelpText('after', `\nExample\n  $ miner rewards ${example}`);
  const withEpoch = (of: Command) =>
    of
      .requiredOption('--epoch <n>', 'the week, counted from the one in which the pool was set up', epochNumber)
      .option('--out <folder>', 'where epochs are published (default: rewards in --data)');
  const withInputs = (of: Command) =>
    withEpoch(of).option('--inputs <file>', 'published inputs (default: epoch-<n>/inputs.json in --out)');

  withSource(
    withChain(
      withEpoch(command('compute', 'activity, points, shares and root of an epoch that is over', 'compute --epoch 3')),
    ),
  ).action(compute);
  withSource(
    withChain(
      withInputs(
        command(
          'verify',
          'recompute an epoch from its inputs, and the inputs from packs and chain; 1 when anything differs',
          'verify --epoch 3 --inputs theirs/inputs.json --against chain',
        ),
      ),
    ).option('--against <root>', 'also compare with the root on "chain", or with this root'),
  ).action(verify);
  withChain(withEpoch(command('packs', 'list the accepted packs of an epoch, for others to count', 'packs --epoch 3')))
    .option('--ledger <file>', "a gateway's ledger (default: ledger.sqlite in --data)")
    .option('--from-epoch <n>', 'from this epoch on, as streaks without --previous need it', epochNumber)
    .action(packs);
  withChain(
    withInputs(command('proof', "a leaf and its proof, as the pool's claim takes it", 'proof --epoch 3 --for 0x..')),
  )
    .option('--for <address>', 'whose reward', addressArgument)
    .option('--platform <key>', 'or whose bounty: 64 hex digits, or a name', platformArgument)
    .action(proof);
  withSender(
    withInputs(command('post', 'post the root of an epoch', 'post --epoch 3')),
    'the poster',
    parts.poster,
  ).action(post);
  withSource(
    withSender(
      withInputs(
        command(
          'challenge',
          'recompute an epoch and have a wrong root vetoed',
          'challenge --epoch 3 --ledger my.sqlite',
        ),
      ),
      'the guardian',
      parts.guardian,
    ),
  ).action(challenge);
  withSender(command('claim', 'pay rewards that can be claimed, each once', 'claim'), 'who pays for gas', parts.driver)
    .option('--epoch <n>', 'this epoch alone (default: every published one)', epochNumber)
    .option('--out <folder>', 'where epochs are published (default: rewards in --data)')
    .option('--for <address>', 'whose rewards (default: those of the sender)', addressArgument)
    .option('--bounties', 'instead: the shares of platforms without a decoder, into their bounties')
    .action(claim);
  withChain(
    command(
      'wait',
      "until an epoch is over or can be claimed; moves a local chain's clock",
      'wait --epoch 3 --until end',
    ),
  )
    .requiredOption('--epoch <n>', 'the week, counted from the one in which the pool was set up', epochNumber)
    .addOption(new Option('--until <moment>', 'what to wait for').choices(['end', 'claimable']).default('end'))
    .action(wait);
  withChain(command('status', 'where every epoch stands', 'status'))
    .option('--out <folder>', 'where epochs are published (default: rewards in --data)')
    .action(status);
}

type ComputeFlags = ChainFlags & SourceFlags & EpochFlags;

/** Inputs gathered by ourselves, from the packs and the chain. */
async function gather(flags: ComputeFlags): Promise<EpochInputs> {
  const { gatherEpoch, readInputs } = await import('../../rewards/index.ts');
  const context = await openContext(flags);
  const platforms = await readPlatforms(flags.platforms);
  const previous = flags.previous === undefined ? undefined : readInputs(flags.previous).inputs;
  const run = (source: PackSource) =>
    gatherEpoch(context, {
      epoch: flags.epoch,
      packs: source,
      ...(previous && { previous }),
      ...(platforms && { platforms }),
    });
  const { inputs, ownerless } = await withPacks(flags, run);
  for (const device of ownerless) {
    process.stderr.write(`${device}: had no owner at the end of epoch ${flags.epoch}, so it has no row\n`);
  }
  return inputs;
}

async function compute(flags: ComputeFlags): Promise<void> {
  const { computeEpoch, epochFolder, publishEpoch } = await import('../../rewards/index.ts');
  const { toolError } = await import('../../errors/index.ts');
  const inputs = await gather(flags);
  const computed = computeEpoch(inputs);
  if (!computed) throw toolError('EPOCH_EMPTY', { epoch: flags.epoch });
  const record = publishEpoch(rewardsFolder(flags), inputs, computed);
  const folder = epochFolder(rewardsFolder(flags), flags.epoch);
  if (flags.json) {
    process.stdout.write(jsonLine({ ...record, folder }));
    return;
  }
  const { tokens } = await import('../../dip/index.ts');
  const rows = [
    ['epoch', `${record.epoch}, as of block ${inputs.block?.number}`],
    ['vehicles', `${record.vehicles}, of ${record.rewards} accounts; ${record.bounties} bounties`],
    ['total', `${tokens(computed.total)} of ${tokens(inputs.pool)} tokens`],
    ['root', record.root],
    ['inputs', `${record.inputsHash} (SHA-256)`],
    ['written to', folder],
  ];
  process.stdout.write(`${table(rows)}\n`);
}

async function verify(flags: ComputeFlags & { against?: string }): Promise<void> {
  const { compareFiles, compareInputs, compareRoot, postedEpoch } = await import('../../rewards/index.ts');
  const { toolError } = await import('../../errors/index.ts');
  const { against, epoch } = flags;
  if (against !== undefined && against !== 'chain' && !/^0x[0-9a-f]{64}$/i.test(against)) {
    throw toolError('OPTION_INVALID', {
      option: '--against',
      value: against,
      expected: '"chain" or 0x and 64 hex digits',
    });
  }
  const { inputs, computed, file } = await readEpoch(flags, epoch);
  const checks = ['root and leaves follow from the inputs'];
  const { dirname } = await import('node:path');
  const differences: Difference[] = compareFiles(dirname(file), inputs, computed);
  if (flags.ledger !== undefined || flags.packs !== undefined) {
    differences.push(...compareInputs(inputs, await gather(flags)));
    checks.push('the inputs are what packs and chain say');
  }
  if (against === 'chain') {
    const posted = await postedEpoch(await openContext(flags), epoch);
    if (!posted) throw toolError('ROOT_MISSING', { epoch });
    differences.push(...compareRoot(posted, computed));
    checks.push('they are what is posted');
  } else if (against !== undefined) {
    differences.push(...compareRoot({ root: against }, computed));
    checks.push('the root is the one given');
  }
  const agrees = differences.length === 0;
  if (!agrees) process.exitCode = 1;
  if (flags.json) {
    for (const difference of differences) process.stdout.write(jsonLine({ kind: 'difference', ...difference }));
    const { root, inputsHash } = computed;
    process.stdout.write(
      jsonLine({ kind: 'verdict', epoch, agrees, differences: differences.length, root, inputsHash }),
    );
    return;
  }
  // What stands in their files was written by whoever wanted to.
  const { cut, printable } = await import('../../dbc/index.ts');
  const shown = (text: string) => cut(printable(text), 200);
  for (const { at, in: where, what, theirs, ours } of differences.slice(0, differencesShown)) {
    process.stdout.write(`${where}, ${at}: ${what} is ${shown(theirs)}, expected ${shown(ours)}\n`);
  }
  if (differences.length > differencesShown) {
    process.stdout.write(`... and ${differences.length - differencesShown} more; --json lists them all\n`);
  }
  const words = agrees ? `holds: ${checks.join('; ')}` : `does NOT hold: ${differences.length} differences`;
  process.stdout.write(`epoch ${epoch} ${words}\nroot ${computed.root}\n`);
}

async function packs(flags: ChainFlags & EpochFlags & { ledger?: string; fromEpoch?: number }): Promise<void> {
  const [{ formatListedPack, readPool }, { Ledger }, { textOutput }, { toolError }, path, { existsSync }] =
    await Promise.all([
      import('../../rewards/index.ts'),
      import('../../gateway/index.ts'),
      import('../text-output.ts'),
      import('../../errors/index.ts'),
      import('node:path'),
      import('node:fs'),
    ]);
  const { epoch, fromEpoch = epoch } = flags;
  const file = flags.ledger ?? path.join(flags.data, 'ledger.sqlite');
  if (!existsSync(file)) throw toolError('REWARD_SOURCE', { option: '--ledger', problem: `${file} is not there` });
  const endsAt = Number(await readPool<bigint>(await openContext(flags), 'endOf', [BigInt(epoch)]));
  const startsAt = endsAt - (epoch - fromEpoch + 1) * weekSeconds;
  const ledger = new Ledger(file);
  const output = textOutput();
  try {
    let count = 0;
    for (const pack of ledger.acceptedPacks(startsAt * 1000, endsAt * 1000)) {
      output.write(formatListedPack(pack));
      if (++count % 10_000 === 0) await output.pause();
    }
  } finally {
    await output.end();
    ledger.close();
  }
}

async function proof(flags: ChainFlags & EpochFlags & { for?: Hex; platform?: Hex }): Promise<void> {
  const { toolError } = await import('../../errors/index.ts');
  const { for: account, platform, epoch } = flags;
  if ((account === undefined) === (platform === undefined)) {
    throw toolError('OPTION_MISSING', { option: '--for or --platform', reason: 'one of them says which leaf' });
  }
  const { inputs, computed } = await readEpoch(flags, epoch);
  const leaf = account
    ? computed.leaves.find((one) => one.account === account.toLowerCase())
    : computed.bountyLeaves.find((one) => one.platform === platform);
  if (!leaf) throw toolError('REWARD_LEAF', { epoch, who: (account ?? platform)! });
  const place = { chainId: inputs.chainId, rewardPool: inputs.rewardPool, epoch, root: computed.root };
  const text = jsonLine({ ...place, ...leaf, proof: computed.proof(leaf.index) });
  process.stdout.write(flags.json ? text : `${JSON.stringify(JSON.parse(text), null, 2)}\n`);
}

async function post(flags: SenderFlags & EpochFlags): Promise<void> {
  const { postedEpoch, postRoot } = await import('../../rewards/index.ts');
  const { inputs, computed } = await readEpoch(flags, flags.epoch);
  const { context, sender } = await openSending(flags, parts.poster);
  const outcome = await postRoot(context, inputs, computed, sender);
  const { claimableFrom } = (await postedEpoch(context, flags.epoch))!;
  const { root, total, inputsHash } = computed;
  if (flags.json)
    process.stdout.write(jsonLine({ epoch: flags.epoch, outcome, root, total, inputsHash, claimableFrom }));
  else {
    const { tokens, utc } = await import('../../dip/index.ts');
    process.stdout.write(
      `epoch ${flags.epoch}: root ${root} ${outcome}, ${tokens(total)} tokens; can be claimed from ${utc(claimableFrom)}\n`,
    );
  }
}

async function challenge(flags: SenderFlags & ComputeFlags): Promise<void> {
  const { challengeRoot, computeEpoch } = await import('../../rewards/index.ts');
  const { toolError } = await import('../../errors/index.ts');
  const { epoch } = flags;
  const isOwn = flags.ledger !== undefined || flags.packs !== undefined;
  const computed = isOwn ? computeEpoch(await gather(flags)) : (await readEpoch(flags, epoch)).computed;
  if (!computed) throw toolError('EPOCH_EMPTY', { epoch });
  const { context, sender } = await openSending(flags, parts.guardian);
  const { root, total, inputsHash } = computed;
  const { vetoed, reason } = await challengeRoot(context, { epoch, root, total, inputsHash }, sender);
  process.stdout.write(
    flags.json
      ? jsonLine({ epoch, vetoed, root, reason })
      : `epoch ${epoch}: root ${vetoed} is vetoed; ${reason}\nIt can be posted anew.\n`,
  );
}

async function claim(
  flags: SenderFlags & { epoch?: number; out?: string; for?: Hex; bounties?: boolean },
): Promise<void> {
  const { payLeaves } = await import('../../rewards/index.ts');
  const { tokens } = await import('../../dip/index.ts');
  const epochs = flags.epoch === undefined ? publishedEpochs(rewardsFolder(flags)) : [flags.epoch];
  const { context, sender } = await openSending(flags, parts.driver);
  const payee = flags.bounties ? ({ bounties: true } as const) : { account: flags.for ?? sender.address };
  const payments: Payment[] = [];
  for (const epoch of epochs) {
    for (const payment of await payLeaves(context, await readEpoch(flags, epoch), payee, sender)) {
      payments.push(payment);
      const { kind, to, amount, outcome } = payment;
      process.stdout.write(
        flags.json ? jsonLine(payment) : `epoch ${epoch}: ${tokens(amount)} tokens, ${kind} of ${to}: ${outcome}\n`,
      );
    }
  }
  if (payments.some(({ outcome }) => outcome === 'paid' || outcome === 'paid before')) return;
  process.exitCode = 1;
  if (payments.length === 0) {
    const who = flags.bounties ? 'a bounty' : (payee as { account: Hex }).account;
    process.stderr.write(`no published epoch has a leaf of ${who}; looked in ${rewardsFolder(flags)}\n`);
  }
}

/** A local chain's clock is moved; on another chain nobody can, so the answer is when. */
async function wait(flags: ChainFlags & { epoch: number; until: 'end' | 'claimable' }): Promise<void> {
  const { epochStatus } = await import('../../rewards/index.ts');
  const { advanceTime, localChainId } = await import('../../deploy/index.ts');
  const { toolError } = await import('../../errors/index.ts');
  const { utc } = await import('../../dip/index.ts');
  const { epoch, until } = flags;
  const context = await openContext(flags);
  const { endsAt, posted } = await epochStatus(context, epoch);
  if (until === 'claimable' && !posted) throw toolError('ROOT_MISSING', { epoch });
  const at = until === 'end' ? endsAt : posted!.claimableFrom;
  const { timestamp } = await context.clients.publicClient.getBlock();
  const missing = at - Number(timestamp);
  const isLocal = context.deployment.chainId === localChainId;
  if (missing > 0 && isLocal) await advanceTime(context.clients.publicClient, missing);
  const isReached = missing <= 0 || isLocal;
  if (!isReached) process.exitCode = 1;
  const what = until === 'end' ? 'is over' : 'can be claimed';
  process.stdout.write(
    flags.json
      ? jsonLine({ epoch, until, at, reached: isReached })
      : `epoch ${epoch} ${isReached ? what : `${what} only`} from ${utc(at)}\n`,
  );
}

async function status(flags: ChainFlags & { out?: string }): Promise<void> {
  const { epochStatus, readPool } = await import('../../rewards/index.ts');
  const { tokens, utc } = await import('../../dip/index.ts');
  const context = await openContext(flags);
  const current = Number(await readPool<bigint>(context, 'currentEpoch'));
  const folder = rewardsFolder(flags);
  const published = new Set(publishedEpochs(folder));
  const rows: (string | number)[][] = [['epoch', 'state', 'ends', 'total', 'left', 'as published here']];
  for (let epoch = 0; epoch <= current; epoch++) {
    const { state, posted, endsAt, emission } = await epochStatus(context, epoch);
    const root = published.has(epoch) ? (await readEpoch(flags, epoch)).computed.root : undefined;
    const agrees = posted && root ? posted.root === root : null;
    if (flags.json) process.stdout.write(jsonLine({ epoch, state, endsAt, emission, posted: posted ?? null, agrees }));
    const [total, left] = posted ? [tokens(posted.total), tokens(posted.remaining)] : ['', ''];
    const words = agrees === null ? (root ? 'not posted' : '') : agrees ? 'yes' : 'NO: another root is posted';
    rows.push([epoch, state, utc(endsAt), total, left, words]);
  }
  if (!flags.json) process.stdout.write(`${table(rows)}\n`);
}
