/** `miner sim --flash`: boards that are flashed while the power goes, again and again. */
import { toolError } from '../../errors/index.ts';
import type { FlashCampaignResult, FlashFinding, FlashJob } from '../../sim/index.ts';
import { stopOnSignals } from '../stop.ts';
import { type SimFlags, writeReport } from './sim.ts';

const cutsUsual = 20_000;

export async function simulateFlash(flags: SimFlags): Promise<void> {
  if (flags.plan !== undefined) {
    throw toolError('OPTION_INVALID', { option: '--plan', value: flags.plan, expected: '--replay with --flash' });
  }
  if (flags.replay)
    await replayOne(flags, { kind: flags.replay.kind === 'every-cut' ? 'every' : 'cuts', index: flags.replay.index });
  else await campaign(flags);
}

async function campaign({ cuts = cutsUsual, seed, report, json }: SimFlags): Promise<void> {
  const { runFlashCampaign } = await import('../../sim/index.ts');
  const stop = stopOnSignals((note) => process.stderr.write(`\n${note}\n`));
  const startMs = performance.now();
  const secondsSince = () => Math.round((performance.now() - startMs) / 100) / 10;
  const showProgress = progressLine(cuts, secondsSince);
  try {
    const result = await runFlashCampaign({ cuts, firstSeed: seed, signal: stop.signal, onProgress: showProgress });
    showProgress();
    const { findings, isWhole, ...sums } = result;
    const told = {
      ...sums,
      firstSeed: seed,
      violations: findings.length,
      whole: isWhole,
      seconds: secondsSince(),
      findings: findings.map(({ job, ...finding }) => ({ replay: replayCommand(job), ...finding })),
    };
    if (report !== undefined) writeReport(report, told);
    process.stdout.write(json ? `${JSON.stringify(told)}\n` : textOf(result, told.seconds));
    if (findings.length > 0) process.exitCode = 1;
  } finally {
    stop.release();
  }
}

/** @returns a function that draws the line; without arguments it clears it. Without a terminal, a line at each tenth */
function progressLine(cuts: number, secondsSince: () => number): (result?: FlashCampaignResult) => void {
  let tenths = 0;
  return (result) => {
    const line = result && `cuts ${result.cuts}/${cuts}  violations ${result.findings.length}  ${secondsSince()} s`;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\u001b[K${line ?? ''}`);
    } else if (result) {
      const done = Math.floor((10 * result.cuts) / Math.max(1, cuts));
      if (done > tenths) process.stderr.write(`${line}\n`);
      tenths = Math.max(tenths, done);
    }
  };
}

function replayCommand({ kind, index }: FlashJob): string {
  return `miner sim --flash --replay ${kind}:${index}`;
}

function textOf(
  { lives, cuts, boots, operations, every, findings, isWhole }: FlashCampaignResult,
  seconds: number,
): string {
  const lines = [
    `${lives} lives in ${seconds} s${isWhole ? '' : ', ended early'}: ${cuts} power cuts, ${boots} boots, ${operations} flash operations`,
    `${every.done} of ${every.count} lives cut at every operation, ${lives - every.done} at random`,
    findings.length === 0 ? 'every promise held' : `${findings.length} violations`,
    ...findings.flatMap(findingLines),
  ];
  return `${lines.join('\n')}\n`;
}

function findingLines({ job, invariant, problem, plan }: FlashFinding): string[] {
  return ['', `${invariant}: ${problem}`, `  replay: ${replayCommand(job)}`, `  plan: ${JSON.stringify(plan)}`];
}

async function replayOne({ report, json }: SimFlags, job: FlashJob): Promise<void> {
  const { flashPlanOf, FlashWorld } = await import('../../sim/index.ts');
  const plan = flashPlanOf(job);
  const world = new FlashWorld(plan);
  world.onNote = (note) => process.stdout.write(json ? `${JSON.stringify({ note })}\n` : `${note}\n`);
  const { violation, ...counts } = world.run();
  const findings = violation ? [{ invariant: violation.invariant, problem: violation.message }] : [];
  const told = { ...counts, violations: findings.length, findings, plan };
  if (report !== undefined) writeReport(report, told);
  const text = violation
    ? `${violation.invariant}: ${violation.message}`
    : `every promise held, with ${counts.cuts} cuts`;
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : `${text}\n`);
  if (violation) process.exitCode = 1;
}
