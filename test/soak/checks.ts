import type { SoakReport } from './soak.ts';

/** The outbox's window, and packs that wait for their first turn. */
const inFlightMax = 17;

/** @returns every count that does not add up, in words; nothing of time or memory */
export function countsThatDisagree({ scrapes, stopped, accepted, unplugs, outages, ...report }: SoakReport): string[] {
  const problems: string[] = [];
  const require = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };
  const count = (key: string) => Number(stopped[key]);
  require(stopped.event === 'stopped', `the last event is ${stopped.event}`);
  require(report.exitCode === 0, `exit code ${report.exitCode}`);
  const kinds = ['framesDecoded', 'framesUndecoded', 'framesTransport', 'errorFrames'];
  const frames = kinds.map((kind) => `${kind} ${count(kind)}`).join(', ');
  require(kinds.reduce((sum, kind) => sum + count(kind), 0) ===
    count('framesReceived'), `${count('framesReceived')} frames received, but ${frames}`);
  require(count('outages') === outages, `${count('outages')} outages of ${outages}`);
  require(report.awayMs.length === unplugs, `${report.awayMs.length} times back of ${unplugs} pulled plugs`);
  const awayMs = report.awayMs.reduce((sum, ms) => sum + ms, 0);
  require(count('downMs') >= awayMs - unplugs, `${count('downMs')} ms down, but ${awayMs} ms away`);
  for (const { status, codes } of report.healthUnplugged) {
    require(status === 503 && codes.includes('port-down'), `unplugged, health says ${status} ${codes}`);
  }
  require(report.healthAtEnd.status === 200, `at the end, health says ${report.healthAtEnd.codes}`);

  const seqs = new Set(accepted.seqs);
  require(seqs.size === accepted.seqs.length, `${accepted.seqs.length} packs accepted under ${seqs.size} numbers`);
  // Whoever stops with the gateway away may wait for receipts of packs that it had accepted.
  const [signed, waiting] = [count('packsSigned'), count('waiting')];
  require(seqs.size <= signed &&
    signed <= seqs.size + waiting, `${signed} packs signed, ${seqs.size} accepted, ${waiting} wait`);
  const kept = count('samples') - count('samplesDropped');
  const isWhole = count('waiting') === 0;
  require(isWhole
    ? accepted.samples === kept
    : accepted.samples <= kept, `${kept} samples signed, ${accepted.samples} accepted`);
  require(count('evicted') === 0 && count('storageFaults') === 0, 'the log lost packs');

  for (const { inFlight } of scrapes) require(inFlight <= inFlightMax, `${inFlight} packs in flight`);
  problems.push(...countersThatFell(scrapes));
  return problems;
}

function countersThatFell(scrapes: SoakReport['scrapes']): string[] {
  return scrapes.slice(1).flatMap(({ counters }, i) =>
    [...counters].flatMap(([name, value]) => {
      const before = scrapes[i].counters.get(name) ?? 0;
      return value < before ? [`${name} fell from ${before} to ${value}`] : [];
    }),
  );
}
