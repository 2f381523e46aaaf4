/** Packs that must be refused, sent to the gateway's own door as anyone on the network could. */
import mqtt from 'mqtt';
import { toHex } from '../../../edge/pack/index.ts';

/** The same pack with one bit of its signed body turned over. */
export function tampered(pack: Uint8Array): Uint8Array {
  const copy = pack.slice();
  // Well inside the payload: headers come before, the 64 bytes of signature after.
  copy[copy.length - 80] ^= 1;
  return copy;
}

/** Publishes bytes as if they came from a device. */
export async function sendAs(kid: Uint8Array, bytes: Uint8Array, brokerUrl: string): Promise<void> {
  const client = await mqtt.connectAsync(brokerUrl, { protocolVersion: 4, connectTimeout: 5000 });
  await client.publishAsync(`dimo/1/${toHex(kid)}/packs`, Buffer.from(bytes), { qos: 1 });
  await client.endAsync();
}
