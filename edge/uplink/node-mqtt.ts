/** MQTT to a gateway's broker: QoS 1 publishes from the log, receipts and refusals back. */
import type { IClientOptions, MqttClient } from 'mqtt';
import { edgeError, type MinerError } from '../errors/index.ts';
import { toHex } from '../pack/index.ts';
import { type Clock, liveClock } from '../sim/index.ts';
import { decodeRefusal } from './refusal.ts';
import type { UplinkMessage, UplinkPort } from './uplink-port.ts';

export interface MqttOptions {
  /** mqtt://host:port, or mqtts:// for TLS. */
  url: string;
  /** The device's address, 20 bytes: part of every topic. */
  kid: Uint8Array;
  /** The live one unless told. */
  clock?: Clock;
  /** 5 or 4 (MQTT 3.1.1). Unless told, 5 is tried, and 4 where the broker has no 5. */
  protocolVersion?: 4 | 5;
  /** PEM texts; `cert` and `key` where the broker knows its clients by certificate. */
  tls?: { ca?: string; cert?: string; key?: string };
  username?: string;
  password?: string;
  /** After a failed connect or a lost connection; doubled each time up to 60 times. 500 ms unless told. */
  reconnectMs?: number;
  /** Each failed connect. The uplink goes on trying. */
  onFault?: (error: MinerError) => void;
}

const connectTimeoutMs = 5_000;
const backOffMax = 60;

/** dimo/1/<kid>/<what>, as the gateway subscribes to them. */
export function mqttTopic(kid: Uint8Array, what: 'packs' | 'receipts' | 'refusals'): string {
  return `dimo/1/${toHex(kid)}/${what}`;
}

/**
 * Connects once, and stays connected until closed.
 * @throws {MinerError} UPLINK_CONNECT when the first connection fails; for a Miner that may start without a network
 *   make a MqttUplink and call `start`
 */
export async function connectMqtt(options: MqttOptions): Promise<MqttUplink> {
  const uplink = new MqttUplink(options);
  try {
    await uplink.connect();
  } catch (error) {
    await uplink.close();
    throw error;
  }
  return uplink;
}

export class MqttUplink implements UplinkPort {
  private readonly options: MqttOptions;
  private readonly clock: Clock;
  private client: MqttClient | undefined;
  /** The one that worked, for the next connect. */
  private version: 4 | 5 | undefined;
  private failures = 0;
  private closed = false;
  private cancelReconnect: () => void = () => {};
  /** Publishes without acknowledgement. */
  private readonly pending = new Set<{ seq: number; reject: (error: MinerError) => void }>();
  private receive: (message: UplinkMessage) => void = () => {};
  private up: () => void = () => {};
  private down: () => void = () => {};

  constructor(options: MqttOptions) {
    this.options = options;
    this.clock = options.clock ?? liveClock();
    this.version = options.protocolVersion;
  }

  /** 5 or 4 once connected. */
  get protocolVersion(): 4 | 5 | undefined {
    return this.version;
  }

  /** Begins to connect, and goes on trying; faults go to `onFault`. */
  start(): void {
    this.connect().catch((error: MinerError) => {
      this.options.onFault?.(error);
      this.reconnectLater();
    });
  }

  /** @throws {MinerError} UPLINK_CONNECT */
  async connect(): Promise<void> {
    const versions = this.version ? [this.version] : ([5, 4] as const);
    let refusal: unknown;
    for (const version of versions) {
      try {
        this.adopt(await this.open(version), version);
        return;
      } catch (error) {
        refusal = error;
        // Only an answer can mean that this version is not spoken here.
        if (isUnreachable(error)) break;
      }
    }
    throw edgeError('UPLINK_CONNECT', { url: this.options.url, reason: reasonOf(refusal) }, refusal);
  }

