/** Hands the worlds of a campaign to threads, until there were as many seeds and cuts as asked for. */
import { Worker } from 'node:worker_threads';
import { addTally, everyCutCount, type Finding, type Job, newTally, type Tally } from './campaign.ts';
import type { WorkerAnswer } from './worker.ts';

export interface CampaignOptions {
  /** Worlds with mixed faults, seeds `firstSeed` and up. */
  seeds: number;
  firstSeed: number;
  /** Power cuts at storage operations, at least: first every operation of a quiet life, then at random. 0 for none. */
  cuts: number;
  /** Threads. */
  workers: number;
  /** Ends it early: what is under way is let go. */
  signal?: AbortSignal;
  onProgress?: (tally: Tally, findings: number) => void;
}

export interface CampaignResult extends Tally {
  findings: Finding[];
  /** False when it was ended early. */
  isWhole: boolean;
}

/** Compiled, the worker has the ending of this file. */
const script = new URL(`./worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);

/** Findings after which no more worlds are begun: they are one mistake, most likely. */
const findingsMax = 10;
/** Worlds handed to a thread at one time: few enough that a progress line moves. */
const jobsAtOnce = 8;

export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { workers, signal, onProgress } = options;
  const tally = newTally();
  const findings: Finding[] = [];
  const isOver = () => signal?.aborted === true || findings.length >= findingsMax;
  const jobs = jobsOf(options, await everyCutCount(), () => tally.cuts);
  const threads = Array.from({ length: workers }, () => new Worker(script));
  const onAbort = () => threads.map((thread) => thread.terminate());
  signal?.addEventListener('abort', onAbort, { once: true });
  let isWhole = true;
  const drive = async (thread: Worker) => {
    for (;;) {
      const some = takeSome(jobs);
      if (some.length === 0) return;
      const answer = isOver() ? undefined : await ask(thread, some);
      if (!answer) {
        isWhole = false;
        return;
      }
      addTally(tally, answer.tally);
      findings.push(...answer.findings);
      onProgress?.(tally, findings.length);
    }
  };
  try {
    await Promise.all(threads.map(drive));
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return { ...tally, findings, isWhole };
}

/** @param cutsSoFar asked for each more world: how many cuts one brings is seen only afterwards */
function* jobsOf(
  { seeds, firstSeed, cuts }: CampaignOptions,
  everyCut: number,
  cutsSoFar: () => number,
): Generator<Job> {
  for (let i = 0; i < seeds; i++) yield { kind: 'mixed', index: (firstSeed + i) >>> 0 };
  if (cuts === 0) return;
  for (let index = 0; index < everyCut; index++) yield { kind: 'every-cut', index };
  for (let index = firstSeed; cutsSoFar() < cuts; index++) yield { kind: 'random-cuts', index: index >>> 0 };
}

function takeSome(jobs: Generator<Job>): Job[] {
  const some: Job[] = [];
  while (some.length < jobsAtOnce) {
    const next = jobs.next();
    if (next.done) break;
    some.push(next.value);
  }
  return some;
}

/** @returns undefined when the thread was ended meanwhile */
function ask(thread: Worker, jobs: Job[]): Promise<WorkerAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const letGo = () => {
      thread.off('message', answered);
      thread.off('error', failed);
      thread.off('exit', ended);
    };
    const answered = (answer: WorkerAnswer) => {
      letGo();
      resolve(answer);
    };
    const failed = (error: Error) => {
      letGo();
      reject(error);
    };
    const ended = () => {
      letGo();
      resolve(undefined);
    };
    thread.on('message', answered);
    thread.on('error', failed);
    thread.on('exit', ended);
    thread.postMessage(jobs);
  });
}
