/** Counts of tests, added up over runners, and the one line that a test command ends with. */

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** What Hardhat prints when its Solidity tests are over: `189 passing`, `2 failing`, `1 skipped`. */
export function readHardhatTally(output: string): Tally | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours, where Hardhat prints any
  const plain = output.replace(/\u001b\[[0-9;]*m/g, '');
  // A test may print such a line too; the runner's own is the last.
  const last = (what: string): number =>
    Number([...plain.matchAll(new RegExp(`^\\s*(\\d+) ${what}$`, 'gm'))].at(-1)?.[1] ?? 0);
  if (!/^\s*\d+ passing$/m.test(plain)) return undefined;
  return { passed: last('passing'), failed: last('failing'), skipped: last('skipped') };
}

/**
 * The summary line.
 * @param runs By the name of what was tested; an undefined tally is a runner that ended before it had counted.
 */
export function summaryLine(runs: Readonly<Record<string, Tally | undefined>>, seconds: number): string {
  const entries = Object.entries(runs);
  const sum = (key: keyof Tally) => entries.reduce((total, [, tally]) => total + (tally?.[key] ?? 0), 0);
  const number = (value: number) => value.toLocaleString('en');
  const passed = entries.map(([name, tally]) => `${tally ? number(tally.passed) : 'no'} ${name}`).join(', ');
  const broken = entries.filter(([, tally]) => tally === undefined).map(([name]) => `; ${name} did not finish`);
  return (
    `tests: ${passed} passed, ${number(sum('failed'))} failed, ${number(sum('skipped'))} skipped` +
    `${broken.join('')} (${Math.round(seconds)} s)`
  );
}
