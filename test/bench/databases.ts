/** Databases for the bench's tests. */
import { fileURLToPath } from 'node:url';
import { fileSource } from '../../bench/databases.ts';
import type { BenchDatabase } from '../../bench/decode.ts';
import { parseDbc } from '../../edge/dbc/index.ts';
import { compilePlan, type Plan } from '../../edge/decode/index.ts';

export const electricCarFile = fileURLToPath(new URL('../../tools/vehicle/electric-car.dbc', import.meta.url));

export const electricCar = (): BenchDatabase => fileSource(electricCarFile).read();

export function planOf(text: string): Plan {
  return compilePlan(parseDbc(new TextEncoder().encode(text)).database);
}

/** A DBC of the given sections and nothing else. */
export const dbc = (...sections: string[]): string => `VERSION ""\n\nBS_:\n\nBU_: X\n\n${sections.join('\n\n')}\n`;
