/** The committed table of survivors that no test can or need kill, each with its reason. */
import type { Verdict } from './campaign.ts';
import type { Mutant } from './mutants.ts';

/** Names a mutant by what it is, so that it is found again after lines have moved. */
export interface Explanation {
  file: string;
  place: string;
  operator: string;
  before: string;
  after: string;
  /** The source line, where the same change is made twice in one place and only one is meant. */
  text?: string;
  /** `equivalent: ...` where nothing observable differs; else why no test is wanted. */
  reason: string;
}

export function explains(explanation: Explanation, mutant: Mutant): boolean {
  return (
    (['file', 'place', 'operator', 'before', 'after'] as const).every(
      (field) => explanation[field] === mutant[field],
    ) &&
    (explanation.text === undefined || explanation.text === mutant.text)
  );
}

export interface Tally {
  killed: number;
  /** All that compile. */
  total: number;
  invalid: number;
  survivors: { verdict: Verdict; explanation?: Explanation }[];
  /** Explanations of what doesn't survive, or isn't there, any more. */
  stale: Explanation[];
  /** Killed of those that are not equivalent, from 0 to 1. */
  score: number;
}

export const scoreMin = 0.95;

/** @param isCovered Whether this run looked at a file; explanations of others are not stale. */
export function tally(verdicts: Verdict[], explanations: Explanation[], isCovered: (file: string) => boolean): Tally {
  const killed = verdicts.filter(({ status }) => status === 'killed').length;
  const invalid = verdicts.filter(({ status }) => status === 'invalid').length;
  const survivors = verdicts
    .filter(({ status }) => status === 'survived' || status === 'unreached')
    .map((verdict) => ({ verdict, explanation: explanations.find((each) => explains(each, verdict.mutant)) }));
  const used = new Set(survivors.map(({ explanation }) => explanation));
  const stale = explanations.filter((explanation) => isCovered(explanation.file) && !used.has(explanation));
  const equivalent = survivors.filter(({ explanation }) => explanation?.reason.startsWith('equivalent')).length;
  const total = verdicts.length - invalid;
  const score = total === equivalent ? 1 : killed / (total - equivalent);
  return { killed, total, invalid, survivors, stale, score };
}

export function passes({ survivors, stale, score }: Tally): boolean {
  return score >= scoreMin && stale.length === 0 && survivors.every(({ explanation }) => explanation);
}

/** The one line that a run ends with. */
export function summary({ killed, total, survivors }: Tally, seconds: number): string {
  const percent = total === 0 ? 100 : (100 * killed) / total;
  const explained = survivors.filter(({ explanation }) => explanation).length;
  const number = (value: number): string => value.toLocaleString('en-US');
  return `mutate: ${number(killed)} of ${number(total)} killed (${percent.toFixed(1)} %), ${number(survivors.length)} survived (${number(explained)} explained), ${number(Math.round(seconds))} s`;
}

export function describe({ file, line, place, operator, before, after }: Mutant): string {
  return `${file}:${line} ${place} ${operator}: ${before} → ${after || '(nothing)'}`;
}
