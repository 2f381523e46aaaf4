import { toHex } from '../../../edge/pack/index.ts';
import { type TrustEvent, utc } from '../../../edge/trust/index.ts';
import type { LogEvent } from '../../logging/index.ts';

const sourceWords = {
  chain: 'trust: asking the chain',
  cache: 'trust: going on with what the chain said last',
  checkpoint: 'trust: going by the checkpoint',
  none: 'trust: expired',
} as const;

/** What the trust view tells, as lines of the event log. */
export function trustLogEvent(event: TrustEvent): LogEvent {
  switch (event.kind) {
    case 'trust-source': {
      const { source, reason } = event;
      return {
        level: source === 'none' ? 'error' : source === 'chain' ? 'info' : 'warn',
        event: event.kind,
        text: `${sourceWords[source]}${reason ? `; ${reason.message}` : ''}`,
        facts: { source, ...(reason && { error: reason }) },
        // A node that comes and goes would fill the log with it.
        ...(source !== 'none' && { repeatKey: `${event.kind} ${source}` }),
      };
    }
    case 'registry-changed': {
      const { epoch, root } = event;
      return {
        level: 'debug',
        event: event.kind,
        text: `registry at epoch ${epoch}`,
        facts: { epoch, root: toHex(root) },
      };
    }
    case 'signers-changed': {
      const { signers, threshold } = event.signerSet;
      const text = `checkpoint signers: ${threshold} of ${signers.length}`;
      return {
        level: 'info',
        event: event.kind,
        text,
        facts: { threshold, signers: signers.map((s) => `0x${toHex(s)}`) },
      };
    }
    case 'chain-reorganised': {
      const { from, to } = event;
      const text = `the chain was reorganised: block ${from.number} is no longer part of it; everything is read anew`;
      return { level: 'warn', event: event.kind, text, facts: { from, to } };
    }
    case 'checkpoint-accepted': {
      const { epoch, expires } = event.checkpoint;
      const text = `checkpoint of epoch ${epoch} accepted, ${event.signers.length} signatures, good until ${utc(expires)}`;
      return { level: 'info', event: event.kind, text, facts: { epoch, expires, signers: event.signers.length } };
    }
    case 'checkpoint-refused':
      return { level: 'warn', event: event.kind, text: event.error.message, facts: { error: event.error } };
    case 'trust-store-damaged': {
      const text = `${event.files} of the two files of what trust remembers are damaged`;
      return { level: event.files > 1 ? 'error' : 'warn', event: event.kind, text, facts: { files: event.files } };
    }
    case 'trust-store-failed':
      return {
        level: 'error',
        event: event.kind,
        text: `${event.error.message}; trust is remembered in memory alone`,
        facts: { error: event.error },
        repeatKey: event.kind,
      };
  }
}
