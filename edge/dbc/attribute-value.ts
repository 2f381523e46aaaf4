/** The kinds of attributes, and what a written value means under each. */
import { Byte } from './lexer.ts';
import type { AttributeDefinition, AttributeValue } from './model.ts';
import type { Reader } from './reader.ts';

/** A value as the file has it. */
export interface WrittenValue {
  quoted: boolean;
  text: string;
  /** NaN when the text is not a number. */
  number: number;
  at: number;
}

/** `INT 0 10`, `HEX 0 15`, `FLOAT 0 1`, `STRING`, `ENUM "a","b"` into `definition`; false for anything else. */
export function readDefinitionKind(reader: Reader, definition: AttributeDefinition): boolean {
  const { lex } = reader;
  if (!lex.word()) return false;
  switch (lex.text()) {
    case 'INT':
      definition.kind = 'int';
      break;
    case 'HEX':
      definition.kind = 'hex';
      break;
    case 'FLOAT':
      definition.kind = 'float';
      break;
    case 'STRING':
      definition.kind = 'string';
      return true;
    case 'ENUM':
      definition.kind = 'enum';
      definition.values = readEnumValues(reader);
      return true;
    default:
      return false;
  }
  if (lex.peek() === Byte.semicolon || lex.atKeyword() || !lex.word()) return true;
  definition.minText = lex.text();
  if (lex.peek() === Byte.semicolon || lex.atKeyword() || !lex.word()) return true;
  definition.maxText = lex.text();
  return true;
}

function readEnumValues(reader: Reader): string[] {
  const { lex } = reader;
  const values: string[] = [];
  for (;;) {
    const next = lex.peek();
    if (next === Byte.comma) lex.pos++;
    else if (next === Byte.quote) {
      const at = lex.pos;
      const text = lex.string();
      if (reader.take('definitions', at)) values.push(text);
    } else return values;
  }
}

/** Whether an enum is usually written by index (BA_) or by name (BA_DEF_DEF_). */
type EnumForm = 'index' | 'name';

/** The value under its definition; without one, its kind follows from how it is written. */
export function toAttributeValue(
  reader: Reader,
  written: WrittenValue,
  definition: AttributeDefinition | undefined,
  enumForm: EnumForm,
): AttributeValue {
  const { text, quoted, number, at } = written;
  if (definition === undefined) return undefinedValue(written);
  const { name, kind } = definition;
  if (kind === 'enum') return toEnumValue(reader, written, definition, enumForm);
  if (kind === 'string') {
    if (!quoted) reader.report('ATTRIBUTE_KIND', at, `attribute ${name} is ${text}, expected a string in quotes`);
    return { kind, value: text };
  }
  if (!quoted && !Number.isNaN(number)) return { kind, value: number, text };
  reader.report('ATTRIBUTE_KIND', at, `attribute ${name} is ${JSON.stringify(text)}, expected a number`);
  return isPlainNumber(text) ? { kind, value: Number(text), text } : { kind: 'string', value: text };
}

function undefinedValue({ text, quoted, number }: WrittenValue): AttributeValue {
  if (quoted || Number.isNaN(number)) return { kind: 'string', value: text };
  return { kind: Number.isInteger(number) ? 'int' : 'float', value: number, text };
}

function toEnumValue(
  reader: Reader,
  { text, quoted, number, at }: WrittenValue,
  { name, values = [] }: AttributeDefinition,
  form: EnumForm,
): AttributeValue {
  const byName = quoted || Number.isNaN(number);
  const index = byName ? values.indexOf(text) : number;
  const known = index in values;
  if (!known) {
    reader.report('ATTRIBUTE_ENUM_VALUE', at, `attribute ${name} is ${JSON.stringify(text)}, expected one of its enum`);
  } else if (byName !== (form === 'name')) {
    reader.report('ATTRIBUTE_ENUM_FORM', at, `attribute ${name} is ${JSON.stringify(text)}, expected its ${form}`);
  }
  return { kind: 'enum', value: index, text: byName ? text : (values[index] ?? '') };
}

/** Short decimal notation only, so that writing the text back without quotes reads the same. */
function isPlainNumber(text: string): boolean {
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(text);
}