  /** @throws {MinerError} UPLINK_DOWN while not connected: mqtt.js would queue it without bound */
  send(seq: number, bytes: Uint8Array): Promise<void> {
    const { client } = this;
    if (!client?.connected) throw edgeError('UPLINK_DOWN', { seq });
    return new Promise((resolve, reject) => {
      const publish = { seq, reject };
      this.pending.add(publish);
      client.publish(mqttTopic(this.options.kid, 'packs'), asBuffer(bytes), { qos: 1 }, (error) => {
        this.pending.delete(publish);
        if (error) reject(edgeError('UPLINK_DOWN', { seq }, error));
        else resolve();
      });
    });
  }

  onMessage(receive: (message: UplinkMessage) => void): void {
    this.receive = receive;
  }

  onUp(up: () => void): void {
    this.up = up;
    if (this.client?.connected) up();
  }

  onDown(down: () => void): void {
    this.down = down;
  }

  /** Idempotent. What was sent without receipt stays in the log. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelReconnect();
    const { client } = this;
    this.client = undefined;
    if (client) dispose(client);
    this.failPending();
  }

  private async open(protocolVersion: 4 | 5): Promise<MqttClient> {
    const { default: mqtt } = await import('mqtt');
    const { url, kid, tls, username, password } = this.options;
    const settings: IClientOptions = {
      ...tls,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      protocolVersion,
      clientId: `miner-${toHex(kid)}`,
      // The log is the queue: nothing is to wait in the broker or in the client.
      clean: true,
      queueQoSZero: false,
      reconnectPeriod: 0,
      connectTimeout: connectTimeoutMs,
    };
    const client = mqtt.connect(url, settings);
    // Without a listener an 'error' would end the process; what it means, 'close' says too.
    client.on('error', () => {});
    client.on('message', (topic, payload) => this.arrived(topic, new Uint8Array(payload)));
    try {
      await firstConnect(client);
      const topics = [mqttTopic(kid, 'receipts'), mqttTopic(kid, 'refusals')];
      const granted = await client.subscribeAsync(topics, { qos: 1 });
      const refused = granted.find(({ qos }) => qos >= 128);
      if (refused) throw new Error(`not allowed to subscribe to ${refused.topic}`);
      return client;
    } catch (error) {
      dispose(client);
      throw error;
    }
  }

  private adopt(client: MqttClient, version: 4 | 5): void {
    if (this.closed) {
      dispose(client);
      return;
    }
    this.client = client;
    this.version = version;
    this.failures = 0;
    client.once('close', () => this.lost(client));
    if (client.connected) this.up();
    else this.lost(client);
  }

  private lost(client: MqttClient): void {
    if (this.client !== client) return;
    this.client = undefined;
    dispose(client);
    this.failPending();
    this.down();
    this.reconnectLater();
  }

  private reconnectLater(): void {
    if (this.closed) return;
    const { reconnectMs = 500 } = this.options;
    const delayMs = reconnectMs * Math.min(2 ** this.failures, backOffMax);
    this.failures++;
    this.cancelReconnect = this.clock.schedule(delayMs, () => this.start());
  }

  private failPending(): void {
    for (const { seq, reject } of this.pending) reject(edgeError('UPLINK_DOWN', { seq }));
    this.pending.clear();
  }

  private arrived(topic: string, payload: Uint8Array): void {
    if (topic === mqttTopic(this.options.kid, 'receipts')) this.receive({ kind: 'receipt', bytes: payload });
    if (topic !== mqttTopic(this.options.kid, 'refusals')) return;
    const refusal = decodeRefusal(payload);
    if (refusal) this.receive({ kind: 'refusal', ...refusal });
  }
}

function firstConnect(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('the broker closed the connection')));
  });
}

/** `end` alone leaves the socket of a connection that never got its answer. */
function dispose(client: MqttClient): void {
  client.end(true);
  client.stream?.destroy();
}

function isUnreachable(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(E[A-Z]+|ERR_|CERT_|DEPTH_|SELF_|UNABLE_)/.test(code);
}

/** A refused TCP connection may be an AggregateError with an empty message. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: unknown };
  return message || String(code ?? error);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
