/** Writes a database as a DBC file, in the order that the grammar gives its sections. */
import type {
  AttributeDefinition,
  AttributeTarget,
  AttributeValue,
  Database,
  Message,
  RelationAttribute,
  Signal,
  ValueLabel,
} from './model.ts';
import { defaultSelector } from './multiplex.ts';
import { messageKey, noNode } from './reader.ts';
import { type Block, withComments } from './write-comments.ts';

/**
 * The database as a file, in UTF-8 with LF. Parsing it gives the same database: every number as it was spelt, every
 * comment, attribute, verbatim section, and each comment of the file itself (`//`) at the statement it belongs to.
 * Not kept: blanks, the order of sections, the spelling of raw values and ids, and what a diagnostic named as dropped.
 * What the model has twice (`cycleTimeMs`, `longName`, `spn`, `fd` and the like) is written from `attributes`.
 * @example writeFileSync('copy.dbc', writeDbc(parseDbc(bytes).database))
 */
export function writeDbc(database: Database): Uint8Array {
  const blocks: Block[] = [
    ...preamble(database),
    { statements: lines(database.valueTables, ([name, labels]) => `VAL_TABLE_ ${name}${labelList(labels)} ;`) },
    ...database.messages.map(messageBlock),
    { statements: lines(database.messages, transmitters) },
    { statements: environment(database) },
    { statements: lines(database.signalTypes, ({ name, definition }) => `SGTYPE_ ${name} : ${definition};`) },
    { statements: comments(database) },
    { statements: definitions(database) },
    { statements: attributes(database) },
    { statements: lines(database.relationAttributes, relationAttribute) },
    { statements: values(database) },
    { statements: lines(database.messages, signalDetails) },
    // What no rule describes ends at an empty line.
    ...database.unknownSections.map(({ text }) => ({ statements: [text], verbatim: true })),
  ];
  const written = withComments(blocks, database.sourceComments ?? []).filter(({ statements }) => statements.length > 0);
  const text = written.map(({ statements }) => statements.join('\n')).join('\n\n');
  return new TextEncoder().encode(`${text}\n`);
}

function lines<Item>(items: Iterable<Item>, line: (item: Item) => string | string[]): string[] {
  const written: string[] = [];
  for (const item of items) {
    const text = line(item);
    if (typeof text === 'string') written.push(text);
    else for (const each of text) written.push(each);
  }
  return written;
}

/** A blank is appended to a text that ends with a backslash: no reader would see the quote that closes it. */
function quote(text: string): string {
  return text.endsWith('\\') ? quoteProse(`${text} `) : quoteProse(text);
}

/** Of comments our parser sees the end all the same. */
function quoteProse(text: string): string {
  return `"${text.replaceAll('"', '\\"')}"`;
}

function preamble({ version, newSymbols, bitTiming, nodes }: Database): Block[] {
  const symbols = newSymbols.map((symbol) => `\n\t${symbol}`).join('');
  const timing = bitTiming === '' ? '' : ` ${bitTiming}`;
  const names = nodes.map(({ name }) => ` ${name}`).join('');
  const sections = [`VERSION ${quote(version)}`, `NS_ :${symbols}`, `BS_:${timing}`, `BU_:${names}`];
  return sections.map((section) => ({ statements: [section] }));
}

function labelList(labels: readonly ValueLabel[]): string {
  return labels.map(({ raw, text }) => ` ${raw} ${quote(text)}`).join('');
}

function writtenId(message: { id: number; extended: boolean }): number {
  return messageKey(message.id, message.extended);
}

function messageBlock(message: Message): Block {
  const head = `BO_ ${writtenId(message)} ${message.name}: ${message.length} ${message.sender || noNode}`;
  return { statements: [head, ...message.signals.map(signalLine)] };
}

