import type { Health, HealthReason } from '../../metrics/index.ts';
import type { Snapshot } from './snapshot.ts';
import { durationText } from './status-text.ts';

/** An uplink may be away this long before that counts: packs wait in the log meanwhile, and nothing is lost. */
const uplinkDownMsMax = 60_000;

/** What a supervisor should know. Codes are stable. */
export function healthOf(snapshot: Snapshot, port: string): Health {
  const { link, storage, uplink, trust, uptimeMs, packs } = snapshot;
  const reasons: HealthReason[] = [];
  const add = (code: string, message: string) => reasons.push({ code, message });
  if (!link.up) add('port-down', `${port} is away for ${durationText(link.forMs)}`);
  else if (link.busState === 'bus-off') add('bus-off', 'the adapter has left the bus, and hears nothing');
  if (storage.failing) add('storage-failing', snapshot.log.lastFault?.message ?? 'the log takes no pack');
  if (uplink && !uplink.up && uplink.forMs > uplinkDownMsMax) {
    add('uplink-down', `the uplink is down for ${durationText(uplink.forMs)}; ${packs.waiting} packs wait`);
  }
  if (trust.source === 'none') {
    add('trust-expired', `nothing says which decoders are approved for ${durationText(trust.forMs)}: not decoding`);
  } else if (trust.decoders === 0) add('no-decoder', 'no decoder is approved: nothing can be decoded');
  const facts = {
    uptimeSeconds: Math.floor(uptimeMs / 1000),
    port: { name: port, up: link.up },
    uplink: uplink && { up: uplink.up },
    trust: { source: trust.source ?? null, decoders: trust.decoders },
    packs,
  };
  return { reasons, facts };
}
