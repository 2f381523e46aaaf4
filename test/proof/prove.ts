/**
 * Proves what the contracts promise: `npm run prove`, `npm run prove -- Licence Decoder` for some harnesses only.
 * With `--self-test` it checks the proofs instead: each property must be refuted once its seeded fault is in the code.
 * Whatever has no answer after `--patience 300` seconds counts as not proven.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type Finding, propertiesOf, sourceOf, type Task } from './checker.ts';
import { faults } from './faults.ts';
import { harnesses } from './harnesses.ts';

const workerCountMax = 2;

/** Runs tasks in worker threads (a solver blocks its thread) and hands each result over as it comes. */
export async function runAll(
  tasks: Task[],
  patienceSeconds: number,
  onDone: (task: Task, findings: Finding[]) => void,
): Promise<void> {
  const left = [...tasks];
  const work = async (): Promise<void> => {
    for (let task = left.shift(); task; task = left.shift()) {
      // A worker per task: the compiler's memory grows with each proof and is never given back.
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: task });
      let watchdog: NodeJS.Timeout | undefined;
      const findings = await new Promise<Finding[]>((resolve, reject) => {
        // The solver's own limit counts its steps; this one only keeps a proof that never ends from being waited for.
        const message = `no answer within ${patienceSeconds} s`;
        const silence: Finding[] = [{ property: task.only ?? task.harness, verdict: 'unknown', message }];
        watchdog = setTimeout(() => resolve(silence), patienceSeconds * 1000);
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', (code) => reject(new Error(`the solver's thread ended with code ${code}`)));
      });
      clearTimeout(watchdog);
      await worker.terminate();
      onDone(task, findings);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workerCountMax, availableParallelism()) }, work));
}

/** What the command line asks for. */
function readOptions(args: string[]): { selfTest: boolean; patienceSeconds: number; chosen: string[] } {
  const { values, positionals: names } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'self-test': { type: 'boolean', default: false }, patience: { type: 'string', default: '300' } },
  });
  const patienceSeconds = Number(values.patience);
  if (!(patienceSeconds > 0)) throw new Error(`--patience takes seconds, not ${values.patience}`);
  const unknown = names.find((name) => !harnesses.includes(name));
  if (unknown) throw new Error(`no harness ${unknown}; there are ${harnesses.join(', ')}`);
  return { selfTest: values['self-test'], patienceSeconds, chosen: names.length > 0 ? names : harnesses };
}

async function main({ selfTest, patienceSeconds, chosen }: ReturnType<typeof readOptions>): Promise<boolean> {
  const started = performance.now();
  const tasks: Task[] = selfTest
    ? faults.filter(({ harness }) => chosen.includes(harness))
    : chosen.flatMap((harness) =>
        propertiesOf(sourceOf(`test/proof/${harness}.sol`)).map(({ property }) => ({ harness, only: property })),
      );
  let [good, bad] = [0, 0];
  await runAll(tasks, patienceSeconds, (task, findings) => {
    for (const { property, verdict, message } of findings) {
      const passed = verdict === (selfTest ? 'refuted' : 'proven');
      passed ? good++ : bad++;
      console.log(`${task.harness.toLowerCase()}: ${property} ... ${passed ? verdict : `${verdict.toUpperCase()}`}`);
      if (!passed) console.log(message.replace(/^/gm, '    '));
    }
    process.stderr.write(`  ${good + bad} of ${tasks.length}, ${seconds(started)} s\n`);
  });
  const outcome = selfTest ? `${good} faults noticed, ${bad} missed` : `${good} properties proven, ${bad} not proven`;
  console.log(`prove: ${outcome} (${seconds(started)} s)`);
  return bad === 0 && good > 0;
}

function seconds(started: number): number {
  return Math.round((performance.now() - started) / 1000);
}

if (import.meta.main) {
  try {
    process.exitCode = (await main(readOptions(process.argv.slice(2)))) ? 0 : 1;
  } catch (error) {
    console.error(`prove: ${(error as Error).message}`);
    process.exitCode = 2;
  }
}
