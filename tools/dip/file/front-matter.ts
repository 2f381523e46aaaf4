/** Takes a DIP file apart into front matter, where each part stands, and body. */
import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from 'yaml';
import { findControl, shown } from './arguments/index.ts';
import type { Path, Problem } from './dip-file.ts';

/** A DIP's text goes on chain with its proposal, and a node takes no transaction above 128 KiB. */
export const fileSizeMax = 65_536;
const frontMatterSizeMax = 32_768;
const depthMax = 8;

export interface FrontMatter {
  /** Texts, and lists and maps of them: nothing in it has been taken for a number or a date. */
  value: Record<string, unknown>;
  body: string;
  /** Where a part stands; of what is not there, where it should be. Lines and columns from 1. */
  placeOf: (path: Path) => { line: number; column: number };
  placeInBody: (offset: number) => { line: number; column: number };
  problems: Problem[];
}

/** Never throws: what is wrong is among the problems, and what could be read is there beside it. */
export function readFrontMatter(source: string): FrontMatter {
  const text = source.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  const places = new Map<string, { line: number; column: number }>();
  const problems: Problem[] = [];
  const placeAt = placer(text);
  const report = (offset: number, problem: string) =>
    problems.push({ severity: 'error', ...placeAt(offset), text: problem });
  let bodyStart = 0;
  const whole = (value: Record<string, unknown>, body: string): FrontMatter => ({
    value,
    body,
    placeOf: (path) => findPlace(places, path),
    placeInBody: (offset) => placeAt(bodyStart + offset),
    problems,
  });

  const size = Buffer.byteLength(source);
  if (size > fileSizeMax) {
    report(0, `the file has ${size} bytes, expected at most ${fileSizeMax}: all of it goes on chain`);
    return whole({}, '');
  }
  const refused = findControl(text);
  if (refused) {
    const what = refused.name === 'U+FFFD' ? 'what is not UTF-8' : `the control character ${refused.name}`;
    report(refused.at, `${what} is not taken anywhere in a DIP`);
    return whole({}, '');
  }
  const parts = /^---[ \t]*\n([\s\S]*?)^---[ \t]*(?:\n|$)/m.exec(text);
  if (parts?.index !== 0) {
    report(0, 'expected front matter: a line ---, the fields, and a line --- after them');
    return whole({}, '');
  }
  const yaml = parts[1]!;
  const yamlStart = parts[0].indexOf('\n') + 1;
  bodyStart = parts[0].length;
  const rest = text.slice(bodyStart);
  const body = rest.trim();
  bodyStart += rest.length - rest.trimStart().length;
  if (Buffer.byteLength(yaml) > frontMatterSizeMax) {
    report(0, `the front matter has more than ${frontMatterSizeMax} bytes`);
    return whole({}, body);
  }

  // Everything stays text (YAML's failsafe schema): an address is no number, and "yes" no truth value.
  const document = parseDocument(yaml, { schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' });
  for (const error of [...document.errors, ...document.warnings]) {
    report(yamlStart + error.pos[0], `not YAML: ${error.message.split('\n')[0]!.replace(/ at line.*/, '')}`);
  }
  if (problems.length > 0) return whole({}, body);
  const refuse = (node: Node, problem: string) => report(yamlStart + (node.range?.[0] ?? 0), problem);
  const value = toPlain(document.contents, [], {
    refuse,
    place: (path, node) => places.set(key(path), placeAt(yamlStart + (node.range?.[0] ?? 0))),
  });
  if (typeof value !== 'object' || Array.isArray(value)) {
    if (problems.length === 0) report(yamlStart, 'expected fields such as "title: ..." in the front matter');
    return whole({}, body);
  }
  return whole(value as Record<string, unknown>, body);
}

interface Visitor {
  refuse: (node: Node, problem: string) => void;
  place: (path: Path, node: Node) => void;
}

/** Aliases are refused, so a small file cannot stand for a large one. */
function toPlain(node: unknown, path: Path, visitor: Visitor): unknown {
  if (node === null || node === undefined) return '';
  const { refuse, place } = visitor;
  const one = node as Node;
  place(path, one);
  if (isAlias(one)) {
    refuse(one, 'an alias (*name) is not taken: write out what it stands for');
    return '';
  }
  const { anchor } = one as { anchor?: string };
  if (anchor !== undefined) refuse(one, `an anchor (&${anchor}) is not taken: nothing may refer to it`);
  if (path.length > depthMax) {
    refuse(one, `nested more than ${depthMax} deep`);
    return '';
  }
  if (isScalar(one)) return typeof one.value === 'string' ? one.value : '';
  if (isSeq(one)) return one.items.map((item, index) => toPlain(item, [...path, index], visitor));
  if (isMap(one)) return toObject(one, path, visitor);
  return '';
}

function toObject(node: YAMLMap, path: Path, visitor: Visitor): Record<string, unknown> {
  const entries = new Map<string, unknown>();
  for (const { key: name, value } of node.items) {
    const keyNode = name as Node;
    if (!isScalar(keyNode) || typeof keyNode.value !== 'string' || !/^[A-Za-z0-9][\w-]*$/.test(keyNode.value)) {
      visitor.refuse(isScalar(keyNode) ? keyNode : node, 'expected a name before the colon: letters, digits, - and _');
      continue;
    }
    if (entries.has(keyNode.value)) {
      visitor.refuse(keyNode, `${shown(keyNode.value)} stands there twice; which one would count?`);
      continue;
    }
    const inner = [...path, keyNode.value];
    entries.set(keyNode.value, toPlain(value, inner, visitor));
    if (value === null) visitor.place(inner, keyNode);
  }
  return Object.fromEntries(entries);
}

const key = (path: Path): string => path.join('\n');

function findPlace(places: ReadonlyMap<string, { line: number; column: number }>, path: Path) {
  for (let length = path.length; length >= 0; length--) {
    const found = places.get(key(path.slice(0, length)));
    if (found) return found;
  }
  return { line: 1, column: 1 };
}

/** Offsets to lines and columns; both count from 1. */
function placer(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [line, after] = [1, starts.length + 1];
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if (starts[middle - 1]! <= offset) line = middle;
      else after = middle;
    }
    return { line, column: offset - starts[line - 1]! + 1 };
  };
}
