/**
 * The one error class. Outside faults (a missing port, a malformed file, a refused pack) throw it;
 * our own mistakes meet an assertion instead.
 */

/** What the shell sees: 1 the answer is no, 2 wrong usage, 3 an outside part failed. */
export type ExitCode = 1 | 2 | 3;

/** How one code turns its facts into words. */
export interface ErrorSpec<Facts> {
  exitCode: ExitCode;
  /** One line: what is wrong and where, naming the offending value and what was expected. */
  message: (facts: Facts) => string;
  /** One line: what to do about it. */
  hint: (facts: Facts) => string;
}

/** An error with a stable code, the facts as fields, a remedy, and the cause where there is one. */
export class MinerError extends Error {
  override readonly name = 'MinerError';
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor(
    code: string,
    text: { message: string; hint: string; exitCode: ExitCode },
    facts: Record<string, unknown>,
    cause?: unknown,
  ) {
    super(text.message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
    this.hint = text.hint;
    this.exitCode = text.exitCode;
  }

  toJSON(): Record<string, unknown> {
    return { code: this.code, message: this.message, hint: this.hint, facts: this.facts };
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a catalogue holds specs of every fact type
type AnySpec = ErrorSpec<any>;
type FactsOf<Spec> = Spec extends ErrorSpec<infer Facts> ? Facts : never;

/** Declares one entry of a catalogue, keeping the type of its facts. */
export function spec<Facts extends Record<string, unknown>>(entry: ErrorSpec<Facts>): ErrorSpec<Facts> {
  return entry;
}

/**
 * Binds a catalogue to a factory whose second argument is checked against the code's facts.
 * @example throw edgeError('SLCAN_LENGTH', { promised: 8, got: 3 })
 */
export function errorFactory<Catalogue extends Record<string, AnySpec>>(catalogue: Catalogue) {
  return <Code extends keyof Catalogue & string>(
    code: Code,
    facts: FactsOf<Catalogue[Code]>,
    cause?: unknown,
  ): MinerError => {
    const entry = catalogue[code] as AnySpec;
    const text = { message: entry.message(facts), hint: entry.hint(facts), exitCode: entry.exitCode };
    return new MinerError(code, text, facts as Record<string, unknown>, cause);
  };
}
