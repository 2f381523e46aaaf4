/** The C that runs what a selector's raw value activates. */
import { isSigned, rawLimits } from '../layout.ts';
import { type Branch, branchesOverlap } from '../multiplexer.ts';
import type { PlanSelectorRange, PlanSignal } from '../types.ts';
import { integerLiteral } from './literals.ts';

export interface DispatchText {
  selector: PlanSignal;
  /** C expression of type int64_t when the selector is signed, else uint64_t. */
  value: string;
  branches: readonly Branch[];
  /** Statements of a branch. */
  body: (branch: Branch) => string[];
  /** Statements for a value that selects nothing. */
  otherwise: string[];
}

/** Statements; never nested deeper than one switch, whatever the number of branches. */
export function dispatchLines(text: DispatchText): string[] {
  const branches = text.branches.filter(({ ranges }) => ranges.length > 0);
  if (branchesOverlap(branches)) return askEach(text, branches);
  const isSingles = ({ ranges }: Branch): boolean => ranges.every(({ from, to }) => from === to);
  const signed = isSigned(text.selector);
  const cases = branches
    .filter(isSingles)
    .flatMap((branch) => [
      ...branch.ranges.map(({ from }) => `case ${integerLiteral(from, signed)}:`),
      ...indented([...text.body(branch), 'break;']),
    ]);
  const asked = branches
    .filter((branch) => !isSingles(branch))
    .flatMap((branch) => [
      `if (${rangeTest(text, branch.ranges)}) {`,
      ...indented([...text.body(branch), 'break;']),
      '}',
    ]);
  return [`switch (${text.value}) {`, ...cases, 'default:', ...indented([...asked, ...text.otherwise, 'break;']), '}'];
}

/** Where one value activates several branches, each is asked. */
function askEach(text: DispatchText, branches: readonly Branch[]): string[] {
  const wantsKnown = text.otherwise.length > 0;
  const lines = branches.flatMap((branch) => [
    `if (${rangeTest(text, branch.ranges)}) {`,
    ...indented([...(wantsKnown ? ['known = true;'] : []), ...text.body(branch)]),
    '}',
  ]);
  if (!wantsKnown) return lines;
  return ['{', ...indented(['bool known = false;', ...lines, 'if (!known) {', ...indented(text.otherwise), '}']), '}'];
}

/** Comparisons that always hold are left out: compilers warn of them. */
function rangeTest({ selector, value }: DispatchText, ranges: readonly PlanSelectorRange[]): string {
  const limits = rawLimits(selector);
  const signed = isSigned(selector);
  const tests = ranges.map(({ from, to }) => {
    if (from === to) return `${value} == ${integerLiteral(from, signed)}`;
    const bounds = [];
    if (from > limits.minimum) bounds.push(`${value} >= ${integerLiteral(from, signed)}`);
    if (to < limits.maximum) bounds.push(`${value} <= ${integerLiteral(to, signed)}`);
    if (bounds.length === 0) return 'true';
    return bounds.length === 1 ? bounds[0] : `(${bounds.join(' && ')})`;
  });
  return tests.join('\n    || ');
}

/** One level further in. */
export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}
