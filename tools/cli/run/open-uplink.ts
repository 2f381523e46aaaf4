/** Where the packs of `miner run` go: a broker, or a folder that somebody carries. */
import { MinerError } from '../../../edge/errors/index.ts';
import { fromHex } from '../../../edge/pack/index.ts';
import type { Clock } from '../../../edge/sim/index.ts';
import type { UplinkPort } from '../../../edge/uplink/index.ts';
import { FileUplink } from '../../../edge/uplink/node-file.ts';
import { MqttUplink } from '../../../edge/uplink/node-mqtt.ts';
import { toolError } from '../../errors/index.ts';
import { readInput } from '../../files.ts';
import type { RunFlags } from '../commands/run.ts';
import { readGateway } from '../data-folder.ts';

export interface Uplink {
  port: UplinkPort;
  /** Where it leads, for people. */
  where: string;
  /** Addresses of the gateways whose receipts count. */
  gateways: Uint8Array[];
  start(): void;
  close(): Promise<void> | void;
}

/** Receipts that a courier brings are looked for this often. */
const folderPollMs = 2000;

/**
 * @returns undefined when neither an option nor the data folder names a gateway: packs wait in the log then
 * @throws {MinerError} OPTION_MISSING, OPTION_INVALID, RECORD_UNREADABLE, FILE_UNREADABLE, STORAGE_IO
 */
export function openUplink(
  flags: Pick<RunFlags, 'data' | 'uplink' | 'gateway' | 'ca' | 'cert' | 'tlsKey'>,
  { kid, clock, onFault }: { kid: Uint8Array; clock: Clock; onFault: (fault: MinerError) => void },
): Uplink | undefined {
  const record = flags.uplink && flags.gateway ? undefined : recordOf(flags.data);
  const where = flags.uplink ?? record?.brokerUrl;
  if (where === undefined) return undefined;
  const address = flags.gateway ?? record?.address;
  if (address === undefined) {
    throw toolError('OPTION_MISSING', {
      option: '--gateway',
      reason: 'no gateway.json is in the data folder, and without an address no receipt can be believed',
    });
  }
  const gateways = [fromHex(address.slice(2).toLowerCase())];
  if (where.startsWith('file:')) return { ...folderUplink(where.slice(5), kid, clock, onFault), gateways };
  if (!/^mqtts?:\/\/[^/]/.test(where)) {
    const expected = 'mqtt://host:port, mqtts://host:port or file:FOLDER';
    throw toolError('OPTION_INVALID', { option: '--uplink', value: where, expected });
  }
  const uplink = new MqttUplink({ url: where, kid, clock, onFault, ...tlsOf(flags, where) });
  return { port: uplink, where, gateways, start: () => uplink.start(), close: () => uplink.close() };
}

function recordOf(data: string): ReturnType<typeof readGateway> | undefined {
  try {
    return readGateway(data);
  } catch (error) {
    if (error instanceof MinerError && error.code === 'RECORD_MISSING') return undefined;
    throw error;
  }
}

function tlsOf({ ca, cert, tlsKey }: Pick<RunFlags, 'ca' | 'cert' | 'tlsKey'>, url: string) {
  if (ca === undefined && cert === undefined && tlsKey === undefined) return {};
  if (!url.startsWith('mqtts:')) {
    const expected = 'mqtts://host:port: --ca, --cert and --tls-key are for TLS';
    throw toolError('OPTION_INVALID', { option: '--uplink', value: url, expected });
  }
  const reason = 'a certificate and its key go together';
  if (cert !== undefined && tlsKey === undefined) throw toolError('OPTION_MISSING', { option: '--tls-key', reason });
  if (cert === undefined && tlsKey !== undefined) throw toolError('OPTION_MISSING', { option: '--cert', reason });
  const textOf = (file: string) => new TextDecoder().decode(readInput(file));
  return {
    tls: {
      ...(ca !== undefined && { ca: textOf(ca) }),
      ...(cert !== undefined && { cert: textOf(cert) }),
      ...(tlsKey !== undefined && { key: textOf(tlsKey) }),
    },
  };
}

function folderUplink(folder: string, kid: Uint8Array, clock: Clock, onFault: (fault: MinerError) => void) {
  const uplink = new FileUplink(folder, kid);
  let cancel = () => {};
  const poll = () => {
    try {
      uplink.poll();
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      onFault(error);
    }
    cancel = clock.schedule(folderPollMs, poll);
  };
  return { port: uplink, where: `file:${folder}`, start: poll, close: () => cancel() };
}
