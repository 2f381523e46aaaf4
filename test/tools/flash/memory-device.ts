/** A device in this process: flash in memory, our boot loader, an SMP server on a TCP port of its own. */
import { bootOnce, ImageSlots, imageVerifier } from '../../../edge/boot/index.ts';
import { MemoryFlash } from '../../../edge/flash/index.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { SmpServer } from '../../../edge/smp/index.ts';
import { listenTcpSmp } from '../../../edge/smp/node.ts';
import { maker, type TestImage } from './world.ts';

export interface MemoryDevice {
  /** `host:port`. */
  tcp: string;
  /** Requests that it answered. */
  readonly requests: number;
  /** Version that runs. */
  readonly version: string;
  /** Called before each request. */
  onRequest: () => void;
  close(): Promise<void>;
}

const geometry = { sectorBytes: 4096, writeAlignBytes: 8, erasedByte: 0xff } as const;

export async function memoryDevice(first: TestImage, { size = 64 * 1024 } = {}): Promise<MemoryDevice> {
  const clock = liveClock();
  const verify = imageVerifier(maker.publicKey);
  const layout = {
    primary: new MemoryFlash({ ...geometry, sizeBytes: size }),
    secondary: new MemoryFlash({ ...geometry, sizeBytes: size + geometry.sectorBytes }),
  };
  layout.primary.load(0, first.bytes);
  let version = '';
  let server: SmpServer;
  const boot = () => {
    version = bootOnce(layout, { verify }).image.version;
    const images = new ImageSlots({ ...layout, verify });
    // What runs is fit: it confirms itself.
    images.confirm();
    server = new SmpServer({ device: { images, reset: { now: boot } }, clock, resetDelayMs: 10 });
  };
  boot();
  let requests = 0;
  const current = {
    get bufferBytes() {
      return server.bufferBytes;
    },
    receive(packet: Uint8Array, peer: string) {
      requests++;
      device.onRequest();
      return server.receive(packet, peer);
    },
  } as SmpServer;
  const listener = await listenTcpSmp({ server: current, spec: 'tcp://127.0.0.1:0' });
  const device: MemoryDevice = {
    tcp: listener.address.slice('tcp://'.length),
    get requests() {
      return requests;
    },
    get version() {
      return version;
    },
    onRequest() {},
    close: () => listener.close(),
  };
  return device;
}
