/** What a Miner tells, as lines of the event log. Event names and keys are stable; docs/run.md lists them. */
import type { MinerEvent } from '../../../edge/miner.ts';
import { toHex } from '../../../edge/pack/index.ts';
import type { LogEvent } from '../../logging/index.ts';

export function logEventOf(event: MinerEvent): LogEvent {
  switch (event.kind) {
    case 'decoder-approved': {
      const { name, contentHash, registryIndex, plan } = event.decoder;
      return {
        level: 'info',
        event: event.kind,
        text: `decoder ${name}: listed as number ${registryIndex}, ${plan.signals.length} signals`,
        facts: { name, contentHash: toHex(contentHash), index: registryIndex },
      };
    }
    case 'decoder-refused':
    case 'decoder-withdrawn': {
      const { name, contentHash, standing } = event.decoder;
      const hash = toHex(contentHash);
      const refused = `refused, the registry says ${standing.state} of ${hash.slice(0, 16)}…`;
      return {
        level: 'warn',
        event: event.kind,
        text: `decoder ${name}: ${event.kind === 'decoder-refused' ? refused : `${standing.state}, no longer used`}`,
        facts: { name, contentHash: hash, state: standing.state },
      };
    }
    case 'trust-unavailable':
      return {
        level: 'warn',
        event: event.kind,
        text: `${event.error.message}; going on with what was approved`,
        facts: { error: event.error },
        repeatKey: `${event.kind} ${event.error.code}`,
      };
    case 'trust-expired':
      return {
        level: 'error',
        event: event.kind,
        text: `${event.error.message}; nothing is decoded until somebody says what is approved`,
        facts: { error: event.error },
      };
    case 'trust-restored':
      return { level: 'info', event: event.kind, text: 'approved decoders are known again: decoding goes on' };
    case 'pack-given-up': {
      const { seq, decoder } = event;
      const text = `pack ${seq} given up: its decoder ${toHex(decoder).slice(0, 16)}… was withdrawn`;
      const facts = { seq, contentHash: toHex(decoder) };
      return { level: 'warn', event: event.kind, text, facts, repeatKey: `${event.kind} ${facts.contentHash}` };
    }
    case 'pack-signed': {
      const { seq, samples, bytes, stored } = event;
      return {
        level: stored ? 'info' : 'error',
        event: event.kind,
        ...(!stored && { text: `pack ${seq} could not be stored: its gap will be signed` }),
        facts: { seq, samples, bytes: bytes.length, stored },
        ...(!stored && { repeatKey: 'pack-unstored' }),
      };
    }
    case 'receipted':
      return { level: 'info', event: event.kind, facts: { seq: event.seq } };
    case 'refused': {
      const { seq, code, reason } = event;
      return {
        level: 'warn',
        event: event.kind,
        text: `pack ${seq} refused by the gateway: ${code}, ${reason}; it is kept and tried again`,
        facts: { seq, code, reason },
        // A licence that was suspended refuses every pack that waits, again and again.
        repeatKey: `${event.kind} ${code}`,
      };
    }
    case 'receipt-refused':
      return {
        level: 'warn',
        event: event.kind,
        text: event.error.message,
        facts: { error: event.error },
        repeatKey: event.kind,
      };
    case 'send-failed': {
      const { seq, error } = event;
      const text = error instanceof Error ? error.message : String(error);
      return { level: 'debug', event: event.kind, text, facts: { seq, reason: text } };
    }
  }
}
