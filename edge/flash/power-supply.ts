/** What every flash device of one simulated board draws on: counts what they do, and fails them all at once. */
import { type CutMoment, PowerCut } from '../sim/index.ts';

export class PowerSupply {
  /** Words written in one call, or one sector erased, count as one operation. */
  operations = 0;
  /** Called before each operation with its number. */
  onOperation: ((operation: number) => void) | undefined;
  #cut: { atOperation: number; moment: CutMoment } | undefined;
  #isOn = true;

  /** Cuts the power at the n-th operation from now, 0 being the next. */
  cutAt(operationsAhead: number, moment: CutMoment): void {
    this.#cut = { atOperation: this.operations + operationsAhead, moment };
  }

  /** Whether a cut is still to come. */
  get isCutAhead(): boolean {
    return this.#isOn && this.#cut !== undefined;
  }

  /** Power again, with no cut ahead. */
  restore(): void {
    this.#isOn = true;
    this.#cut = undefined;
  }

  /** @throws {PowerCut} when there is no power */
  require(operation: string): void {
    if (!this.#isOn) throw new PowerCut(operation);
  }

  /** Runs one operation around the cut that is due: all of it, nothing, or `part` of it. */
  run(operation: string, whole: () => void, part: () => void): void {
    this.require(operation);
    this.onOperation?.(this.operations);
    const moment = this.#cut?.atOperation === this.operations ? this.#cut.moment : undefined;
    this.operations++;
    if (moment !== 'before' && moment !== 'within') whole();
    if (moment === undefined) return;
    this.#isOn = false;
    if (moment === 'within') part();
    throw new PowerCut(`${operation} (operation ${this.operations - 1}, ${moment})`);
  }
}
