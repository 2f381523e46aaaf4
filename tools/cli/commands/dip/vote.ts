/** `miner dip vote`: all of one's votes or parts of them, sent or signed for somebody else to send. */
import { existsSync } from 'node:fs';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import type { Fractions, Support } from '../../../dip/index.ts';
import { toolError } from '../../../errors/index.ts';
import { jsonLine } from '../../chain-context.ts';
import { guarded, openDipsToSend, type SendingFlags, withSending } from './open.ts';
import { takeStep } from './take-step.ts';

interface VoteFlags extends SendingFlags {
  reason?: string;
  fraction?: Fractions;
  again?: boolean;
  bySignature?: string;
  submit?: string;
}

const supports: readonly Support[] = ['for', 'against', 'abstain'];

/** Such as `for=60%,against=40%`; hundredths of a percent at the finest. */
export function parseFractions(text: string): Fractions {
  const fractions: Fractions = {};
  for (const part of text.split(',')) {
    const [, side, number] = /^\s*(\w+)\s*=\s*(\d{1,3}(?:\.\d{1,2})?)\s*%\s*$/.exec(part) ?? [];
    if (!supports.includes(side as Support) || fractions[side as Support] !== undefined) {
      throw new InvalidArgumentError('Expected each of for, against, abstain at most once: for=60%,against=40%.');
    }
    fractions[side as Support] = Number(number);
  }
  const hundredths = Object.values(fractions).reduce((sum, percent) => sum + Math.round(percent * 100), 0);
  if (hundredths > 0 && hundredths <= 10_000) return fractions;
  throw new InvalidArgumentError(`Expected above 0 and at most 100 % in all, found ${hundredths / 100} %.`);
}

export function registerDipVote(dip: Command): void {
  withSending(
    dip
      .command('vote')
      .argument('[id]', 'number in the list, or the id on chain')
      .addArgument(new Argument('[side]', 'where all votes that are left go').choices(supports))
      .description('vote with your own and delegated votes; what is cast cannot be changed'),
    'the voter',
  )
    .option('--reason <text>', 'published with the vote')
    .option('--fraction <parts>', 'instead of a side: for=60%,against=40%, of all your votes', parseFractions)
    .option('--again', 'cast the same fraction once more')
    .option('--by-signature <file>', 'sign the ballot into a file and send nothing: anyone can submit it')
    .option('--submit <file>', "send somebody's signed ballot and pay for it")
    .addHelpText(
      'after',
      `
Examples
  $ miner dip vote 1 for --reason "as discussed" --keystore alice.json
  $ miner dip vote 1 --fraction for=60%,against=40% --keystore pool.json
  $ miner dip vote 1 for --by-signature ballot.json --keystore alice.json
  $ miner dip vote --submit ballot.json --keystore bob.json`,
    )
    .action(guarded(vote));
}

async function vote(id: string | undefined, side: Support | undefined, flags: VoteFlags): Promise<void> {
  if (flags.submit !== undefined) {
    if (id !== undefined) {
      const expected = 'no id beside it: the ballot says which DIP is meant';
      throw toolError('OPTION_INVALID', { option: '--submit', value: flags.submit, expected });
    }
    return submit(flags.submit, flags);
  }
  if (id === undefined) throw toolError('OPTION_MISSING', { option: '<id>', reason: 'it says which DIP is meant' });
  if ((side === undefined) === (flags.fraction === undefined)) {
    throw toolError('OPTION_MISSING', {
      option: 'for, against, abstain or --fraction',
      reason: 'one of them, and only one, says how to vote',
    });
  }
  const { findProposed, voteStep } = await import('../../../dip/index.ts');
  const { context, account } = await openDipsToSend(flags);
  const dip = await findProposed(context.clients, context.deployment, id);
  const { fraction: fractions, reason, again } = flags;
  const choice = {
    ...(side && { support: side }),
    ...(fractions && { fractions }),
    ...(reason !== undefined && { reason }),
    ...(again && { again }),
  };
  if (flags.bySignature === undefined) {
    return takeStep(context, account, flags, voteStep(context, dip, account.address, choice));
  }
  const { chooseBallot, formatBallot, signBallot } = await import('../../../dip/index.ts');
  if (existsSync(flags.bySignature)) throw toolError('OUTPUT_EXISTS', { path: flags.bySignature, what: 'a file' });
  const { ballot, words } = await chooseBallot(context, dip, account.address, choice);
  if (flags.dryRun) {
    const facts = {
      step: 'vote',
      outcome: 'dry run',
      number: dip.number,
      id: dip.id,
      voter: account.address,
      ...ballot,
    };
    process.stdout.write(flags.json ? jsonLine(facts) : `${words}\nnothing was signed\n`);
    return;
  }
  if (!flags.json) process.stderr.write(`sign: ${words}\n`);
  if (!flags.yes) await (await import('../../confirm.ts')).confirm('sign a ballot');
  const signed = await signBallot(context.clients, context.deployment, { ...ballot, proposalId: dip.id }, account);
  const { writeOutput } = await import('../../../dbc/open-node.ts');
  writeOutput(flags.bySignature, formatBallot(signed), false);
  const facts = {
    step: 'vote',
    outcome: 'signed',
    number: dip.number,
    id: dip.id,
    voter: account.address,
    file: flags.bySignature,
  };
  process.stdout.write(
    flags.json
      ? jsonLine(facts)
      : `${flags.bySignature}: signed, not sent; anyone can: miner dip vote --submit ${flags.bySignature}\n`,
  );
}

async function submit(file: string, flags: VoteFlags): Promise<void> {
  const [{ findProposed, parseBallot, submitStep }, { readInput }] = await Promise.all([
    import('../../../dip/index.ts'),
    import('../../../files.ts'),
  ]);
  const ballot = parseBallot(new TextDecoder().decode(readInput(file)), file);
  const { context, account } = await openDipsToSend(flags);
  const dip = await findProposed(context.clients, context.deployment, ballot.proposalId);
  await takeStep(context, account, flags, submitStep(context, dip, ballot, file));
}
