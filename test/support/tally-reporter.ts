/** A reporter for Node's test runner that writes nothing but the counts, as JSON, when all files are done. */
import type { TestEvent } from 'node:test/reporters';
import type { Tally } from './tally.ts';

export default async function* tallyReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    // Each file has a summary of its own; the one without a file is over all.
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const { passed, skipped, todo, tests } = event.data.counts;
    // A cancelled test did not pass, whatever it is called.
    const tally: Tally = { passed, failed: tests - passed - skipped - todo, skipped: skipped + todo };
    yield JSON.stringify(tally);
  }
}
