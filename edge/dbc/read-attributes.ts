/** BA_DEF_, BA_DEF_DEF_, BA_ and their _REL_ forms: attributes, which carry what the grammar has no place for. */
import { readDefinitionKind, toAttributeValue, type WrittenValue } from './attribute-value.ts';
import { Byte, type Span } from './lexer.ts';
import type { AttributeDefinition, AttributeTarget, RelationAttribute } from './model.ts';
import { describeOwner, findOwner, type Owner, readOwner, targets } from './owner.ts';
import { type Reader, splitMessageId } from './reader.ts';
import { usualAttribute } from './usual-lines.ts';

/** `BA_DEF_ [BU_|BO_|SG_|EV_] "name" INT 0 10 ;` and `BA_DEF_REL_ BU_SG_REL_ "name" ... ;` */
export function readDefinition(reader: Reader, from: number, keyword: string) {
  const { lex } = reader;
  let target: AttributeTarget = 'network';
  if (lex.peek() !== Byte.quote) {
    const named = lex.word() ? targets.get(lex.text()) : undefined;
    if (named === undefined) return reader.dropStatement(from, keyword, 'BU_, BO_, SG_, EV_ or a name');
    target = named;
  }
  if (lex.peek() !== Byte.quote) return reader.dropStatement(from, keyword, 'a name in quotes');
  const name = lex.string();
  const definition: AttributeDefinition = { name, target, kind: 'string' };
  if (!readDefinitionKind(reader, definition)) {
    return reader.dropStatement(from, keyword, 'INT, HEX, FLOAT, STRING or ENUM');
  }
  reader.endStatement(from, keyword);
  if (reader.take('definitions', from)) addDefinition(reader, from, definition);
}

function addDefinition(reader: Reader, from: number, definition: AttributeDefinition) {
  const all = reader.database.attributeDefinitions;
  const same = reader.definitions.get(definition.name);
  if (same === undefined) reader.definitions.set(definition.name, [definition]);
  else {
    const index = same.findIndex((before) => before.target === definition.target);
    if (index < 0) same.push(definition);
    else {
      if (!sameDefinition(same[index], definition)) {
        reader.report('ATTRIBUTE_REDEFINED', from, `attribute ${definition.name}`);
      }
      // In place, so that a file of nothing but redefinitions costs no search through all of them.
      Object.assign(same[index], { minText: undefined, maxText: undefined, values: undefined }, definition);
      for (const key of ['minText', 'maxText', 'values'] as const) {
        if (same[index][key] === undefined) delete same[index][key];
      }
      return;
    }
  }
  all.push(definition);
}

function sameDefinition(a: AttributeDefinition, b: AttributeDefinition): boolean {
  const { kind, minText, maxText, values = [] } = b;
  const enumSame = a.values?.length === b.values?.length && values.every((value, i) => a.values?.[i] === value);
  return a.kind === kind && a.minText === minText && a.maxText === maxText && enumSame;
}

/** `BA_DEF_DEF_ "name" value ;` and `BA_DEF_DEF_REL_ "name" value ;` */
export function readDefault(reader: Reader, from: number, keyword: string) {
  const { lex } = reader;
  // Some writers repeat the target of the definition here.
  if (lex.peek() !== Byte.quote && !(lex.word() && targets.has(lex.text()))) {
    return reader.dropStatement(from, keyword, 'a name in quotes');
  }
  if (lex.peek() !== Byte.quote) return reader.dropStatement(from, keyword, 'a name in quotes');
  const name = lex.string();
  const written = readWritten(reader);
  if (written === undefined) return reader.dropStatement(from, keyword, 'a value');
  const statement = { from, to: reader.endStatement(from, keyword) };
  reader.later(from, () => {
    const definitions = reader.definitions.get(name);
    if (definitions === undefined) return reader.keepDangling(keyword, statement, `attribute ${name}`);
    for (const definition of definitions) {
      definition.default = toAttributeValue(reader, written, definition, 'name');
    }
  });
}

/** `BA_ "name" [BU_ node|BO_ id|SG_ id signal|EV_ variable] value ;` */
export function readAttribute(reader: Reader, from: number) {
  const { lex } = reader;
  if (lex.skip(usualAttribute)) return reader.laterAgain(from);
  if (lex.peek() !== Byte.quote) return reader.dropStatement(from, 'BA_', 'a name in quotes');
  const name = lex.string();
  const owner = readOwner(reader);
  const written = readWritten(reader);
  if (written === undefined) return reader.dropStatement(from, 'BA_', 'a value');
  const statement = { from, to: reader.endStatement(from, 'BA_') };
  reader.later(from, () => setAttribute(reader, statement, name, owner, written));
}

