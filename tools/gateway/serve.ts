/** The gateway on MQTT: subscribes to every device's packs, answers on the device's own topics. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import mqtt, { type IClientOptions, MqttClient } from 'mqtt';
import { encodeRefusal } from '../../edge/uplink/index.ts';
import { toolError } from '../errors/index.ts';
import type { Gateway } from './gateway.ts';

export interface ServeOptions {
  gateway: Gateway;
  /** mqtt://host:port, or mqtts:// for TLS. */
  brokerUrl: string;
  /** Connects to a broker in this process instead, by Broker.connect; `brokerUrl` then only names it. */
  connect?: () => Duplex;
  /** 5, or 4 (MQTT 3.1.1) for a broker that has no 5. */
  protocolVersion?: 4 | 5;
  /** PEM texts: whom to believe to be the broker, and the gateway's own certificate. */
  tls?: { ca?: string; cert?: string; key?: string };
  /** Shares the packs with the other gateways of this group (MQTT 5, 4.8.2): each pack goes to one of them. */
  shareGroup?: string;
  /** Between attempts to connect again; 500 ms unless told. */
  reconnectMs?: number;
  /** Packs taken from the broker and not judged yet; 256 unless told. */
  windowCount?: number;
  /** Once for each loss of the connection, not for the attempts that follow. */
  onDown?: (reason: string) => void;
  /** Our own mistakes: the pack gets no answer, and serving goes on. */
  onFault?: (error: unknown) => void;
}

export interface Serving {
  /** Takes no more packs, answers those it has, and disconnects. */
  close(): Promise<void>;
}

const packsTopic = /^dimo\/1\/([0-9a-f]{40})\/packs$/;

/** The longest pack that is read, and the envelope around it. */
const packetBytesMax = (1 << 24) + 1024;

/** For packs whose verdict hangs, when closing. */
const settleMsMax = 2_000;

/**
 * Serves until closed; a lost broker is connected to again. A pack is acknowledged to the broker when the gateway has
 * it in its window, not when it is stored: what a crash interrupts the device sends again, since only the receipt
 * lets it forget. So a window of packs is judged at once, and shares a commit.
 * @throws {MinerError} BROKER_UNREACHABLE when the first connection fails, BROKER_REFUSED when it may not subscribe
 */
export async function serveGateway(options: ServeOptions): Promise<Serving> {
  const { gateway, brokerUrl, shareGroup, windowCount = 256, onDown = () => {}, onFault = () => {} } = options;
  const client = await connect(options);
  client.on('error', () => {});
  let isUp = true;
  client.on('connect', () => {
    isUp = true;
  });
  client.on('close', () => {
    if (isUp && !client.disconnecting) onDown(`connection to ${brokerUrl} lost`);
    isUp = false;
  });

  const published = new WeakSet<Uint8Array>();
  const answer = async (topic: string, payload: Uint8Array) => {
    const device = packsTopic.exec(topic)?.[1];
    if (!device) return;
    const { receipt, refusal } = await gateway.receive(new Uint8Array(payload));
    // Answers are not worth waiting for: a device that misses one sends again and gets it again.
    const publish = (name: string, bytes: Uint8Array) =>
      client.publish(`dimo/1/${device}/${name}`, Buffer.from(bytes), { qos: 1 }, () => {});
    if (receipt && client.connected && !published.has(receipt)) {
      published.add(receipt);
      publish('receipts', receipt);
    }
    if (refusal?.seq !== undefined && client.connected) {
      const { seq, code, reason } = refusal;
      publish('refusals', encodeRefusal({ seq, code, reason }));
    }
  };

  let inFlight = 0;
  let closing = false;
  /** Goes on reading from the broker. */
  let resume: (() => void) | undefined;
  let settled = () => {};
  const done = () => {
    inFlight--;
    if (inFlight === 0) settled();
    if (closing || !resume) return;
    const next = resume;
    resume = undefined;
    next();
  };
  // mqtt.js acknowledges when this calls back, and hands over the next message only then.
  client.handleMessage = (packet, next) => {
    if (closing) return;
    inFlight++;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    answer(packet.topic, payload).catch(onFault).finally(done);
    if (inFlight < windowCount) next();
    else resume = next;
  };
  await subscribe(client, `${shareGroup === undefined ? '' : `$share/${shareGroup}/`}dimo/1/+/packs`, brokerUrl);
  return {
    close: async () => {
      closing = true;
      if (inFlight > 0) {
        const late = new AbortController();
        const timer = setTimeout(() => late.abort(), settleMsMax);
        await new Promise<void>((resolve) => {
          settled = resolve;
          late.signal.addEventListener('abort', () => resolve(), { once: true });
        });
        clearTimeout(timer);
      }
      // By force: mqtt.js would otherwise wait for acknowledgements that a broker gone away never sends.
      await client.endAsync(true);
    },
  };
}

async function connect(options: ServeOptions): Promise<MqttClient> {
  const { brokerUrl, protocolVersion = 5, reconnectMs = 500, tls } = options;
  const settings: IClientOptions = {
    ...tls,
    protocolVersion,
    // Of its own for each run: a broker ends the older of two connections of one name.
    clientId: `gateway-${randomBytes(6).toString('hex')}`,
    clean: true,
    connectTimeout: 5000,
    reconnectPeriod: reconnectMs,
    ...(protocolVersion === 5 && { properties: { maximumPacketSize: packetBytesMax } }),
  };
  try {
    if (options.connect) return await firstConnect(new MqttClient(options.connect, settings));
    return await mqtt.connectAsync(brokerUrl, settings, false);
  } catch (cause) {
    // A refused TCP connection may be an AggregateError with an empty message.
    const reason = (cause as Error).message || String((cause as NodeJS.ErrnoException).code ?? cause);
    throw toolError('BROKER_UNREACHABLE', { url: brokerUrl, reason }, cause);
  }
}

function firstConnect(client: MqttClient): Promise<MqttClient> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client));
    client.once('error', reject);
  });
}

async function subscribe(client: MqttClient, topic: string, url: string): Promise<void> {
  let cause: unknown;
  try {
    const granted = await client.subscribeAsync(topic, { qos: 1 });
    if (granted.every(({ qos }) => qos < 128)) return;
  } catch (error) {
    cause = error;
  }
  await client.endAsync(true);
  throw toolError('BROKER_REFUSED', { url, topic }, cause);
}
