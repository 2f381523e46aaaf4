/**
 * The part of CDDL (RFC 8610) that docs/pack.cddl is written in, as a validator: rules, choices, ranges, arrays and maps
 * with occurrences, tags, and the controls .size, .cbor, .ge and .le. For tests: it shows that the grammar says what the
 * code does, and shares nothing with the code but the CBOR values.
 */
import { CborFloat, CborTag, type CborValue, decodeCbor } from '../../edge/pack/index.ts';

type Type =
  | { kind: 'name'; name: string }
  | { kind: 'value'; value: bigint | string }
  | { kind: 'range'; from: bigint; to: bigint }
  | { kind: 'control'; target: Type; operator: string; argument: Type }
  | { kind: 'choice'; options: Type[] }
  | { kind: 'array' | 'map'; entries: Entry[] }
  | { kind: 'tag'; tag: bigint; content: Type };

interface Entry {
  min: number;
  max: number;
  /** Of a map: which keys it is for. Of an array only a name, which is not looked at. */
  key?: Type;
  type: Type;
}

export class Cddl {
  readonly rules: ReadonlyMap<string, Type>;

  /** @throws {Error} with the place, where the text is not of the subset, and for names that no rule defines */
  constructor(text: string) {
    const { rules, used } = new Parser(text).rules();
    this.rules = rules;
    for (const name of used) if (!rules.has(name) && !prelude.has(name)) throw new Error(`no rule for ${name}`);
  }

  /** @returns undefined when the value is what the rule says; else why not, for a person */
  problem(rule: string, value: CborValue): string | undefined {
    return this.#check({ kind: 'name', name: rule }, value);
  }

  #check(type: Type, value: CborValue): string | undefined {
    switch (type.kind) {
      case 'name':
        return this.#checkName(type.name, value);
      case 'value':
        return equals(type.value, value) ? undefined : `${show(value)} is not ${type.value}`;
      case 'range': {
        const integer = integerOf(value);
        const isWithin = integer !== undefined && integer >= type.from && integer <= type.to;
        return isWithin ? undefined : `${show(value)} is not within ${type.from}..${type.to}`;
      }
      case 'control':
        return this.#check(type.target, value) ?? this.#checkControl(type.operator, type.argument, value);
      case 'choice': {
        const problems = type.options.map((option) => this.#check(option, value));
        return problems.includes(undefined) ? undefined : problems.join('; or ');
      }
      case 'array':
        return Array.isArray(value) ? this.#checkArray(type.entries, value) : `${show(value)} is no array`;
      case 'map':
        return value instanceof Map ? this.#checkMap(type.entries, value) : `${show(value)} is no map`;
      case 'tag':
        if (!(value instanceof CborTag) || BigInt(value.tag) !== type.tag)
          return `${show(value)} has not tag ${type.tag}`;
        return this.#check(type.content, value.value);
    }
  }

  #checkName(name: string, value: CborValue): string | undefined {
    const rule = this.rules.get(name);
    if (rule === undefined) return prelude.get(name)?.(value) ? undefined : `${show(value)} is no ${name}`;
    const problem = this.#check(rule, value);
    return problem && `${name}: ${problem}`;
  }

  #checkControl(operator: string, argument: Type, value: CborValue): string | undefined {
    if (operator === '.cbor') {
      try {
        return this.#check(argument, decodeCbor(value as Uint8Array));
      } catch (error) {
        return `holds no CBOR: ${(error as Error).message}`;
      }
    }
    if (argument.kind !== 'value' || typeof argument.value !== 'bigint') throw new Error(`${operator} of no number`);
    const number = operator === '.size' ? BigInt((value as Uint8Array).length) : integerOf(value);
    const limit = argument.value;
    const holds = number !== undefined && { '.size': number === limit, '.ge': number >= limit, '.le': number <= limit };
    if (!holds) return `${show(value)} is no integer`;
    return holds[operator as '.size'] ? undefined : `${show(value)} is not ${operator} ${limit}`;
  }

  /** Entries take what they can, in order: enough for grammars whose optional entries stand last. */
  #checkArray(entries: Entry[], items: readonly CborValue[]): string | undefined {
    let at = 0;
    for (const { min, max, type } of entries) {
      let count = 0;
      let problem: string | undefined;
      while (count < max && at < items.length) {
        problem = this.#check(type, items[at]);
        if (problem !== undefined) break;
        count++;
        at++;
      }
      if (count < min) return `/${at}: ${problem ?? 'missing'}`;
      if (problem !== undefined) return `/${at}: ${problem}`;
    }
    return at < items.length ? `/${at}: one too many` : undefined;
  }

  #checkMap(entries: Entry[], map: ReadonlyMap<CborValue, CborValue>): string | undefined {
    const left = new Map(map);
    for (const { min, max, key, type } of entries) {
      let count = 0;
      for (const [name, value] of [...left]) {
        if (count === max || this.#check(key!, name) !== undefined) continue;
        const problem = this.#check(type, value);
        if (problem !== undefined) return `/${show(name)}: ${problem}`;
        left.delete(name);
        count++;
      }
      if (count < min) return 'a key is missing';
    }
    return left.size > 0 ? `key ${show([...left.keys()][0])} is not known` : undefined;
  }
}