/** Reads a `BA_` in its usual form again, now that what it refers to is known. */
export function bindUsualAttribute(reader: Reader, from: number) {
  const { lex } = reader;
  lex.pos = from + 'BA_'.length;
  const found = lex.match(usualAttribute);
  if (found === null) return;
  // By index: in code that runs a few thousand times taking an array apart costs as much as the match.
  const text = found[5];
  const digits = found[6];
  const to = lex.pos;
  const written: WrittenValue =
    digits === undefined
      ? { quoted: true, text, number: Number.NaN, at: to - text.length - 3 }
      : { quoted: false, text: digits, number: Number(digits), at: to - digits.length - 1 };
  setAttribute(reader, { from, to }, found[1], usualOwner(found), written);
}

function usualOwner(found: RegExpExecArray): Owner {
  if (found[2] !== undefined) return { target: 'message', id: Number(found[2]), name: '' };
  if (found[3] !== undefined) return { target: 'signal', id: Number(found[3]), name: found[4] };
  return { target: 'network', id: -1, name: '' };
}

function setAttribute(reader: Reader, statement: Span, name: string, owner: Owner, written: WrittenValue) {
  const attributes = findOwner(reader, owner)?.attributes;
  if (attributes === undefined) return reader.keepDangling('BA_', statement, describeOwner(owner));
  if (attributes.has(name)) {
    reader.report('ATTRIBUTE_REPEATED', statement.from, `attribute ${name} of ${describeOwner(owner)}`);
  }
  const definition = definitionFor(reader, name, owner.target, written.at);
  // The name of its definition is one object for all attributes that have it.
  const value = toAttributeValue(reader, written, definition, 'index');
  attributes.set(definition?.name ?? name, value);
}

/** `BA_REL_ "name" BU_SG_REL_ node SG_ id signal value ;`, `BU_BO_REL_ node id value`, `BU_EV_REL_ node variable value` */
export function readRelationAttribute(reader: Reader, from: number) {
  const { lex } = reader;
  const keyword = 'BA_REL_';
  if (lex.peek() !== Byte.quote) return reader.dropStatement(from, keyword, 'a name in quotes');
  const name = lex.string();
  const target = lex.word() ? targets.get(lex.text()) : undefined;
  if (target !== 'node-message' && target !== 'node-signal' && target !== 'node-environment') {
    return reader.dropStatement(from, keyword, 'BU_SG_REL_, BU_BO_REL_ or BU_EV_REL_');
  }
  if (!lex.word()) return reader.dropStatement(from, keyword, 'a node');
  const node = lex.text();
  const related = readRelated(reader, target);
  if (related === undefined) return reader.dropStatement(from, keyword, `what ${node} is related to`);
  const written = readWritten(reader);
  if (written === undefined) return reader.dropStatement(from, keyword, 'a value');
  reader.endStatement(from, keyword);
  reader.later(from, () => {
    const definition = definitionFor(reader, name, target, written.at);
    const value = toAttributeValue(reader, written, definition, 'index');
    reader.database.relationAttributes.push({ name, target, node, ...related, value });
  });
}

type Related = Pick<RelationAttribute, 'message' | 'signal' | 'environmentVariable'>;

function readRelated(reader: Reader, target: RelationAttribute['target']): Related | undefined {
  const { lex } = reader;
  if (target === 'node-environment') return lex.word() ? { environmentVariable: lex.text() } : undefined;
  let id = lex.unsigned();
  // BU_SG_REL_ puts SG_ before the id.
  if (id < 0 && lex.word()) id = lex.unsigned();
  if (id < 0) return undefined;
  const message = splitMessageId(id);
  if (target === 'node-message') return { message };
  return lex.word() ? { message, signal: lex.text() } : undefined;
}

function readWritten(reader: Reader): WrittenValue | undefined {
  const { lex } = reader;
  const next = lex.peek();
  const at = lex.pos;
  if (next === Byte.quote) return { quoted: true, text: lex.string(), number: Number.NaN, at };
  if (lex.atKeyword() || !lex.word()) return undefined;
  return { quoted: false, text: lex.text(), number: lex.number(), at };
}

function definitionFor(
  reader: Reader,
  name: string,
  target: AttributeTarget,
  at: number,
): AttributeDefinition | undefined {
  const definitions = reader.definitions.get(name);
  if (definitions === undefined) {
    reader.report('ATTRIBUTE_UNDEFINED', at, `attribute ${name}`);
    return undefined;
  }
  const exact = definitions.find((definition) => definition.target === target);
  if (exact !== undefined) return exact;
  reader.report('ATTRIBUTE_TARGET', at, `attribute ${name} is defined for a ${definitions[0].target}, not a ${target}`);
  return definitions[0];
}
