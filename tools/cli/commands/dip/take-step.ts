/** Takes one step with a proposal: looks whether it was done, says what would be sent, asks, sends, and tells. */
import type { LocalAccount } from 'viem';
import type { Context, Done, PreparedTransaction, SendEvent, Step } from '../../../dip/index.ts';
import { jsonLine } from '../../chain-context.ts';
import type { SendingFlags } from './open.ts';

type Outcome = 'sent' | 'already' | 'dry run';

/** @throws {MinerError} as the step's own call, `prepare`, `sendPrepared` and `confirm` */
export async function takeStep(
  context: Context,
  account: LocalAccount,
  flags: Pick<SendingFlags, 'yes' | 'dryRun' | 'json' | 'patience'>,
  step: Step,
): Promise<void> {
  const [{ prepare, sendPrepared, settle }, { setTimeout: sleep }, { stopOnSignals }, { toolError }] =
    await Promise.all([
      import('../../../dip/index.ts'),
      import('node:timers/promises'),
      import('../../stop.ts'),
      import('../../../errors/index.ts'),
    ]);
  const note = (text: string) => process.stderr.write(`${text}\n`);
  const options = (signal: AbortSignal) => ({
    tell: (event: SendEvent) => note(eventWords(event)),
    patienceMs: flags.patience * 1000,
    sleep: (milliseconds: number) =>
      sleep(milliseconds, undefined, { signal }).catch(() => {
        throw toolError('INTERRUPTED', {});
      }),
  });
  /** Ctrl-C is heard while we wait for the chain; at the question it is the question's. */
  const heeding = async <Result>(run: (of: ReturnType<typeof options>) => Promise<Result>): Promise<Result> => {
    const stop = stopOnSignals(note);
    try {
      return await run(options(stop.signal));
    } finally {
      stop.release();
    }
  };

  if (!flags.dryRun) await heeding((of) => settle(context.clients, account.address, of));
  const before = await step.done();
  if (before) return print(flags.json, step, 'already', before);
  const { call, words } = await step.call();
  const prepared = await prepare(context.clients, account, call);
  const review = await reviewOf(context, prepared, words);
  if (flags.dryRun) {
    const { to, name } = call;
    const { from, data, gas, costMax } = prepared;
    const facts = { from, to, function: name, data, gas, costMaxWei: costMax };
    return print(flags.json, step, 'dry run', { words: `${review}\nnothing was sent`, facts });
  }
  note(review);
  if (!flags.yes) await (await import('../../confirm.ts')).confirm(step.name);
  const { hash, receipt } = await heeding((of) => sendPrepared(context.clients, account, prepared, of));
  const { gasUsed } = receipt;
  const after = (await step.done()) ?? { words: `${step.name} is mined`, facts: {} };
  const words_ = `${after.words}\ntransaction ${hash}, ${gasUsed} gas`;
  print(flags.json, step, 'sent', { words: words_, facts: { ...after.facts, hash, gasUsed } });
}

async function reviewOf(context: Context, prepared: PreparedTransaction, words: string[]): Promise<string> {
  const [{ formatEther }, { printable }] = await Promise.all([import('viem'), import('../../../dbc/index.ts')]);
  const { from, gas, costMax, call } = prepared;
  const lines = [
    ...words,
    `from ${from} to ${call.to} on chain ${context.deployment.chainId}`,
    `at most ${gas} gas, ${formatEther(costMax)} ether`,
  ];
  return lines.map(printable).join('\n');
}

function eventWords(event: SendEvent): string {
  switch (event.event) {
    case 'sending':
      return `sending ${event.hash}`;
    case 'waiting':
      return `waiting for ${event.earlier} earlier transaction${event.earlier === 1 ? '' : 's'} of this account`;
    case 'silent':
      return `the chain does not answer (${event.reason}); asking again`;
    case 'answering':
      return 'the chain answers again';
  }
}

function print(json: boolean | undefined, step: Step, outcome: Outcome, { words, facts }: Done): void {
  const prefix = outcome === 'already' ? 'already done: ' : '';
  process.stdout.write(json ? jsonLine({ step: step.name, outcome, ...facts }) : `${prefix}${words}\n`);
}
