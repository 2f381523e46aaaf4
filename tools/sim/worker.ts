/** One thread of a campaign: takes jobs, a few at a time, and answers with what they came to. */
import { parentPort } from 'node:worker_threads';
import { addTally, type Finding, type Job, newTally, runJob, type Tally } from './campaign.ts';

export interface WorkerAnswer {
  tally: Tally;
  findings: Finding[];
}

parentPort?.on('message', async (jobs: Job[]) => {
  const tally = newTally();
  const findings: Finding[] = [];
  for (const job of jobs) {
    const result = await runJob(job);
    addTally(tally, result.tally);
    if (result.finding) findings.push(result.finding);
  }
  parentPort?.postMessage({ tally, findings } satisfies WorkerAnswer);
});
