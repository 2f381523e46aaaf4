/** Serial ports named by a pattern, for devices whose path changes with each plugging. Node only. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { MinerError } from '../errors/index.ts';
import { edgeError } from '../errors/index.ts';
import { listSerialPorts, openSerial, type SerialOptions } from './serial-node.ts';
import type { Transport, TransportOpener } from './transport.ts';

/** Whether a port is named by a pattern: an absolute path with `*`, `?` or `[...]` in its last part. */
export function isGlob(spec: string): boolean {
  return spec.startsWith('/') && /[*?[]/.test(path.basename(spec)) && !/[*?[]/.test(path.dirname(spec));
}

/**
 * Each attempt opens the first port that matches the pattern and can be opened, in the order of their numbers.
 * @throws {MinerError} from an attempt: PORT_MISSING when none matches, or the fault of the first that does
 * @example reconnecting(globOpener('/dev/ttyACM*'), { clock, onUp })
 */
export function globOpener(pattern: string, options?: SerialOptions): TransportOpener {
  const attempts = async () => (await matches(pattern)).map((port) => () => openSerial(port, options));
  return Object.assign(
    async () => {
      let fault: MinerError | undefined;
      for (const attempt of await attempts()) {
        try {
          return await attempt();
        } catch (problem) {
          fault ??= problem as MinerError;
        }
      }
      const ports = (await listSerialPorts()).map((port) => port.path);
      throw fault ?? edgeError('PORT_MISSING', { port: pattern, ports });
    },
    { candidates: attempts satisfies () => Promise<(() => Promise<Transport>)[]> },
  );
}

/** Paths that match now, `ttyACM2` before `ttyACM10`. */
async function matches(pattern: string): Promise<string[]> {
  const folder = path.dirname(pattern);
  const names = await readdir(folder).catch(() => []);
  const order = new Intl.Collator('en', { numeric: true });
  return names
    .filter((name) => path.matchesGlob(name, path.basename(pattern)))
    .sort(order.compare)
    .map((name) => path.join(folder, name));
}
