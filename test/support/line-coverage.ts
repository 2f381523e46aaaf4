/** Reads an LCOV trace of Solidity files, says what no test reached, and holds the whole to a share. */

export interface FileCoverage {
  path: string;
  /** Lines that hold executable code. */
  lines: number;
  covered: number;
  /** Line numbers, ascending. */
  uncovered: number[];
}

/** What LCOV's `SF`, `DA` and `end_of_record` say; a line that several records name is covered when one says so. */
export function readLcov(trace: string): FileCoverage[] {
  const files = new Map<string, Map<number, boolean>>();
  let lines: Map<number, boolean> | undefined;
  for (const row of trace.split('\n')) {
    if (row.startsWith('SF:')) {
      const path = row.slice(3).trim();
      lines = files.get(path) ?? new Map<number, boolean>();
      files.set(path, lines);
    } else if (row.startsWith('DA:')) {
      const [line, count] = row.slice(3).split(',').map(Number);
      if (!lines || !Number.isInteger(line) || !Number.isInteger(count)) throw new Error(`no LCOV: ${row}`);
      lines.set(line!, (lines.get(line!) ?? false) || count! > 0);
    }
  }
  return [...files]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([path, found]) => {
      const uncovered = [...found].filter(([, hit]) => !hit).map(([line]) => line);
      return {
        path,
        lines: found.size,
        covered: found.size - uncovered.length,
        uncovered: uncovered.sort((a, b) => a - b),
      };
    });
}

/**
 * Whether a Solidity source has a body with a statement: such a file must stand in the report, and one that is missing
 * there was not measured, which is worse than not covered.
 */
export function hasStatements(source: string): boolean {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"/g, ' ');
  return /\b(?:function|constructor|modifier|receive|fallback)\b[^;{}]*\{\s*[^\s}]/.test(code);
}

/** `3, 5-7, 12` */
export function lineRanges(lines: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last && line === last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

/** Share in percent, rounded down, so that 97.96 % is not called 98. */
const percent = (covered: number, lines: number): string =>
  lines === 0 ? '0' : (Math.floor((covered * 1_000) / lines) / 10).toFixed(1);

/**
 * The table, the closing line, and whether it is enough.
 * @param expected Paths of the files that have statements; those without a record fail the report.
 */
export function coverageReport(
  files: readonly FileCoverage[],
  options: { expected: readonly string[]; wantedPercent: number },
): { text: string; good: boolean } {
  const missing = options.expected.filter((path) => !files.some((file) => file.path === path));
  const width = Math.max(0, ...files.map((file) => file.path.length), ...missing.map((path) => path.length));
  const rows = files.map((file) =>
    `${file.path.padEnd(width)}  ${`${percent(file.covered, file.lines)} %`.padStart(7)}  ${lineRanges(file.uncovered)}`.trimEnd(),
  );
  const unmeasured = missing.map((path) => `${path.padEnd(width)}  not measured`);
  const covered = files.reduce((sum, file) => sum + file.covered, 0);
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const number = (value: number) => value.toLocaleString('en');
  const total =
    `coverage: ${percent(covered, lines)} % of lines (${number(covered)} of ${number(lines)}); ` +
    `wanted ${options.wantedPercent} %${missing.length > 0 ? `; ${missing.length} files not measured` : ''}`;
  return {
    text: [...rows, ...unmeasured, '', total].join('\n'),
    good: lines > 0 && missing.length === 0 && covered * 100 >= lines * options.wantedPercent,
  };
}
