/** `miner sim`: whole Miners in virtual time, with everything going wrong that a seed can think of. */
import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { toolError } from '../../errors/index.ts';
import { readInput } from '../../files.ts';
import type { CampaignResult, Finding, Job, Plan, Tally } from '../../sim/index.ts';
import { integerBetween } from '../options.ts';
import { stopOnSignals } from '../stop.ts';

export interface SimFlags {
  flash?: boolean;
  seeds: number;
  cuts?: number;
  seed: number;
  workers: number;
  replay?: Job;
  plan?: string;
  report?: string;
  json?: boolean;
}

const seedMax = 2 ** 32 - 1;

export function registerSim(program: Command): void {
  program
    .command('sim')
    .description('whole Miners in virtual time: power cuts, bad disks, bad lines, bad networks; every promise checked')
    .option('--seeds <n>', 'lives with mixed faults', integerBetween(0, seedMax), 1000)
    .option(
      '--cuts <n>',
      'power cuts: at each operation of a quiet life, then at random; 10000, with --flash 20000',
      integerBetween(0, 1e9),
    )
    .option('--flash', 'boards that are flashed instead: uploads, updates, reverts and settings, cut everywhere')
    .option('--seed <n>', 'the first seed', integerBetween(0, seedMax), 1)
    .option('--workers <n>', 'threads', integerBetween(1, 64), 2)
    .option('--replay <seed>', 'one life again, told step by step: 17, cuts:17 or every:17', jobOf)
    .option('--plan <file>', 'the same with a plan of faults: JSON, as a failing run prints it')
    .option('--report <file>', 'write the result there, as JSON')
    .option('--json', 'the result as one object; with --replay and --plan also every step')
    .addHelpText(
      'after',
      `
Examples
  $ miner sim
  $ miner sim --seeds 0 --cuts 1000000 --workers 2 --report sim.json
  $ miner sim --replay 17
  $ miner sim --flash --cuts 20000 --json
  $ miner sim --flash --replay every:17

Exit codes: 0 every promise held, 1 one was broken (its plan is made short and printed), 2 wrong usage.`,
    )
    .action(sim);
}

function jobOf(text: string): Job {
  const match = /^(?:(cuts|every):)?(\d{1,10})$/.exec(text);
  const index = Number(match?.[2]);
  if (!match || index > seedMax) throw new InvalidArgumentError('Expected a seed, or cuts: or every: and a number.');
  return { kind: match[1] === 'cuts' ? 'random-cuts' : match[1] === 'every' ? 'every-cut' : 'mixed', index };
}

function replayNameOf({ kind, index }: Job): string {
  return kind === 'mixed' ? String(index) : `${kind === 'random-cuts' ? 'cuts' : 'every'}:${index}`;
}

async function sim(flags: SimFlags): Promise<void> {
  if (flags.flash) {
    const { simulateFlash } = await import('./sim-flash.ts');
    return simulateFlash(flags);
  }
  if (flags.replay && flags.plan !== undefined) {
    throw toolError('OPTION_INVALID', { option: '--plan', value: flags.plan, expected: 'no --replay beside it' });
  }
  if (flags.replay || flags.plan !== undefined) await replayOne(flags);
  else await campaign(flags);
}

async function campaign({ seeds, cuts = 10_000, seed, workers, report, json }: SimFlags): Promise<void> {
  const { runCampaign } = await import('../../sim/index.ts');
  const stop = stopOnSignals((note) => process.stderr.write(`\n${note}\n`));
  const startMs = performance.now();
  const secondsSince = () => Math.round((performance.now() - startMs) / 100) / 10;
  const showProgress = progressLine({ seeds, cuts, secondsSince });
  try {
    const result = await runCampaign({
      seeds,
      cuts,
      firstSeed: seed,
      workers,
      signal: stop.signal,
      onProgress: showProgress,
    });
    showProgress();
    const told = resultOf(result, { firstSeed: seed, seconds: secondsSince() });
    if (report !== undefined) writeReport(report, told);
    process.stdout.write(json ? `${JSON.stringify(told)}\n` : textOf(result, secondsSince()));
    if (result.findings.length > 0) process.exitCode = 1;
  } finally {
    stop.release();
  }
}

