/** The gateway on MQTT: subscribes to every device's packs, answers on the device's own topics. */
import { randomBytes } from 'node:crypto';
import mqtt from 'mqtt';
import { encodeRefusal } from '../../edge/uplink/index.ts';
import { toolError } from '../errors/index.ts';
import type { Gateway } from './gateway.ts';

export interface ServeOptions {
  gateway: Gateway;
  /** mqtt://host:port */
  brokerUrl: string;
  /** 5, or 4 (MQTT 3.1.1) for a broker that has no 5. */
  protocolVersion?: 4 | 5;
  /** Between attempts to connect again; 500 ms unless told. */
  reconnectMs?: number;
  /** Once for each loss of the connection, not for the attempts that follow. */
  onDown?: (reason: string) => void;
}

export interface Serving {
  close(): Promise<void>;
}

const packsTopic = /^dimo\/1\/([0-9a-f]{40})\/packs$/;

/**
 * Serves until closed; a lost broker is connected to again. A pack is acknowledged to the broker only after it was
 * judged and stored, so the broker redelivers what a crash interrupted.
 * @throws {MinerError} BROKER_UNREACHABLE when the first connection fails
 */
export async function serveGateway(options: ServeOptions): Promise<Serving> {
  const { gateway, brokerUrl, protocolVersion = 5, reconnectMs = 500, onDown = () => {} } = options;
  // Of its own for each run: a broker ends the older of two connections of one name.
  const clientId = `gateway-${randomBytes(6).toString('hex')}`;
  const client = await mqtt
    .connectAsync(
      brokerUrl,
      { protocolVersion, clientId, clean: true, connectTimeout: 5000, reconnectPeriod: reconnectMs },
      false,
    )
    .catch((cause: Error) => {
      // A refused TCP connection may be an AggregateError with an empty message.
      const reason = cause.message || String((cause as NodeJS.ErrnoException).code ?? cause);
      throw toolError('BROKER_UNREACHABLE', { url: brokerUrl, reason }, cause);
    });
  client.on('error', () => {});
  let isUp = true;
  client.on('connect', () => {
    isUp = true;
  });
  client.on('close', () => {
    if (isUp && !client.disconnecting) onDown(`connection to ${brokerUrl} lost`);
    isUp = false;
  });

  const answer = async (topic: string, payload: Uint8Array) => {
    const device = packsTopic.exec(topic)?.[1];
    if (!device) return;
    const { receipt, refusal } = await gateway.receive(new Uint8Array(payload));
    // Answers are not worth waiting for: a device that misses one sends again and gets it again.
    const publish = (name: string, bytes: Uint8Array) =>
      client.publish(`dimo/1/${device}/${name}`, Buffer.from(bytes), { qos: 1 }, () => {});
    if (receipt) publish('receipts', receipt);
    if (refusal?.seq !== undefined) {
      const { seq, code, reason } = refusal;
      publish('refusals', encodeRefusal({ seq, code, reason }));
    }
  };
  // mqtt.js acknowledges when this calls back, and hands over the next message only then.
  client.handleMessage = (packet, done) => {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    answer(packet.topic, payload).then(
      () => done(),
      (error) => done(error),
    );
  };
  await client.subscribeAsync('dimo/1/+/packs', { qos: 1 });
  // By force: mqtt.js would otherwise wait for acknowledgements that a broker gone away never sends.
  return { close: () => client.endAsync(true) };
}
