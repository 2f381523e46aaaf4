/**
 * A device in a process of its own: flash in a file, our boot loader, an SMP server on a pty beside console text, and
 * on UDP and TCP where asked. A reset boots again in the same process; a kill is a power cut. Its configuration is its
 * one argument, as JSON, and messages change it; once it listens it sends its addresses.
 */
import { bootOnce, ImageSlots, imageVerifier, runTrial, Watchdog } from '../../../edge/boot/index.ts';
import { manifestOfBody, parseImage } from '../../../edge/firmware/index.ts';
import { FlashArea, FlashSettings } from '../../../edge/flash/index.ts';
import { FlashFile } from '../../../edge/flash/node.ts';
import { fromHex } from '../../../edge/pack/index.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import {
  ConsoleSmp,
  DeviceSettings,
  SettableClock,
  type SmpDevice,
  SmpServer,
  StorageFiles,
} from '../../../edge/smp/index.ts';
import { listenTcpSmp, listenUdpSmp } from '../../../edge/smp/node.ts';
import { DirectoryStorage } from '../../../edge/store/node.ts';
import { openPty } from '../../../edge/transport/node.ts';

export interface DeviceConfiguration {
  /** Made with `image` in its primary slot when it is not there. */
  flash: string;
  /** Hex of the key whose images run. */
  publicKey: string;
  /** Hex of the first image. */
  image?: string;
  /** Folder of the offline log. */
  log?: string;
  udp?: boolean;
  tcp?: boolean;
  bufferBytes?: number;
  /** Dies, as by a power cut, once an upload has brought so many bytes. */
  dieAtBytes?: number;
  /** After so long a trial that was not confirmed is over. */
  watchdogMs?: number;
}

export interface DeviceAddresses {
  port: string;
  udp?: string;
  tcp?: string;
}

const kib = 1024;
const geometry = { sizeBytes: 160 * kib, sectorBytes: 4 * kib, writeAlignBytes: 8, erasedByte: 0xff } as const;
const areas = {
  primary: { offset: 0, sizeBytes: 64 * kib },
  secondary: { offset: 64 * kib, sizeBytes: 68 * kib },
  counter: { offset: 132 * kib, sizeBytes: 8 * kib },
  settings: { offset: 140 * kib, sizeBytes: 16 * kib },
};

const configuration = JSON.parse(process.argv[2]) as DeviceConfiguration;
const clock = liveClock();
const flash = FlashFile.open(configuration.flash, geometry);
const area = (name: keyof typeof areas) => new FlashArea(flash, areas[name]);
const layout = { primary: area('primary'), secondary: area('secondary'), counter: area('counter') };
const verify = imageVerifier(fromHex(configuration.publicKey));

if (configuration.image !== undefined) {
  const image = fromHex(configuration.image);
  const padded = new Uint8Array(Math.ceil(image.length / geometry.writeAlignBytes) * geometry.writeAlignBytes).fill(
    0xff,
  );
  padded.set(image);
  if (layout.primary.read(0, 4).every((byte) => byte === 0xff)) layout.primary.write(0, padded);
}

const log = configuration.log === undefined ? undefined : new DirectoryStorage(configuration.log);
const { path, transport } = await openPty();
let uploadedBytes = 0;
let server: SmpServer;
let consoleSmp: ConsoleSmp;
let watchdog: Watchdog | undefined;

function boot(): void {
  watchdog?.stop();
  const { image, isTrial, swap } = bootOnce(layout, { verify });
  const images = new ImageSlots({ ...layout, verify });
  const say = (text: string) => consoleSmp?.writeText(`${text}\r\n`);
  const settings = new DeviceSettings({
    definitions: { 'miner/pack_interval_ms': { initial: 10_000, minimum: 100, maximum: 3_600_000 } },
    store: new FlashSettings(area('settings')),
    onCommit: () => {},
  });
  const device: SmpDevice = {
    info: {
      kernelName: 'Miner',
      nodeName: 'test',
      kernelRelease: image.version,
      kernelVersion: image.version,
      machine: 'emulated',
      processor: 'none',
      hardwarePlatform: 'test',
      operatingSystem: 'Miner',
    },
    images: countingBytes(images),
    clock: new SettableClock(clock),
    settings,
    statistics: () => new Map([['can', new Map([['frames', 12]])]]),
    files: log && new StorageFiles({ folders: { '/log': log } }),
    reset: { now: boot },
  };
  server = new SmpServer({ device, clock, bufferBytes: configuration.bufferBytes, resetDelayMs: 50 });
  say(`\r\nbooted ${image.version}${isTrial ? ' on trial' : ''} (${swap})`);
  if (isTrial) void trial(images, say);
}

async function trial(images: ImageSlots, say: (text: string) => void): Promise<void> {
  watchdog = new Watchdog({ clock, timeoutMs: configuration.watchdogMs ?? 2000, reset: boot });
  const fault = manifestOfBody(parseImage(layout.primary.read(0, layout.primary.sizeBytes)).body)?.fault;
  const selfTest = async () => {
    if (fault === 'hang') await new Promise(() => {});
    return fault === 'self-test' ? { passed: false, reason: 'no CAN controller answers' } : { passed: true };
  };
  const { confirmed, reason } = await runTrial({ images, watchdog, selfTest });
  say(confirmed ? 'self-test passed: confirmed' : `self-test failed: ${reason}`);
  if (!confirmed && !watchdog.hasReset) boot();
}

function countingBytes(images: ImageSlots): ImageSlots {
  const write = images.writeChunk.bind(images);
  images.writeChunk = (offset, bytes) => {
    write(offset, bytes);
    uploadedBytes += bytes.length;
    if (uploadedBytes >= (configuration.dieAtBytes ?? Number.POSITIVE_INFINITY)) process.kill(process.pid, 'SIGKILL');
  };
  return images;
}

boot();
/** Whatever server there is after the last reset. */
const current = {
  get bufferBytes() {
    return server.bufferBytes;
  },
  receive: (packet: Uint8Array, peer: string) => server.receive(packet, peer),
} as SmpServer;
consoleSmp = new ConsoleSmp({ transport, server: current });
const udp = configuration.udp ? await listenUdpSmp({ server: current, port: 0 }) : undefined;
const tcp = configuration.tcp ? await listenTcpSmp({ server: current, spec: 'tcp://127.0.0.1:0' }) : undefined;
process.on('message', (changes: Partial<DeviceConfiguration>) => Object.assign(configuration, changes));
process.on('disconnect', () => process.exit(0));
process.send?.({ port: path, udp: udp?.address.slice('udp://'.length), tcp: tcp?.address.slice('tcp://'.length) });