/** @returns a function that draws the line; without arguments it clears it. Without a terminal, a line at each tenth */
function progressLine(options: { seeds: number; cuts: number; secondsSince: () => number }) {
  const { seeds, cuts, secondsSince } = options;
  const isTerminal = process.stderr.isTTY;
  let drawnAt = 0;
  let tenths = 0;
  return (tally?: Tally, findings = 0): void => {
    const now = secondsSince();
    const line = tally && `seeds ${tally.seeds}/${seeds}  cuts ${tally.cuts}/${cuts}  violations ${findings}  ${now} s`;
    if (isTerminal) {
      if (tally && now - drawnAt < 0.2) return;
      drawnAt = now;
      process.stderr.write(`\r\u001b[K${line ?? ''}`);
    } else if (tally) {
      const done = Math.floor((10 * (tally.seeds + tally.cuts)) / Math.max(1, seeds + cuts));
      if (done > tenths) process.stderr.write(`${line}\n`);
      tenths = Math.max(tenths, done);
    }
  };
}

function resultOf(result: CampaignResult, { firstSeed, seconds }: { firstSeed: number; seconds: number }) {
  const { findings, isWhole, ...tally } = result;
  return {
    ...tally,
    firstSeed,
    violations: findings.length,
    whole: isWhole,
    seconds,
    findings: findings.map(({ job, violation, plan, faultsBefore }) => ({
      replay: `miner sim --replay ${replayNameOf(job)}`,
      ...violation,
      faultsBefore,
      plan,
    })),
  };
}

export function writeReport(path: string, told: unknown): void {
  try {
    writeFileSync(path, `${JSON.stringify(told, null, 2)}\n`);
  } catch (cause) {
    throw toolError('OUTPUT_UNWRITABLE', { path, reason: (cause as Error).message }, cause);
  }
}

function textOf({ findings, isWhole, ...tally }: CampaignResult, seconds: number): string {
  const faults = Object.entries(tally.faults).sort(([, a], [, b]) => b - a);
  const lines = [
    `${tally.worlds} lives in ${seconds} s${isWhole ? '' : ', ended early'}: ${tally.seeds} seeds of mixed faults, ${tally.cuts} power cuts`,
    `${tally.boots} boots, ${tally.frames} frames, ${tally.packs} packs signed, ${tally.accepted} accepted, ${tally.steps} steps checked`,
    `faults: ${faults.map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
    findings.length === 0 ? 'every promise held' : `${findings.length} violations`,
    ...findings.flatMap(findingLines),
  ];
  return `${lines.join('\n')}\n`;
}

function findingLines({ job, violation, plan, faultsBefore }: Finding): string[] {
  return [
    '',
    `${violation.invariant}: ${violation.problem}`,
    `  at step ${violation.step}, ${violation.atMs} ms, with ${plan.faults.length} of ${faultsBefore} faults`,
    `  replay: miner sim --replay ${replayNameOf(job)}`,
    `  plan (save it, then miner sim --plan FILE): ${JSON.stringify(plan)}`,
  ];
}

async function replayOne({ replay: job, plan: path, report, json }: SimFlags): Promise<void> {
  const { planOf, readPlan, replay } = await import('../../sim/index.ts');
  const plan =
    path !== undefined ? readPlan(path, new TextDecoder().decode(readInput(path))) : await planOf(job as Job);
  const say = (line: string) => process.stdout.write(json ? `${JSON.stringify({ note: line })}\n` : `${line}\n`);
  const outcome = await replay(plan, say);
  const { violations, shrunk, ...counts } = outcome;
  const told = { ...counts, violations: violations.length, findings: violations, plan, ...(shrunk && { shrunk }) };
  if (report !== undefined) writeReport(report, told);
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : `${replayText(plan, violations, shrunk)}\n`);
  if (violations.length > 0) process.exitCode = 1;
}

function replayText(plan: Plan, violations: readonly Finding['violation'][], shrunk?: Plan): string {
  if (violations.length === 0) return `every promise held, with ${plan.faults.length} faults`;
  const lines = violations.map(({ invariant, problem, step }) => `step ${step}: ${invariant}: ${problem}`);
  return [...lines, `plan: ${JSON.stringify(shrunk ?? plan)}`].join('\n');
}