function signalLine(signal: Signal): string {
  const { name, startBit, length, scaleText, offsetText, minText, maxText, unit, receivers } = signal;
  const layout = `${startBit}|${length}@${signal.byteOrder === 'intel' ? 1 : 0}${signal.signed ? '-' : '+'}`;
  const numbers = `(${scaleText},${offsetText}) [${minText}|${maxText}]`;
  const names = receivers.length > 0 ? receivers.join(',') : noNode;
  return ` SG_ ${name}${multiplexMark(signal)} : ${layout} ${numbers} ${quote(unit)} ${names}`;
}

function multiplexMark({ isSelector, multiplexedBy }: Signal): string {
  if (multiplexedBy === undefined) return isSelector ? ' M' : '';
  // A mark has no sign; SG_MUL_VAL_ has the value then.
  const from = multiplexedBy.ranges[0]?.from ?? 0n;
  return ` m${from < 0n ? 0n : from}${isSelector ? 'M' : ''}`;
}

function transmitters(message: Message): string[] {
  const names = message.transmitters;
  return names.length === 0 ? [] : [`BO_TX_BU_ ${writtenId(message)} : ${names.join(',')};`];
}

function environment({ environmentVariables }: Database): string[] {
  return lines(environmentVariables, (variable) => {
    const { name, type, minText, maxText, unit, initialText, id, accessType, nodes, dataLength } = variable;
    const range = `[${minText}|${maxText}] ${quote(unit)}`;
    const head = `EV_ ${name}: ${type} ${range} ${initialText} ${id} ${accessType} ${nodes.join(',')};`;
    return dataLength === undefined ? [head] : [head, `ENVVAR_DATA_ ${name}: ${dataLength};`];
  });
}

function comments(database: Database): string[] {
  const comment = (target: string, text: string | undefined) =>
    text === undefined ? [] : [`CM_ ${target}${quoteProse(text)};`];
  return lines(
    [
      ...comment('', database.comment),
      ...database.nodes.flatMap((node) => comment(`BU_ ${node.name} `, node.comment)),
      ...database.messages.flatMap((message) => [
        ...comment(`BO_ ${writtenId(message)} `, message.comment),
        ...message.signals.flatMap((signal) => comment(`SG_ ${writtenId(message)} ${signal.name} `, signal.comment)),
      ]),
      ...database.environmentVariables.flatMap((variable) => comment(`EV_ ${variable.name} `, variable.comment)),
    ],
    (line) => line,
  );
}

const targetKeywords: Record<AttributeTarget, string> = {
  network: '',
  node: 'BU_ ',
  message: 'BO_ ',
  signal: 'SG_ ',
  environment: 'EV_ ',
  'node-message': 'BU_BO_REL_ ',
  'node-signal': 'BU_SG_REL_ ',
  'node-environment': 'BU_EV_REL_ ',
};

function definitions({ attributeDefinitions }: Database): string[] {
  const suffix = (definition: AttributeDefinition) => (definition.target.startsWith('node-') ? 'REL_' : '');
  const defaults = attributeDefinitions.flatMap((definition) => {
    if (definition.default === undefined) return [];
    const value = defaultText(definition.default, definition);
    return [`BA_DEF_DEF_${suffix(definition)} ${quote(definition.name)} ${value};`];
  });
  const kinds = attributeDefinitions.map(
    (definition) =>
      `BA_DEF_${suffix(definition)} ${targetKeywords[definition.target]}${quote(definition.name)} ${kindText(definition)};`,
  );
  return lines([...kinds, ...defaults], (line) => line);
}

function kindText({ kind, minText, maxText, values = [] }: AttributeDefinition): string {
  if (kind === 'enum') return `ENUM ${values.map(quote).join(',')}`;
  return [kind.toUpperCase(), minText, maxText].filter((part) => part !== undefined).join(' ');
}

function valueText(value: AttributeValue): string {
  if (value.kind === 'string') return quote(value.value);
  if (value.kind === 'enum') return value.value === -1 ? quote(value.text) : String(value.value);
  return value.text;
}

