/** What a comment or an attribute is set on. */
import { Byte } from './lexer.ts';
import type { AttributeTarget, AttributeValue } from './model.ts';
import { describe, findSignal } from './read-values.ts';
import { type Reader, writtenKey } from './reader.ts';

/** Words that name the target of an attribute. */
export const targets: ReadonlyMap<string, AttributeTarget> = new Map([
  ['BU_', 'node'],
  ['BO_', 'message'],
  ['SG_', 'signal'],
  ['EV_', 'environment'],
  ['BU_BO_REL_', 'node-message'],
  ['BU_SG_REL_', 'node-signal'],
  ['BU_EV_REL_', 'node-environment'],
]);

/** By name, by message id, or by both; data rather than closures, as a file may have a million of them. */
export interface Owner {
  target: AttributeTarget;
  id: number;
  name: string;
}

/** `BU_ node`, `BO_ id`, `SG_ id signal`, `EV_ variable`; the network, with nothing consumed, before anything else. */
export function readOwner(reader: Reader): Owner {
  const { lex } = reader;
  const before = lex.peek() === Byte.quote ? -1 : lex.pos;
  const target = before >= 0 && lex.word() ? targets.get(lex.text()) : undefined;
  switch (target) {
    case 'node':
    case 'environment':
      return { target, id: -1, name: readName(reader) };
    case 'message':
      return { target, id: lex.unsigned(), name: '' };
    case 'signal': {
      const id = lex.unsigned();
      return { target, id, name: readName(reader) };
    }
    default:
      if (before >= 0) lex.pos = before;
      return { target: 'network', id: -1, name: '' };
  }
}

function readName({ lex }: Reader): string {
  return lex.peek() !== Byte.quote && lex.word() ? lex.text() : '';
}

/** What the model has for it, or undefined when the file does not define it. */
export function findOwner(
  reader: Reader,
  { target, id, name }: Owner,
): { comment?: string; attributes: Map<string, AttributeValue> } | undefined {
  switch (target) {
    case 'network':
      return reader.database;
    case 'node':
      return reader.nodes.get(name);
    case 'environment':
      return reader.environmentVariables.get(name);
    case 'message':
      return reader.messages.get(writtenKey(id));
    default:
      return findSignal(reader, id, name);
  }
}

export function describeOwner({ target, id, name }: Owner): string {
  if (target === 'network') return 'the network';
  if (target === 'message') return `message ${id}`;
  return target === 'node' ? `node ${name}` : describe(id, name);
}
