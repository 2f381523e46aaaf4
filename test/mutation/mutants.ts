/** Every change that the operators make to a set of sources, numbered the same for the same sources. */
import { child, childrenOf, indexById, lineOf, list, type Node, oneLine, type Sources, spanOf, textOf } from './ast.ts';
import { type Change, expressionChanges, type Operator, statementChanges, steps } from './operators.ts';

export interface Mutant {
  /** From 1; what the switch is set to. */
  id: number;
  file: string;
  line: number;
  /** `Contract.function`, or the constant's name. */
  place: string;
  operator: Operator;
  /** What was there, and what is; on one line. */
  before: string;
  after: string;
  /** The source line, so that an explanation finds it again after lines have moved. */
  text: string;
  site: Site;
}

export type Site =
  | { kind: 'expression' | 'statement' | 'constant'; change: Change }
  | { kind: 'modifier'; definition: Node; index: number };

const skipped =
  /^(InlineAssembly|ImportDirective|PragmaDirective|StructuredDocumentation|InheritanceSpecifier|UsingForDirective|ParameterList|(Event|Error|Struct|Enum)Definition|OverrideSpecifier|.*TypeName)$/;

/** Finds the mutants of the sources that `isMutated` names. */
export function findMutants(sources: Sources, isMutated: (file: string) => boolean): Mutant[] {
  const byId = indexById(sources);
  const mutants: Mutant[] = [];
  for (const file of [...sources.keys()].filter(isMutated).sort()) {
    const { text, ast } = sources.get(file)!;
    const found = new Finder(file, text, byId).find(ast);
    for (const mutant of found) mutants.push({ ...mutant, id: mutants.length + 1 });
  }
  return mutants;
}

/** A body that only hands on to the parents, which the compiler demands where two of them define a function. */
function onlyForwards(definition: Node): boolean {
  const statements = list(child(definition, 'body'), 'statements');
  const [only] = statements;
  if (!definition.overrides || statements.length !== 1 || list(definition, 'modifiers').length > 0) return false;
  const call = child(only, 'expression');
  return call?.nodeType === 'FunctionCall' && child(child(call, 'expression'), 'expression')?.name === 'super';
}

class Finder {
  private readonly found: Omit<Mutant, 'id'>[] = [];
  private readonly seen = new Set<string>();
  private contract = '';
  private readonly file: string;
  private readonly source: Buffer;
  private readonly byId: ReadonlyMap<number, Node>;

  constructor(file: string, source: Buffer, byId: ReadonlyMap<number, Node>) {
    this.file = file;
    this.source = source;
    this.byId = byId;
  }

  find(unit: Node): Omit<Mutant, 'id'>[] {
    this.declarations(unit);
    return this.found.sort((a, b) => siteStart(a.site) - siteStart(b.site));
  }

  private declarations(node: Node): void {
    for (const below of list(node, 'nodes')) {
      if (below.nodeType === 'ContractDefinition') {
        if (below.contractKind === 'interface') continue;
        this.contract = below.name as string;
        this.declarations(below);
        this.contract = '';
      } else if (below.nodeType === 'VariableDeclaration') this.constant(below);
      else if (below.nodeType === 'FunctionDefinition' || below.nodeType === 'ModifierDefinition') this.body(below);
    }
  }

  private place(name: string): string {
    return this.contract === '' ? name : `${this.contract}.${name}`;
  }

  private constant(node: Node): void {
    const value = child(node, 'value');
    const type = (node.typeDescriptions as { typeString: string }).typeString;
    if (!node.constant || !value || !/^u?int\d+$/.test(type)) return;
    for (const after of steps(value)) {
      const change: Change = { operator: 'CRP', node, after };
      this.add({ kind: 'constant', change }, this.place(node.name as string), value);
    }
  }

  private body(definition: Node): void {
    const body = child(definition, 'body');
    if (!body || onlyForwards(definition)) return;
    const place = this.place((definition.name as string) || (definition.kind as string));
    list(definition, 'modifiers').forEach((modifier, index) => {
      const isModifier = modifier.kind === 'modifierInvocation' && definition.kind !== 'constructor';
      if (isModifier) this.add({ kind: 'modifier', definition, index }, place, modifier);
      for (const argument of list(modifier, 'arguments')) this.expressions(argument, modifier, definition, place);
    });
    this.expressions(body, definition, definition, place);
  }

  private expressions(node: Node, parent: Node, definition: Node, place: string): void {
    if (skipped.test(node.nodeType)) return;
    const changes = [...statementChanges(node, parent, definition), ...expressionChanges(node, parent, this.byId)];
    for (const change of changes) {
      this.add({ kind: change.operator === 'SDL' ? 'statement' : 'expression', change }, place, change.node);
    }
    for (const below of childrenOf(node)) this.expressions(below, node, definition, place);
  }

  private add(site: Site, place: string, shown: Node): void {
    const plain = (node: Node): string => textOf(this.source, node);
    const operator = site.kind === 'modifier' ? 'MDL' : site.change.operator;
    const after = site.kind === 'modifier' ? '' : oneLine(site.change.after(plain));
    const { start } = spanOf(shown);
    const key = `${shown.src} ${after}`;
    if (this.seen.has(key) || after === oneLine(plain(shown))) return;
    this.seen.add(key);
    const line = lineOf(this.source, start);
    const text = oneLine(this.source.toString('utf8').split('\n')[line - 1] ?? '');
    const before = oneLine(plain(shown)).replace(/;$/, '');
    this.found.push({ file: this.file, line, place, operator, before, after, text, site });
  }
}

const siteStart = (site: Site): number =>
  spanOf(site.kind === 'modifier' ? list(site.definition, 'modifiers')[site.index]! : site.change.node).start;