/** Defaults of enums go by name, except where two values share one and the name would mean the other. */
function defaultText(value: AttributeValue, { values = [] }: AttributeDefinition): string {
  if (value.kind !== 'enum') return valueText(value);
  // -1 is the index of a name that the definition does not list.
  return values.indexOf(value.text) === value.value ? quote(value.text) : String(value.value);
}

function attributes(database: Database): string[] {
  const set = (target: string, owner: { attributes: Map<string, AttributeValue> }) =>
    Array.from(owner.attributes, ([name, value]) => `BA_ ${quote(name)} ${target}${valueText(value)};`);
  return lines(
    [
      ...set('', database),
      ...database.nodes.flatMap((node) => set(`BU_ ${node.name} `, node)),
      ...database.messages.flatMap((message) => [
        ...set(`BO_ ${writtenId(message)} `, message),
        ...message.signals.flatMap((signal) => set(`SG_ ${writtenId(message)} ${signal.name} `, signal)),
      ]),
      ...database.environmentVariables.flatMap((variable) => set(`EV_ ${variable.name} `, variable)),
    ],
    (line) => line,
  );
}

function relationAttribute(relation: RelationAttribute): string {
  const { name, target, node, message, signal, environmentVariable, value } = relation;
  const id = message === undefined ? '' : `${writtenId(message)} `;
  const related =
    target === 'node-environment' ? `${environmentVariable} ` : target === 'node-message' ? id : `SG_ ${id}${signal} `;
  return `BA_REL_ ${quote(name)} ${targetKeywords[target]}${node} ${related}${valueText(value)};`;
}

function values(database: Database): string[] {
  const named = (name: string, labels: readonly ValueLabel[]) =>
    labels.length === 0 ? [] : [`VAL_ ${name}${labelList(labels)} ;`];
  return lines(
    [
      ...database.messages.flatMap((message) =>
        message.signals.flatMap((signal) => named(`${writtenId(message)} ${signal.name}`, signal.labels)),
      ),
      ...database.environmentVariables.flatMap((variable) => named(variable.name, variable.labels)),
    ],
    (line) => line,
  );
}

/** SIG_GROUP_, SIG_VALTYPE_ and SG_MUL_VAL_ of one message. */
function signalDetails(message: Message): string[] {
  const id = writtenId(message);
  const groups = message.signalGroups.map(
    ({ name, repetitions, signals }) => `SIG_GROUP_ ${id} ${name} ${repetitions} : ${signals.join(' ')};`,
  );
  const floats = message.signals
    .filter(({ valueType }) => valueType !== 'integer')
    .map(({ name, valueType }) => `SIG_VALTYPE_ ${id} ${name} : ${valueType === 'float32' ? 1 : 2};`);
  return [...groups, ...floats, ...multiplexRanges(message)];
}

/** SG_MUL_VAL_ for all multiplexed signals of a message whose marks alone would not say enough. */
function multiplexRanges({ id, extended, signals }: Message): string[] {
  const hanging = signals.filter(({ multiplexedBy }) => multiplexedBy !== undefined);
  if (hanging.length === 0) return [];
  const selector = defaultSelector(signals, (signal) => signal.multiplexedBy !== undefined)?.name;
  const plain = ({ multiplexedBy }: Signal) => {
    const ranges = multiplexedBy?.ranges ?? [];
    return (
      multiplexedBy?.selector === selector &&
      ranges.length === 1 &&
      ranges[0].from === ranges[0].to &&
      ranges[0].from >= 0n
    );
  };
  if (hanging.every(plain)) return [];
  // Of signals with one name a reference means the last; the others have their mark alone.
  const last = new Map(signals.map((signal) => [signal.name, signal]));
  return hanging
    .filter((signal) => last.get(signal.name) === signal)
    .map(({ name, multiplexedBy }) => {
      const ranges = multiplexedBy?.ranges.map(({ from, to }) => `${from}-${to}`).join(', ');
      return `SG_MUL_VAL_ ${writtenId({ id, extended })} ${name} ${multiplexedBy?.selector} ${ranges};`;
    });
}
