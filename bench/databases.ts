/** The databases that the benchmark runs on when none is named. */
import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { parseDbc } from '../edge/dbc/index.ts';
import { compilePlan } from '../edge/decode/index.ts';
import { readInput } from '../tools/files.ts';
import { packageRoot } from '../tools/package-root.ts';
import type { BenchDatabase } from './decode.ts';
import { multiplexedDbc } from './synthetic.ts';

/** Where a database comes from; read when its turn comes. */
export interface DatabaseSource {
  name: string;
  /** Absent for one that is made here. */
  file?: string;
  /** Whether it is among those that are measured at length. */
  isCanonical: boolean;
  read(): BenchDatabase;
}

const ownDbc = 'tools/vehicle/electric-car.dbc';
/** Real files, in a folder beside a checkout. */
const corpus = '../shared/corpus';
const canonicalReal = ['tesla_can', 'vw_mlb', 'cadillac_ct6_object', 'ford_lincoln_base_pt'];

/** A database in a file. */
export function fileSource(file: string, isCanonical = true): DatabaseSource {
  const name = path.basename(file, path.extname(file));
  return { name, file, isCanonical, read: () => databaseOf(name, file, readInput(file)) };
}

/** The built-in car, 29 multiplexed messages, and four real databases that differ much, where they are at hand. */
export function canonicalSources(): DatabaseSource[] {
  const name = 'multiplexed-29';
  const read = () => databaseOf(name, `${name}.dbc`, new TextEncoder().encode(multiplexedDbc()));
  const real = canonicalReal.map((file) => path.join(packageRoot, corpus, 'opendbc', `${file}.dbc`));
  return [
    fileSource(path.join(packageRoot, ownDbc)),
    { name, isCanonical: true, read },
    ...real.filter(existsSync).map((file) => fileSource(file)),
  ];
}

/** The canonical ones, then every other file at hand. */
export function sourcesAtHand(): DatabaseSource[] {
  const canonical = canonicalSources();
  const known = new Set(canonical.map(({ name }) => name));
  const others = globSync('*/*.dbc', { cwd: path.join(packageRoot, corpus) })
    .sort()
    .map((file) => fileSource(path.join(packageRoot, corpus, file), false));
  return [...canonical, ...others.filter(({ name }) => !known.has(name))];
}

function databaseOf(name: string, file: string, bytes: Uint8Array): BenchDatabase {
  return { name, file, text: new TextDecoder().decode(bytes), plan: compilePlan(parseDbc(bytes).database) };
}
