/** Solc's syntax tree as it comes out of standard JSON: nodes with byte offsets into UTF-8 sources. */

export interface Node {
  id: number;
  nodeType: string;
  src: string;
  [field: string]: unknown;
}

export interface Span {
  start: number;
  end: number;
}

export function spanOf(node: Node): Span {
  const [start, length] = node.src.split(':').map(Number) as [number, number];
  return { start, end: start + length };
}

export function textOf(source: Buffer, node: Node): string {
  const { start, end } = spanOf(node);
  return source.toString('utf8', start, end);
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'nodeType' in value && 'src' in value;
}

/** A field that holds one node, where it does. */
export function child(node: Node | undefined, field: string): Node | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

/** A field that holds a list of nodes; the gaps in it (unnamed tuple components) are left out. */
export function list(node: Node | undefined, field: string): Node[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The nodes right below, in the order of the source. */
export function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []))
    .sort((a, b) => spanOf(a).start - spanOf(b).start);
}

/** The compiler's name of an expression's type, `uint256` for one. */
export function typeOf(node: Node | undefined): string {
  return (node?.typeDescriptions as { typeString?: string } | undefined)?.typeString ?? '';
}

/** An expression of literals only, which the compiler folds without ever giving it a machine type. */
export const isFolded = (node: Node | undefined): boolean => typeOf(node).startsWith('int_const ');

/** A folded expression's value, where the compiler wrote it out whole. */
export function foldedValue(node: Node): bigint | undefined {
  const digits = /^int_const (\d+)$/.exec(typeOf(node))?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}

export type Sources = Map<string, { text: Buffer; ast: Node }>;

/** Every declaration by its id, across all sources of one compilation. */
export function indexById(sources: Sources): Map<number, Node> {
  const found = new Map<number, Node>();
  const visit = (node: Node): void => {
    found.set(node.id, node);
    for (const below of childrenOf(node)) visit(below);
  };
  for (const { ast } of sources.values()) visit(ast);
  return found;
}

export function lineOf(source: Buffer, offset: number): number {
  let line = 1;
  for (let at = source.indexOf(10); at !== -1 && at < offset; at = source.indexOf(10, at + 1)) line++;
  return line;
}

export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
