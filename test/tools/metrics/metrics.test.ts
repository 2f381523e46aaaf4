// Metrics as text: what a strict reader of the format gets out is what was put in, whatever the labels hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addProcessMetrics, Metrics } from '../../../tools/metrics/index.ts';
import { readExposition } from './exposition.ts';

test('the text of a counter, a gauge, labels and a set, to the letter', () => {
  let frames = 41;
  const metrics = new Metrics()
    .counter('dimo_frames_total', 'Frames read.', () => frames)
    .gauge('dimo_up', 'Whether a side is up: 1 or 0.', () => 1, { side: 'port' })
    .gauge('dimo_up', 'Whether a side is up: 1 or 0.', () => 0, { side: 'uplink' })
    .counter('dimo_refused_total', 'By code.', () => [
      { labels: { code: 'A' }, value: 2 },
      { labels: { code: 'B' }, value: 3 },
    ]);
  frames++;
  assert.equal(
    metrics.text(),
    [
      '# HELP dimo_frames_total Frames read.',
      '# TYPE dimo_frames_total counter',
      'dimo_frames_total 42',
      '# HELP dimo_up Whether a side is up: 1 or 0.',
      '# TYPE dimo_up gauge',
      'dimo_up{side="port"} 1',
      'dimo_up{side="uplink"} 0',
      '# HELP dimo_refused_total By code.',
      '# TYPE dimo_refused_total counter',
      'dimo_refused_total{code="A"} 2',
      'dimo_refused_total{code="B"} 3',
      '',
    ].join('\n'),
  );
});

test('a value that is not known is left out, and its name with it when none is known', () => {
  const metrics = new Metrics()
    .gauge('age', 'Help.', () => undefined)
    .gauge('two', 'Help.', () => undefined, { of: 'a' })
    .gauge('two', 'Help.', () => 7, { of: 'b' })
    .gauge('none', 'Help.', () => []);
  assert.deepEqual([...readExposition(metrics.text()).keys()], ['two']);
});

const wrong: [string, () => unknown][] = [
  ['a counter whose name does not end in _total', () => new Metrics().counter('frames', '', () => 1)],
  ['a name with a hyphen', () => new Metrics().gauge('a-b', '', () => 1)],
  ['a name that begins with a digit', () => new Metrics().gauge('1a', '', () => 1)],
  ['no name', () => new Metrics().gauge('', '', () => 1)],
  ['a label with a dot', () => new Metrics().gauge('a', '', () => 1, { 'b.c': '' })],
  ['a label that Prometheus keeps for itself', () => new Metrics().gauge('a', '', () => 1, { __name__: '' })],
  [
    'a label of a set that is none',
    () => new Metrics().gauge('a', '', () => [{ labels: { '': '' }, value: 1 }]).text(),
  ],
  ['one name as counter and gauge', () => new Metrics().counter('a_total', '', () => 1).gauge('a_total', '', () => 1)],
  ['one name with two helps', () => new Metrics().gauge('a', 'one', () => 1).gauge('a', 'two', () => 1)],
];
for (const [name, add] of wrong) test(`refused: ${name}`, () => assert.throws(add, TypeError));

test('any help, any label text, any number comes back', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'n', '{', '}', ',', '=', ' ', 'ß', '#') });
  const number = fc.double();
  fc.assert(
    fc.property(text, fc.array(fc.tuple(text, number), { maxLength: 5 }), (help, entries) => {
      const values = new Map(entries);
      const metrics = new Metrics().gauge('g', help, () =>
        Array.from(values, ([label, value]) => ({ labels: { label }, value })),
      );
      const read = readExposition(metrics.text()).get('g');
      assert.equal(read !== undefined, values.size > 0);
      if (read) assert.equal(read.help, help);
      for (const [label, value] of values) {
        // -0 has no sign in decimal text.
        assert.equal((read?.values.get(JSON.stringify([['label', label]])) ?? 0) + 0, value + 0);
      }
    }),
  );
});

test('what every process tells of itself', () => {
  const read = readExposition(addProcessMetrics(new Metrics()).text());
  const value = (name: string) => read.get(name)?.values.get('[]') ?? Number.NaN;
  assert.ok(value('process_resident_memory_bytes') > 1e6);
  assert.ok(value('nodejs_heap_size_used_bytes') > 1e5);
  assert.ok(value('process_cpu_seconds_total') > 0);
  assert.ok(Math.abs(value('process_start_time_seconds') - Date.now() / 1000) < 3600);
});
