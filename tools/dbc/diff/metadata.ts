/** Differences that no decoded value depends on: comments, attributes, nodes, cycle times. */
import type { AttributeValue, Database, Message, Signal } from '../../../edge/dbc/index.ts';
import type { Change } from './changes.ts';

/** Names a thing and gives its state as text; '' is none. */
type Facts = [what: string, state: string][];

/** Everything that a message says beside its id, name, length and signals. */
export function messageMetadata(before: Message, after: Message): Change[] {
  return differences(messageFacts(before), messageFacts(after));
}

export function signalMetadata(before: Signal, after: Signal): Change[] {
  return differences(signalFacts(before), signalFacts(after));
}

/** What belongs to the file as a whole. */
export function fileMetadata(before: Database, after: Database): Change[] {
  return differences(fileFacts(before), fileFacts(after));
}

function differences(before: Facts, after: Facts): Change[] {
  const old = new Map(before);
  const now = new Map(after);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((what) => {
    const [from = '', to = ''] = [old.get(what), now.get(what)];
    if (from === to) return [];
    const verb = from === '' ? 'added' : to === '' ? 'removed' : 'changed';
    return [{ kind: 'metadata', before: from, after: to, text: `${what} ${verb}` } as const];
  });
}

function messageFacts(message: Message): Facts {
  const { comment = '', sender, transmitters, fd, signalGroups, attributes } = message;
  return [
    ['comment', comment],
    ['sender', sender],
    ['transmitters', transmitters.join(' ')],
    ['CAN FD frame format', fd ? 'yes' : ''],
    ...signalGroups.map(({ name, repetitions, signals }): Facts[0] => [
      `signal group ${name}`,
      `${repetitions}: ${signals.join(' ')}`,
    ]),
    ...attributeFacts(attributes),
  ];
}

function signalFacts({ comment = '', receivers, attributes }: Signal): Facts {
  return [['comment', comment], ['receivers', receivers.join(' ')], ...attributeFacts(attributes)];
}

function attributeFacts(attributes: ReadonlyMap<string, AttributeValue>): Facts {
  return Array.from(attributes, ([name, value]) => [`attribute ${name}`, valueText(value)]);
}

function valueText(value: AttributeValue): string {
  return value.kind === 'string' ? `"${value.value}"` : `${value.kind} ${value.text}`;
}

function fileFacts(database: Database): Facts {
  const { version, bitTiming, comment = '', nodes, newSymbols, relationAttributes, signalTypes } = database;
  return [
    ['version', version],
    ['bit timing', bitTiming],
    ['comment', comment],
    ['list of sections (NS_)', newSymbols.join(' ')],
    ...nodes.map(({ name, comment: text = '', attributes }): Facts[0] => [
      `node ${name}`,
      JSON.stringify([text, attributeFacts(attributes)]),
    ]),
    ...Array.from(database.valueTables, ([name, labels]): Facts[0] => [
      `value table ${name}`,
      labels.map(({ raw, text }) => `${raw} ${JSON.stringify(text)}`).join(', '),
    ]),
    ...database.environmentVariables.map(({ name, attributes, labels, ...rest }): Facts[0] => [
      `environment variable ${name}`,
      JSON.stringify([rest, attributeFacts(attributes), labels.map(({ raw, text }) => [`${raw}`, text])]),
    ]),
    ...database.attributeDefinitions.map((definition): Facts[0] => [
      `definition of ${definition.target} attribute ${definition.name}`,
      JSON.stringify(definition),
    ]),
    ...attributeFacts(database.attributes),
    ['attributes of relations', relationAttributes.map((relation) => JSON.stringify(relation)).join(' ')],
    ['signal types', signalTypes.map(({ name, definition }) => `${name}: ${definition}`).join('\n')],
    ['sections kept verbatim', database.unknownSections.map(({ text }) => text).join('\n')],
    ['source comments', (database.sourceComments ?? []).map(({ text }) => text).join('\n')],
  ];
}
