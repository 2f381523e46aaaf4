/** How arguments of actions are read: each kind says what is written, and makes a value of it. */
import type { Addresses } from '../../../deploy/index.ts';
import type { Path } from '../dip-file.ts';

/** Why an argument is not taken. Collected with its place by who reads the file; never leaves this folder's face. */
export class Refusal extends Error {
  readonly path: Path;
  constructor(text: string, path: Path = []) {
    super(text);
    this.path = path;
  }
}

/** What reading an argument needs besides what is written. */
export interface Scope {
  /** Where our contracts are. While only the form is looked at they are all at the zero address. */
  addresses: Addresses;
  /** Takes what is no error and yet worth a second look. */
  warn: (text: string, path?: Path) => void;
}

export interface Kind<Value> {
  /** What is written, for people: `1250.5 DIMO`. */
  form: string;
  /** @throws {Refusal} */
  read: (written: unknown, scope: Scope) => Value;
  /** What stands for a value that was left out; without it the argument must be given. */
  missing?: { value: Value };
}

export type ValueOf<K> = K extends Kind<infer Value> ? Value : never;

/** The text that is written, without blanks around it. */
export function textOf(written: unknown, form: string): string {
  if (typeof written !== 'string') throw new Refusal(`expected ${form}, found a ${shapeOf(written)}`);
  const text = written.trim();
  if (text === '') throw new Refusal(`expected ${form}, found nothing`);
  return text;
}

export function shapeOf(written: unknown): string {
  if (Array.isArray(written)) return 'list';
  return typeof written === 'object' && written !== null ? 'map' : typeof written;
}

/** A text as it is shown in a message: quoted, and not at any length. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}

/** Reads what is inside a list or a map, so that a refusal names its place. */
export function within<Value>(key: string | number, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.message, [key, ...error.path]);
    throw error;
  }
}
