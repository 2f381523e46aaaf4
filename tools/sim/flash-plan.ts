/** One simulated life of a board's flash, as plain data: which board, what is done with it, and when the power goes. */
import { type CutMoment, SeededRandom } from '../../edge/sim/index.ts';
import { type BoardSpec, boards, drawBoard } from './flash-board.ts';

/** What a life is about; each ends when its aim is reached, whatever was cut. */
export const scenarios = [
  'upload',
  'upgrade',
  'permanent',
  'confirm',
  'revert',
  'upgrade-revert',
  'refused',
  'downgrade',
  'settings',
] as const;
export type Scenario = (typeof scenarios)[number];

/** Where an overwritten image is gone there is no trial. */
const overwriteScenarios = ['upload', 'permanent', 'refused', 'downgrade'] as const;

export interface FlashCut {
  /** Operations that still go well since the power came. */
  ahead: number;
  moment: CutMoment;
}

export interface FlashPlan {
  /** Of what a cut leaves behind, and of the size of chunks. */
  seed: number;
  board: BoardSpec;
  scenario: Scenario;
  /** In their order: each begins to count when the power is back after the one before. */
  cuts: FlashCut[];
}

export function scenariosOf({ strategy }: BoardSpec): readonly Scenario[] {
  return strategy === 'overwrite-only' ? overwriteScenarios : scenarios;
}

/** Ways a cut within an operation turns out that are tried for each. */
const drawsWithin = 2;

/**
 * Every operation of every scenario on every board: cut before, after and, in several ways, within.
 * @param operationsOf how many operations a life without cuts takes
 */
export function* everyFlashCut(
  boards: readonly BoardSpec[],
  operationsOf: (plan: FlashPlan) => number,
): Generator<FlashPlan> {
  for (const board of boards) {
    for (const scenario of scenariosOf(board)) {
      const quiet = { seed: 1, board, scenario, cuts: [] };
      const operations = operationsOf(quiet);
      for (let ahead = 0; ahead < operations; ahead++) {
        for (let seed = 1; seed <= drawsWithin; seed++) {
          yield { seed, board, scenario, cuts: [{ ahead, moment: 'within' }] };
        }
        yield { ...quiet, cuts: [{ ahead, moment: 'before' }] };
        yield { ...quiet, cuts: [{ ahead, moment: 'after' }] };
      }
    }
  }
}

/** Any board, any scenario, and many cuts: in what recovers from the one before, too. */
export function randomFlashCuts(seed: number): FlashPlan {
  const random = new SeededRandom(seed);
  const board = random.chance(1, 2) ? random.pick(boards) : drawBoard(random);
  const scenario = random.pick(scenariosOf(board));
  const count = 1 + random.below(30);
  // Short lives between cuts lead deep into recovery, long ones through all of a scenario.
  const aheadMax = random.pick([4, 12, 40]);
  const cuts = Array.from({ length: count }, () => ({
    ahead: random.below(aheadMax),
    moment: random.pick(['before', 'within', 'within', 'after'] as const),
  }));
  return { seed, board, scenario, cuts };
}