function integerOf(value: CborValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

function equals(wanted: bigint | string, value: CborValue): boolean {
  return typeof wanted === 'string' ? wanted === value : wanted === integerOf(value);
}

/** RFC 8610, appendix D: what has a name without a rule. */
const prelude = new Map<string, (value: CborValue) => boolean>([
  ['uint', (value) => (integerOf(value) ?? -1n) >= 0n],
  ['nint', (value) => (integerOf(value) ?? 0n) < 0n],
  ['int', (value) => integerOf(value) !== undefined],
  ['bstr', (value) => value instanceof Uint8Array],
  ['tstr', (value) => typeof value === 'string'],
]);

function show(value: CborValue): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Map) return 'a map';
  if (value instanceof CborTag) return `tag ${value.tag}`;
  return value instanceof CborFloat ? `float ${value.value}` : String(value);
}

const tokenPattern =
  /;[^\n]*|\s+|"[^"]*"|#6\.\d+|\.\.|\.[a-z]+|=>|-?0x[0-9a-fA-F]+|-?\d+|[A-Za-z@_$][A-Za-z0-9@_$-]*|[=/,:?*+[\]{}()]/y;

class Parser {
  readonly #tokens: string[] = [];
  #at = 0;
  readonly #used = new Set<string>();

  constructor(text: string) {
    tokenPattern.lastIndex = 0;
    while (tokenPattern.lastIndex < text.length) {
      const at = tokenPattern.lastIndex;
      const match = tokenPattern.exec(text);
      if (match === null) throw new Error(`no token of CDDL at ${JSON.stringify(text.slice(at, at + 20))}`);
      if (!/^[;\s]/.test(match[0])) this.#tokens.push(match[0]);
    }
  }

  rules(): { rules: Map<string, Type>; used: Set<string> } {
    const rules = new Map<string, Type>();
    while (this.#at < this.#tokens.length) {
      const name = this.#next();
      if (rules.has(name)) throw new Error(`${name} has two rules`);
      this.#expect('=');
      rules.set(name, this.#type());
    }
    return { rules, used: this.#used };
  }

  #peek(ahead = 0): string {
    return this.#tokens[this.#at + ahead] ?? '';
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? '';
  }

  #expect(token: string): void {
    const before = this.#tokens.slice(Math.max(0, this.#at - 4), this.#at).join(' ');
    const found = this.#next();
    if (found !== token) throw new Error(`expected ${token} after ${before}, found ${found || 'the end'}`);
  }

  #type(): Type {
    const options = [this.#ranged()];
    while (this.#peek() === '/') {
      this.#next();
      options.push(this.#ranged());
    }
    return options.length === 1 ? options[0] : { kind: 'choice', options };
  }

  #ranged(): Type {
    const first = this.#simple();
    const operator = this.#peek();
    if (operator === '..') {
      this.#next();
      return { kind: 'range', from: numberOf(first), to: numberOf(this.#simple()) };
    }
    if (!/^\.[a-z]+$/.test(operator)) return first;
    if (!['.size', '.cbor', '.ge', '.le'].includes(operator)) throw new Error(`control ${operator} is not known here`);
    this.#next();
    return { kind: 'control', target: first, operator, argument: this.#simple() };
  }

  #simple(): Type {
    const token = this.#next();
    if (token === '[') return { kind: 'array', entries: this.#entries(']', false) };
    if (token === '{') return { kind: 'map', entries: this.#entries('}', true) };
    if (token === '(' || token.startsWith('#6.')) {
      if (token !== '(') this.#expect('(');
      const content = this.#type();
      this.#expect(')');
      return token === '(' ? content : { kind: 'tag', tag: BigInt(token.slice(3)), content };
    }
    if (/^-?\d/.test(token)) return { kind: 'value', value: integer(token) };
    if (token.startsWith('"')) return { kind: 'value', value: token.slice(1, -1) };
    if (!/^[A-Za-z@_$]/.test(token)) throw new Error(`expected a type, found ${token || 'the end'}`);
    this.#used.add(token);
    return { kind: 'name', name: token };
  }

  #entries(end: string, isMap: boolean): Entry[] {
    const entries: Entry[] = [];
    while (this.#peek() !== end) {
      entries.push(this.#entry(isMap));
      if (this.#peek() !== end) this.#expect(',');
    }
    this.#next();
    return entries;
  }

  #entry(isMap: boolean): Entry {
    const bounds = { '?': [0, 1], '*': [0, Number.POSITIVE_INFINITY], '+': [1, Number.POSITIVE_INFINITY] };
    const occurrence = bounds[this.#peek() as '?'];
    if (occurrence) this.#next();
    const [min, max] = occurrence ?? [1, 1];
    const key = this.#key();
    if (isMap && key === undefined) throw new Error(`a map entry without a key before ${this.#peek()}`);
    return { min, max, ...(key && { key }), type: this.#type() };
  }

  #key(): Type | undefined {
    const token = this.#peek();
    if (this.#peek(1) === '=>') {
      const key = this.#simple();
      this.#next();
      return key;
    }
    if (this.#peek(1) !== ':') return undefined;
    this.#at += 2;
    if (/^-?\d/.test(token)) return { kind: 'value', value: integer(token) };
    return { kind: 'value', value: token.startsWith('"') ? token.slice(1, -1) : token };
  }
}

function integer(text: string): bigint {
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}

function numberOf(type: Type): bigint {
  if (type.kind === 'value' && typeof type.value === 'bigint') return type.value;
  throw new Error('a range of no numbers');
}
