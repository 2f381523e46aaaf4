/** Real files: all are read, nothing in them is lost, and writing them gives the same database. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { parseDbc, semanticHash, writeDbc } from '../../../edge/dbc/index.ts';
import { corpus, corpusMissing, withoutPlaces } from './parsing.ts';

const files = corpus();
const skip = files === undefined && corpusMissing;

/** Lines that begin with a keyword, found without the parser. No file of the corpus has one inside a comment. */
function countLines(bytes: Uint8Array, keyword: string): number {
  const text = new TextDecoder('latin1').decode(bytes);
  return text.match(new RegExp(`^[ \\t]*${keyword} `, 'gm'))?.length ?? 0;
}

test('every message, signal, value table, signal group and attribute definition is there, or its loss is reported', {
  skip,
}, () => {
  for (const { name, bytes } of files ?? []) {
    const { database, diagnostics } = parseDbc(bytes);
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity === 'error'),
      [],
      name,
    );
    const signals = database.messages.flatMap((message) => message.signals);
    assert.equal(database.messages.length, countLines(bytes, 'BO_'), `${name}: messages`);
    assert.equal(signals.length, countLines(bytes, 'SG_'), `${name}: signals`);
    const kept = (keyword: string) => database.unknownSections.filter((section) => section.keyword === keyword).length;
    const tables = countLines(bytes, 'VAL_TABLE_');
    assert.equal(database.valueTables.size, tables, `${name}: value tables`);
    const groups = database.messages.reduce((sum, message) => sum + message.signalGroups.length, kept('SIG_GROUP_'));
    assert.equal(groups, countLines(bytes, 'SIG_GROUP_'), `${name}: signal groups`);
    const definitions = countLines(bytes, 'BA_DEF_') + countLines(bytes, 'BA_DEF_REL_');
    assert.equal(database.attributeDefinitions.length, definitions, `${name}: attribute definitions`);
    assert.equal(database.relationAttributes.length, countLines(bytes, 'BA_REL_'), `${name}: relation attributes`);
  }
});

test('parse, write, parse gives the same database and the same meaning', { skip }, () => {
  for (const { name, bytes } of files ?? []) {
    const { database } = parseDbc(bytes);
    const written = writeDbc(database);
    const again = parseDbc(written);
    assert.deepEqual(withoutPlaces(again.database), withoutPlaces(database), name);
    assert.deepEqual(writeDbc(again.database), written, `${name}: written again`);
    assert.equal(semanticHash(again.database), semanticHash(database), name);
  }
});

test('files with umlauts keep them', { skip }, () => {
  const mqb = files?.find(({ name }) => name === 'opendbc/vw_mqb.dbc');
  assert.ok(mqb);
  const { database, encoding } = parseDbc(mqb.bytes);
  assert.equal(encoding, 'utf-8');
  const comments = database.messages.flatMap((message) => message.signals.map((signal) => signal.comment ?? ''));
  assert.ok(comments.some((comment) => comment.includes('Primärachse')));
});

test('known facts of known files', { skip }, () => {
  const database = (name: string) => {
    const file = files?.find((each) => each.name === name);
    assert.ok(file, name);
    return parseDbc(file.bytes).database;
  };
  assert.deepEqual(
    database('cantools/j1939.dbc').messages.map(({ j1939, signals }) => [j1939, signals[0].spn]),
    [
      [true, 500],
      [true, undefined],
    ],
  );
  const long = database('cantools/long_names_multiple_relations_dumped.dbc');
  assert.equal(long.nodes[0].longName, 'Sender_2_aaaaaaaaaaaaaaaaaaaaaaaAAAAAA');
  assert.deepEqual(long.messages.find(({ id }) => id === 6)?.transmitters, [
    'Node_6789_123456789_123456789_12',
    'Sender_2_aaaaaaaaaaaaaaaaaaaaaaa',
  ]);
  const nested = database('cantools/multiplex_2.dbc').messages.flatMap(({ signals }) => signals);
  assert.deepEqual(
    nested.find(({ multiplexedBy }) => multiplexedBy !== undefined && multiplexedBy.ranges.length > 1)?.multiplexedBy,
    {
      selector: 'S0',
      ranges: [
        { from: 1n, to: 1n },
        { from: 3n, to: 3n },
      ],
    },
  );
  const tesla = database('opendbc/tesla_can.dbc');
  assert.deepEqual(
    tesla.nodes.map(({ name }) => name),
    ['NEO', 'MCU', 'GTW', 'EPAS', 'DI', 'ESP', 'SBW', 'STW', 'APP', 'DAS', 'XXX'],
  );
});
