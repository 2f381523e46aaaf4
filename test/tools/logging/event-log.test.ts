// Events as lines: words for people, stable keys for machines, and repetition said once and counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { EventLog, type LogEvent } from '../../../tools/logging/index.ts';

function logged({
  json = false,
  verbose = false,
  unixMs,
}: {
  json?: boolean;
  verbose?: boolean;
  unixMs?: number;
} = {}) {
  const clock = new VirtualClock(unixMs);
  const lines: string[] = [];
  const fileLines: string[] = [];
  const outputOf = (into: string[]) => ({
    dropped: 0,
    write: (line: string) => void into.push(line),
    flush: async () => {},
  });
  const log = new EventLog({ clock, json, verbose, out: outputOf(lines), file: outputOf(fileLines) });
  return { clock, log, lines, fileLines };
}

const event: LogEvent = { level: 'info', event: 'port-up', text: 'reading /dev/x', facts: { port: '/dev/x' } };

test('people get the words, the file gets JSON lines', () => {
  const { log, lines, fileLines } = logged({ unixMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6) });
  log.write(event);
  assert.deepEqual(lines, ['reading /dev/x']);
  assert.deepEqual(fileLines, ['{"time":"2026-01-02T03:04:05.006Z","level":"info","event":"port-up","port":"/dev/x"}']);
});

test('machines get the same line in both; without a clock there is no time in it', () => {
  const { log, lines, fileLines } = logged({ json: true });
  log.write(event);
  assert.deepEqual(lines, ['{"level":"info","event":"port-up","port":"/dev/x"}']);
  assert.deepEqual(fileLines, lines);
});

test('an event without words is for machines alone', () => {
  const { log, lines, fileLines } = logged();
  log.write({ level: 'info', event: 'receipted', facts: { seq: 3 } });
  assert.deepEqual([lines, fileLines.length], [[], 1]);
});

test('debug events need --verbose', () => {
  for (const verbose of [false, true]) {
    const { log, lines } = logged({ verbose });
    log.write({ level: 'debug', event: 'e', text: 'small' });
    assert.deepEqual(lines, verbose ? ['small'] : []);
  }
});

test('an integer past 2^53 is text in JSON, and an error is its code, message, hint and facts', () => {
  const { log, lines } = logged({ json: true });
  log.write({ level: 'info', event: 'e', facts: { wide: 2n ** 63n } });
  assert.deepEqual(JSON.parse(lines[0]).wide, '9223372036854775808');
});

test('the same again and again: said once, then once a minute with the number', () => {
  const { clock, log, lines } = logged();
  const away: LogEvent = { level: 'warn', event: 'port-down', text: 'away', repeatKey: 'port-down' };
  for (let second = 0; second < 150; second += 2) {
    log.write(away);
    clock.advance(2000);
  }
  assert.deepEqual(lines, ['away', 'away (29 times more)', 'away (29 times more)']);
});

test('other keys are not held back, and what is over is news when it comes again', () => {
  const { log, lines } = logged();
  const about = (repeatKey: string): LogEvent => ({ level: 'warn', event: 'e', text: repeatKey, repeatKey });
  for (const key of ['a', 'a', 'b', 'a']) log.write(about(key));
  assert.equal(log.over('a'), 2);
  assert.equal(log.over('a'), 0);
  log.write(about('a'));
  assert.deepEqual(lines, ['a', 'b', 'a']);
});

test('keys without end: the oldest are forgotten, never a line lost for it', () => {
  const { log, lines } = logged();
  for (let n = 0; n < 1000; n++) log.write({ level: 'warn', event: 'e', text: `${n}`, repeatKey: `key ${n}` });
  assert.equal(lines.length, 1000);
});
