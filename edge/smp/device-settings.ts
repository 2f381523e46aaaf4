/** Settings that are numbers, as the settings group reads and writes them: four bytes, least significant first. */
import { SettingsError, SmpError, SmpGroup } from './protocol.ts';
import { refuse, SmpRefusal } from './refusal.ts';
import type { SmpSettings } from './types.ts';

export interface NumberSetting {
  /** Until one is stored. */
  initial: number;
  minimum: number;
  /** At most 2^32 - 1. */
  maximum: number;
}

export interface DeviceSettingsOptions<Name extends string> {
  /** By name, with `/` between the parts: `sampling/interval_ms_min`. */
  definitions: Readonly<Record<Name, NumberSetting>>;
  /** Where they last: edge/flash's FlashSettings is one. */
  store: {
    load(): ReadonlyMap<string, Uint8Array>;
    save(settings: ReadonlyMap<string, Uint8Array>): void;
  };
  /** Called with all values, at each commit and load. */
  onCommit: (values: Readonly<Record<Name, number>>) => void;
}

const valueBytes = 4;

/** Written values are read back at once, take effect at a commit, and last over a reset when they were saved. */
export class DeviceSettings<Name extends string> implements SmpSettings {
  readonly #options: DeviceSettingsOptions<Name>;
  /** What was written or stored; the rest is as initially. */
  #values: Map<string, number>;

  constructor(options: DeviceSettingsOptions<Name>) {
    this.#options = options;
    this.#values = this.#stored();
  }

  get values(): Readonly<Record<Name, number>> {
    const names = Object.keys(this.#options.definitions) as Name[];
    return Object.fromEntries(names.map((name) => [name, this.#value(name)])) as Record<Name, number>;
  }

  read(name: string): Uint8Array | undefined {
    return this.#definition(name) && encodeNumber(this.#value(name as Name));
  }

  write(name: string, value: Uint8Array): void {
    const definition = this.#definition(name);
    if (definition === undefined) throw new SmpRefusal(SmpGroup.settings, SettingsError.keyNotFound);
    const number = decodeNumber(value, definition);
    if (number === undefined) throw refuse(SmpError.invalid);
    this.#values.set(name, number);
  }

  /** What it was initially, stored as well. */
  delete(name: string): void {
    if (this.#definition(name) === undefined) throw new SmpRefusal(SmpGroup.settings, SettingsError.keyNotFound);
    this.#values.delete(name);
    const stored = this.#stored();
    if (stored.delete(name)) this.#store(stored);
  }

  commit(): void {
    this.#options.onCommit(this.values);
  }

  load(): void {
    this.#values = this.#stored();
    this.commit();
  }

  save(name?: string): void {
    if (name === undefined) {
      this.#store(this.#values);
      return;
    }
    const isWanted = (candidate: string) => candidate === name || candidate.startsWith(`${name}/`);
    if (!Object.keys(this.#options.definitions).some(isWanted)) {
      throw new SmpRefusal(SmpGroup.settings, SettingsError.keyNotFound);
    }
    const kept = [...this.#stored()].filter(([stored]) => !isWanted(stored));
    const wanted = [...this.#values].filter(([written]) => isWanted(written));
    this.#store(new Map([...kept, ...wanted]));
  }

  #definition(name: string): NumberSetting | undefined {
    const { definitions } = this.#options;
    return Object.hasOwn(definitions, name) ? definitions[name as Name] : undefined;
  }

  #value(name: Name): number {
    return this.#values.get(name) ?? this.#options.definitions[name].initial;
  }

  /** What another firmware stored, or damage, is left out. */
  #stored(): Map<string, number> {
    const values = new Map<string, number>();
    for (const [name, bytes] of this.#options.store.load()) {
      const definition = this.#definition(name);
      const value = definition && decodeNumber(bytes, definition);
      if (value !== undefined) values.set(name, value);
    }
    return values;
  }

  #store(values: ReadonlyMap<string, number>): void {
    this.#options.store.save(new Map([...values].map(([name, value]) => [name, encodeNumber(value)])));
  }
}

function encodeNumber(value: number): Uint8Array {
  const bytes = new Uint8Array(valueBytes);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function decodeNumber(bytes: Uint8Array, { minimum, maximum }: NumberSetting): number | undefined {
  if (bytes.length !== valueBytes) return undefined;
  const value = new DataView(bytes.buffer, bytes.byteOffset, valueBytes).getUint32(0, true);
  return value >= minimum && value <= maximum ? value : undefined;
}
