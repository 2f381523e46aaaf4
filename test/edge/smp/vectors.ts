/** Exchanges captured from a Zephyr device, beside the repository. */
import { readFileSync } from 'node:fs';
import { fromHex } from '../../../edge/pack/index.ts';
import { sharedPath } from '../../shared.ts';

export const vectorsPath = 'vectors/smp/zephyr-os-group.json';

export interface CapturedExchange {
  name: string;
  /** Header and body, before framing. */
  request: Uint8Array;
  /** The lines that came back, without their newlines; none where the device did not answer. */
  responseLines: Uint8Array[];
  /** CBOR of each answer. */
  bodies: Uint8Array[];
}

/** @returns nothing without the vectors */
export function capturedExchanges(): CapturedExchange[] {
  const path = sharedPath(vectorsPath);
  if (path === undefined) return [];
  const { exchanges } = JSON.parse(readFileSync(path, 'utf8')) as {
    exchanges: { name: string; request: string; response_lines: string[]; responses: { body: string }[] }[];
  };
  return exchanges.map((exchange) => ({
    name: exchange.name,
    request: fromHex(exchange.request),
    responseLines: exchange.response_lines.map(fromHex),
    bodies: exchange.responses.map(({ body }) => fromHex(body)),
  }));
}
