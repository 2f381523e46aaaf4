/** One kind of action that a DIP file can name: what it takes, an example, and the calls that come of it. */
import type { Deployment } from '../../../deploy/index.ts';
import type { Action } from '../../actions.ts';
import type { Fields, Scope, ValuesOf } from '../arguments/index.ts';

/** Values for examples that must lie in the future. */
export interface ExampleFacts {
  /** A date so many days from today: `2027-03-01`. */
  day: (days: number) => string;
}

export interface ActionType {
  name: string;
  /** One line, without a full stop. */
  help: string;
  arguments: Fields;
  /** Arguments as they are written. */
  example: (facts: ExampleFacts) => Record<string, unknown>;
  /** @throws {Refusal} where arguments don't go together. */
  build: (deployment: Deployment, values: never, scope: Scope) => Action | readonly Action[];
}

/** A row of the table, with the types of its values inferred from its arguments. */
export function actionType<F extends Fields>(
  name: string,
  help: string,
  row: {
    arguments: F;
    example: (facts: ExampleFacts) => Record<string, unknown>;
    build: (deployment: Deployment, values: ValuesOf<F>, scope: Scope) => Action | readonly Action[];
  },
): ActionType {
  return { name, help, ...row };
}

/** Somebody, in examples. */
export const somebody = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
export const exampleHash = (digit: string): string => `0x${digit.repeat(64)}`;
