/** What `miner bench edge` reports: figures with their goals, and what came out wrong. */
import type { Machine } from '../machine.ts';

/** The parts in the order in which they run. */
export const edgeParts = ['codec', 'packs', 'sign', 'log', 'sizes', 'gateway', 'rewards', 'pty', 'baud'] as const;
export type EdgePart = (typeof edgeParts)[number];

/** Of frames of 111 bits: 8 bytes under an 11-bit id, not stuffed, with the gap to the next. */
export const saturatedFramesPerSecond = Math.floor(1_000_000 / 111);

export interface Figure {
  /** Stable: what `--json` and bench/results know it by. */
  key: string;
  /** In words. */
  label: string;
  /** Median of the rounds, where there are rounds. */
  value: number;
  unit: string;
  /** Worst and best round. */
  slowest?: number;
  fastest?: number;
  rounds?: number;
  /** Absent for a figure that only explains another one. */
  goal?: number;
  /** Whether the goal is the least or the most. */
  better?: 'more' | 'less';
}

export interface PartReport {
  figures: Figure[];
  /** SHA-256 of what came out, for a part whose output is the same each time. */
  checksum?: string;
  /** Frames lost, outputs that disagree: what ends the command with 1. */
  faults: string[];
  /** Why something was not measured. */
  skipped: string[];
  /** How it was measured, where the figure does not say it. */
  notes: string[];
}

/** What `--json` prints, and what bench/results/edge.json holds. */
export interface EdgeReport {
  benchmark: 'edge';
  machine: Machine;
  options: { seconds: number; rounds: number; round_ms: number };
  parts: Partial<Record<EdgePart, PartReport>>;
  /** No part has a fault. */
  good: boolean;
}

export function emptyPart(): PartReport {
  return { figures: [], faults: [], skipped: [], notes: [] };
}

/** Undefined for a figure without a goal. */
export function isReached({ value, goal, better = 'more' }: Figure): boolean | undefined {
  if (goal === undefined) return undefined;
  return better === 'more' ? value >= goal : value <= goal;
}
