/** What a trust view tells, as a line for people and as a JSON line. */
import { toHex } from '../../edge/pack/index.ts';
import { type TrustEvent, utc } from '../../edge/trust/index.ts';

/** @example trustEventText({ kind: 'trust-source', source: 'chain' })  // trust: the chain answers */
export function trustEventText(event: TrustEvent): string {
  switch (event.kind) {
    case 'trust-source':
      return `trust: ${sourceWords[event.source]}${event.reason ? ` (${event.reason.message})` : ''}`;
    case 'registry-changed':
      return `trust: the registry stands at epoch ${event.epoch}`;
    case 'signers-changed': {
      const { signers, threshold } = event.signerSet;
      return `trust: ${threshold} of ${signers.length} sign checkpoints now`;
    }
    case 'chain-reorganised':
      return `trust: the chain went from block ${event.from.number} to another block ${event.to.number}; read anew`;
    case 'checkpoint-accepted': {
      const { epoch, expires } = event.checkpoint;
      return `trust: took the checkpoint of epoch ${epoch}, ${event.signers.length} signers, good until ${utc(expires)}`;
    }
    case 'checkpoint-refused':
      return `trust: ${event.error.message}`;
    case 'trust-store-damaged':
      return `trust: ${event.files} of its two files ${event.files === 1 ? 'is' : 'are'} not whole`;
    case 'trust-store-failed':
      return `trust: not stored: ${event.error.message}`;
  }
}

const sourceWords = {
  chain: 'the chain answers',
  cache: 'going by what the chain said last',
  checkpoint: 'going by the checkpoint',
  none: 'nothing to go by',
} as const;

/** One object with `event` and stable keys: bytes as hex, times in unix seconds, errors as everywhere. */
export function trustEventJson(event: TrustEvent): string {
  const { kind, ...facts } = event;
  return JSON.stringify({ event: kind, ...facts }, (_, value) => {
    if (value instanceof Uint8Array) return toHex(value);
    return typeof value === 'bigint' ? Number(value) : value;
  });
}
