/**
 * Writes all mutants of a source into it at once, each behind `__mutant(id)`, so that one compilation serves them all.
 * Comments around each choice say whose it is: where the compiler refuses the text, its offsets lead to the mutant.
 */
import { child, childrenOf, indexById, list, type Node, type Sources, spanOf } from './ast.ts';
import type { Mutant } from './mutants.ts';
import type { Change } from './operators.ts';

export const switchFile = 'mutation/Switch.sol';

/** The switch is set to this to have the mutants that a run comes past reported, instead of one switched on. */
export const COVERAGE = 0xffff_ffffn;

/**
 * `block.coinbase` says which mutant is on: the runner sets it per run and nothing here uses it. It is read through a
 * function pointer, because the compiler wouldn't let `pure` functions read it.
 * Asking for the wall clock has a reason too: the engine runs a failed test again to trace its every step, which takes
 * tens of gigabytes where a mutant never ends; it doesn't where a test could come out differently.
 */
export const switchSource = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

function __mutantReads(uint256 id) view returns (bool on) {
    assembly ("memory-safe") {
        let chosen := and(coinbase(), 0xffffffff)
        on := eq(chosen, id)
        if on {
            // vm.unixTime()
            let at := mload(0x40)
            mstore(at, shl(224, 0x625387dc))
            pop(staticcall(gas(), 0x7109709ECfa91a80626fF3989D68f67F5b1DD12D, at, 4, 0, 0))
        }
        if eq(chosen, ${COVERAGE}) {
            let at := mload(0x40)
            mstore(at, id)
            pop(staticcall(gas(), 0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE, at, 32, 0, 0))
        }
    }
}

