/** Tells the demo's story while it runs: numbered steps with what was shown, on stdout, or on stderr under --json. */
import { styleText } from 'node:util';

export interface StepRecord {
  name: string;
  held: boolean;
  details: string[];
  tookMs: number;
}

export interface Step {
  /** A fact worth reading, one line. */
  tell(detail: string): void;
  /** A claim of the step; when it does not hold, the step and with it the demo has failed. */
  hold(claim: string, held: boolean): void;
}

export class Narrator {
  readonly records: StepRecord[] = [];
  readonly #out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** Runs one numbered step; a throw ends the demo, after the record says that the step did not hold. */
  async step<Result>(name: string, run: (step: Step) => Promise<Result>): Promise<Result> {
    const record: StepRecord = { name, held: true, details: [], tookMs: 0 };
    this.records.push(record);
    const startedMs = performance.now();
    this.line(styleText('bold', `${String(this.records.length).padStart(2)} ${name}`, { stream: this.#out }));
    const step: Step = {
      tell: (detail) => {
        record.details.push(detail);
        this.line(`     ${detail}`);
      },
      hold: (claim, held) => {
        record.details.push(`${held ? 'holds' : 'FAILS'}: ${claim}`);
        record.held &&= held;
        this.line(`   ${this.#mark(held)} ${claim}`);
      },
    };
    try {
      return await run(step);
    } catch (error) {
      record.held = false;
      this.line(`   ${this.#mark(false)} ${(error as Error).message}`);
      throw error;
    } finally {
      record.tookMs = Math.round(performance.now() - startedMs);
    }
  }

  line(text: string): void {
    this.#out.write(`${text}\n`);
  }

  #mark(held: boolean): string {
    return held ? styleText('green', '✔', { stream: this.#out }) : styleText('red', '✘', { stream: this.#out });
  }
}
