/**
 * A device in a process of its own: the flash, boot loader and trial of an emulated Miner, and an SMP server on a pty
 * beside console text, on UDP and on TCP. A reset boots again in the same process; a kill is a power cut. Its
 * configuration is its one argument, as JSON, and messages change it; once it listens it sends its addresses.
 */
import { type ImageSlots, imageVerifier } from '../../../edge/boot/index.ts';
import { fromHex } from '../../../edge/pack/index.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { ConsoleSmp, DeviceSettings, SettableClock, SmpServer, StorageFiles } from '../../../edge/smp/index.ts';
import { listenTcpSmp, listenUdpSmp, processInfo } from '../../../edge/smp/node.ts';
import { DirectoryStorage } from '../../../edge/store/node.ts';
import { openPty } from '../../../edge/transport/node.ts';
import {
  type BootedMiner,
  type FirmwareEvent,
  isBlank,
  openMinerFlash,
  programFactoryImage,
  runFirmware,
} from '../../../tools/firmware/index.ts';

export interface DeviceConfiguration {
  /** Made with `image` in its primary slot when it is blank. */
  flash: string;
  /** Hex of the key whose images run. */
  publicKey: string;
  /** Hex of the first image. */
  image?: string;
  /** Folder of the offline log. */
  log?: string;
  /** Dies, as by a power cut, once an upload has brought so many bytes. */
  dieAtBytes?: number;
  watchdogMs?: number;
}

export interface DeviceAddresses {
  port: string;
  udp: string;
  tcp: string;
}

const configuration = JSON.parse(process.argv[2]) as DeviceConfiguration;
const clock = liveClock();
const verify = imageVerifier(fromHex(configuration.publicKey));
const flash = openMinerFlash(configuration.flash);
if (isBlank(flash)) programFactoryImage(flash, fromHex(configuration.image as string), verify);
const log = configuration.log === undefined ? undefined : new DirectoryStorage(configuration.log);

/** Whatever server there is since the last reset. */
let server: SmpServer;
const current = {
  get bufferBytes() {
    return server.bufferBytes;
  },
  receive: (packet: Uint8Array, peer: string) => server.receive(packet, peer),
} as SmpServer;
const { path, transport } = await openPty();
const consoleSmp = { current: undefined as ConsoleSmp | undefined };
const say = (text: string) => consoleSmp.current?.writeText(`${text}\r\n`);

function start({ images, version }: BootedMiner, reset: () => void) {
  const settings = new DeviceSettings({
    definitions: { 'miner/pack_interval_ms': { initial: 10_000, minimum: 100, maximum: 3_600_000 } },
    store: flash.settings,
    onCommit: () => {},
  });
  const device = {
    info: processInfo(version),
    images: countingBytes(images),
    clock: new SettableClock(clock),
    settings,
    statistics: () => new Map([['can', new Map([['frames', 12]])]]),
    reset: { now: reset },
    ...(log && { files: new StorageFiles({ folders: { '/log': log } }) }),
  };
  server = new SmpServer({ device, clock, resetDelayMs: 50 });
  consoleSmp.current ??= new ConsoleSmp({ transport, server: current });
  return { selfTest: () => ({ passed: true }), ended: new Promise<void>(() => {}), stop() {} };
}

function tell(event: FirmwareEvent): void {
  if (event.event === 'boot') say(`boot: ${event.version}${event.isTrial ? ' on trial' : ''}`);
  else if (event.event === 'self-test') say(`self-test: ${event.reason}`);
  else if (event.event === 'reset') say(`reset: ${event.cause}`);
}

function countingBytes(images: ImageSlots): ImageSlots {
  const write = images.writeChunk.bind(images);
  let bytesWritten = 0;
  images.writeChunk = (offset, bytes) => {
    write(offset, bytes);
    bytesWritten += bytes.length;
    if (bytesWritten >= (configuration.dieAtBytes ?? Number.POSITIVE_INFINITY)) process.kill(process.pid, 'SIGKILL');
  };
  return images;
}

const options = {
  flash,
  verify,
  clock,
  get watchdogMs() {
    return configuration.watchdogMs;
  },
  start,
  tell,
};
void runFirmware(options);
// The first boot is over before anything else happens here.
const udp = await listenUdpSmp({ server: current, port: 0 });
const tcp = await listenTcpSmp({ server: current, spec: 'tcp://127.0.0.1:0' });
process.on('message', (changes: Partial<DeviceConfiguration>) => Object.assign(configuration, changes));
process.on('disconnect', () => process.exit(0));
process.send?.({ port: path, udp: udp.address.slice('udp://'.length), tcp: tcp.address.slice('tcp://'.length) });