function __mutant(uint256 id) pure returns (bool) {
    function(uint256) view returns (bool) reads = __mutantReads;
    function(uint256) pure returns (bool) claimsNotTo;
    assembly {
        claimsNotTo := reads
    }
    return claimsNotTo(id);
}
`;

/** The sources with all of `mutants` in them; those that none touches are as they were. */
export function writeSchemata(sources: Sources, mutants: Mutant[]): Map<string, string> {
  const byId = indexById(sources);
  const byNode = new Map<number, Mutant[]>();
  const constants = new Map<number, Mutant[]>();
  for (const mutant of mutants) {
    const { site } = mutant;
    const [to, node] =
      site.kind === 'modifier'
        ? [byNode, site.definition]
        : [site.kind === 'constant' ? constants : byNode, site.change.node];
    to.set(node.id, [...(to.get(node.id) ?? []), mutant]);
  }
  const texts = new Map<string, string>();
  for (const [file, { text, ast }] of sources) {
    texts.set(file, new Writer(text, byNode, constants, byId).write(ast));
  }
  texts.set(switchFile, switchSource);
  return texts;
}

const on = (mutant: Mutant): string => `__mutant(${mutant.id})`;
/** Marks which text is `id`'s: `whole` with its choice, or what replaces. */
const mark = (mutant: Mutant, part: 'whole' | 'after', text: string): string =>
  `/*${part} ${mutant.id}[*/${text}/*]${mutant.id} ${part}*/`;

class Writer {
  private guarded = false;
  /** Inside constant expressions a function can't be called, so constants are named by what holds their value. */
  private inConstant = false;
  private readonly source: Buffer;
  private readonly byNode: ReadonlyMap<number, Mutant[]>;
  private readonly constants: ReadonlyMap<number, Mutant[]>;
  private readonly byId: ReadonlyMap<number, Node>;

  constructor(
    source: Buffer,
    byNode: ReadonlyMap<number, Mutant[]>,
    constants: ReadonlyMap<number, Mutant[]>,
    byId: ReadonlyMap<number, Node>,
  ) {
    this.source = source;
    this.byNode = byNode;
    this.constants = constants;
    this.byId = byId;
  }

  write(unit: Node): string {
    const { start, end } = spanOf(unit);
    // A source unit starts at its first directive, after the licence.
    const text = this.source.toString('utf8', 0, start) + this.inside(unit) + this.source.toString('utf8', end);
    return this.guarded ? `${text}\nimport {__mutant} from "${switchFile}";\n` : text;
  }

  /** A node with the mutants below it, and its own around it. */
  private readonly node = (node: Node): string => {
    if (node.nodeType === 'FunctionDefinition' || node.nodeType === 'ModifierDefinition') return this.definition(node);
    if (node.nodeType === 'VariableDeclaration' && node.constant) return this.constant(node);
    const mutants = this.byNode.get(node.id);
    if (!mutants) return this.inside(node);
    this.guarded = true;
    const type = mutants.flatMap(({ site }) => (site.kind === 'modifier' ? [] : (site.change.cast ?? [])))[0];
    return mutants.reduceRight((rest, mutant) => this.choice(mutant, rest), inType(type, this.inside(node)));
  };

  private choice(mutant: Mutant, rest: string): string {
    if (mutant.site.kind === 'modifier') return rest;
    const { change } = mutant.site;
    if (mutant.site.kind === 'statement') return mark(mutant, 'whole', `if (!${on(mutant)}) ${rest}`);
    const after = mark(mutant, 'after', inType(change.cast, `(${change.after(this.plain)})`));
    return mark(mutant, 'whole', `(${on(mutant)} ? ${after} : ${rest})`);
  }

  /** A node without mutants, as they stand in what replaces others: only one is ever on. */
  private readonly plain = (node: Node): string => {
    const writer = new Writer(this.source, new Map(), this.constants, this.byId);
    return writer.inside(node);
  };

  private inside(node: Node): string {
    const { start, end } = spanOf(node);
    let [text, at] = ['', start];
    const reference = this.reference(node);
    if (node.nodeType === 'InlineAssembly') return this.assembly(node);
    const outer = this.inConstant;
    if (node.nodeType === 'ArrayTypeName') this.inConstant = true;
    for (const below of childrenOf(node)) {
      const span = spanOf(below);
      if (span.start < at || span.end === span.start) continue;
      text += this.source.toString('utf8', at, span.start) + this.node(below);
      at = span.end;
    }
    this.inConstant = outer;
    return text + this.source.toString('utf8', at, end) + reference;
  }

  /** What follows a name that stands for a constant with mutants. */
  private reference(node: Node): string {
    const refersTo = node.nodeType === 'Identifier' || node.nodeType === 'MemberAccess';
    if (!refersTo || !this.constants.has(node.referencedDeclaration as number)) return '';
    // The getter of a public constant, called from outside, is a function already.
    const { typeString } = node.typeDescriptions as { typeString: string };
    if (typeString.startsWith('function')) return '';
    return this.inConstant ? '__value' : '()';
  }

  private assembly(node: Node): string {
    const { start, end } = spanOf(node);
    let [text, at] = ['', start];
    const references = (node.externalReferences as { declaration: number; src: string }[]).filter(({ declaration }) =>
      this.constants.has(declaration),
    );
    for (const { src } of references.sort((a, b) => Number.parseInt(a.src, 10) - Number.parseInt(b.src, 10))) {
      const [from, length] = src.split(':').map(Number) as [number, number];
      text += `${this.source.toString('utf8', at, from + length)}__value`;
      at = from + length;
    }
    return text + this.source.toString('utf8', at, end);
  }

  /** `T constant X = v` becomes a function X that chooses, and a constant that it falls back to. */
  private constant(node: Node): string {
    const value = child(node, 'value')!;
    this.inConstant = true;
    const written = this.inside(value);
    this.inConstant = false;
    const mutants = this.constants.get(node.id);
    if (!mutants) {
      const { start, end } = spanOf(node);
      return (
        this.source.toString('utf8', start, spanOf(value).start) +
        written +
        this.source.toString('utf8', spanOf(value).end, end)
      );
    }
    this.guarded = true;
    const type = (node.typeDescriptions as { typeString: string }).typeString;
    const inFile = this.byId.get(node.scope as number)?.nodeType === 'SourceUnit';
    const visibility = inFile ? '' : ` ${node.visibility === 'public' ? 'public' : 'internal'}`;
    const overriding = child(node, 'overrides') ? ' override' : '';
    const choices = mutants.map((mutant) => {
      const after = (mutant.site as { change: Change }).change.after(() => `(${written})`);
      return mark(mutant, 'whole', `if (${on(mutant)}) return ${mark(mutant, 'after', after)};`);
    });
    const chooser = `function ${node.name}()${visibility} pure${overriding} returns (${type}) { ${choices.join(' ')} return ${node.name}__value; }`;
    return `${chooser} ${type}${inFile ? '' : ' internal'} constant ${node.name}__value = ${written}`;
  }

  private definition(node: Node): string {
    const mutants = this.byNode.get(node.id) ?? [];
    const text = mutants.length === 0 ? this.inside(node) : this.withoutModifiers(node, mutants);
    return `/*definition ${node.id}[*/${text}/*]${node.id} definition*/`;
  }

  /** The body moves into a function of its own, which is called through the modifiers that a mutant leaves. */
  private withoutModifiers(node: Node, mutants: Mutant[]): string {
    this.guarded = true;
    const body = child(node, 'body')!;
    const modifiers = list(node, 'modifiers');
    const returns = child(node, 'returnParameters')!;
    const returnText = list(returns, 'parameters').length > 0 ? ` returns ${this.plain(returns)}` : '';
    const parameters = list(child(node, 'parameters'), 'parameters');
    const named = parameters.map((parameter, index) => {
      const name = (parameter.name as string) || `argument${index}__`;
      return { name, text: parameter.name ? this.plain(parameter) : `${this.plain(parameter)} ${name}` };
    });
    const signature = `(${named.map(({ text }) => text).join(', ')})`;
    const call = (name: string) => `${name}(${named.map(({ name: argument }) => argument).join(', ')})`;
    const mutability =
      node.stateMutability === 'view' || node.stateMutability === 'pure' ? ` ${node.stateMutability}` : '';
    const name = (part: string) => `${node.name}__${node.id}_${part}`;
    const through = (part: string, left: Node[]) =>
      `function ${name(part)}${signature} private${mutability} ${left.map(this.plain).join(' ')}${returnText} { ${returnText ? 'return ' : ''}${call(name('body'))}; }`;
    const go = (part: string) => (returnText ? `return ${call(name(part))};` : `{ ${call(name(part))}; return; }`);
    const choices = mutants.map((mutant) => mark(mutant, 'whole', `if (${on(mutant)}) ${go(`without${mutant.id}`)}`));
    return [
      `${this.header(node, modifiers, signature)}{ ${choices.join(' ')} ${go('all')} }`,
      through('all', modifiers),
      ...mutants.map((mutant) => {
        const { index } = mutant.site as { index: number };
        return through(
          `without${mutant.id}`,
          modifiers.filter((_, at) => at !== index),
        );
      }),
      `function ${name('body')}${signature} private${mutability}${returnText} ${this.node(body)}`,
    ].join('\n');
  }

  /** Up to the body, without the modifiers and with every parameter named. */
  private header(node: Node, modifiers: Node[], signature: string): string {
    const parameters = spanOf(child(node, 'parameters')!);
    let text = this.source.toString('utf8', spanOf(node).start, parameters.start) + signature;
    let at = parameters.end;
    for (const modifier of modifiers) {
      text += this.source.toString('utf8', at, spanOf(modifier).start);
      at = spanOf(modifier).end;
    }
    return text + this.source.toString('utf8', at, spanOf(child(node, 'body')!).start);
  }
}

function inType(type: string | undefined, text: string): string {
  if (type === undefined) return text;
  const bytes = /^bytes(\d+)$/.exec(type)?.[1];
  return bytes ? `${type}(uint${Number(bytes) * 8}(${text}))` : `${type}(${text})`;
}
