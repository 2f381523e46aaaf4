/** Asks on a terminal, line by line, until an answer is taken. */
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { toolError } from '../../../errors/index.ts';

export interface Questions {
  /** @param take throws an Error that says what is wrong with the answer; it is asked again then. */
  ask: <Value>(question: string, take: (answer: string) => Value) => Promise<Value>;
  say: (line: string) => void;
  close: () => void;
}

/** @throws {MinerError} INTERRUPTED from `ask`, when the input ends or Ctrl-C is pressed. */
export function openQuestions(input: Readable, output: Writable): Questions {
  const lines = createInterface({ input, output, terminal: (input as { isTTY?: boolean }).isTTY ?? false });
  // One iterator for all: answers that are pasted at once are not lost between two questions.
  const answers = lines[Symbol.asyncIterator]();
  lines.on('SIGINT', () => lines.close());
  const say = (line: string) => output.write(`${line}\n`);
  return {
    async ask(question, take) {
      for (;;) {
        output.write(`${question}: `);
        const { value, done } = await answers.next();
        if (done) throw toolError('INTERRUPTED', {});
        try {
          return take(value.trim());
        } catch (error) {
          say(`  ${(error as Error).message}`);
        }
      }
    },
    say,
    close: () => lines.close(),
  };
}
