/**
 * The device of `bench flash`, in a process of its own: slots in memory behind an SMP server on a pty, which it reads
 * no faster than a serial line of some baud rate would bring bytes. Its options come as one JSON argument.
 */
import { ImageSlots, imageVerifier } from '../edge/boot/index.ts';
import { MemoryFlash } from '../edge/flash/index.ts';
import { fromHex } from '../edge/pack/index.ts';
import { type Clock, liveClock } from '../edge/sim/index.ts';
import { ConsoleSmp, SmpServer } from '../edge/smp/index.ts';
import type { Transport } from '../edge/transport/index.ts';
import { openPty } from '../edge/transport/node.ts';

export interface FlashDeviceOptions {
  publicKey: string;
  slotBytes: number;
  bufferBytes: number;
  /** 0 is as fast as it goes. */
  baud: number;
}

/** A start and a stop bit around each eight. */
const bitsPerByte = 10;

/** Brings and takes bytes at the pace of a line: each piece is there when its last byte would be. */
function paced(inner: Transport, baud: number, clock: Clock): Transport {
  const lane = () => {
    let freeMs = 0;
    return (bytes: number): Promise<void> => {
      freeMs = Math.max(freeMs, clock.nowMs()) + (bytes * bitsPerByte * 1000) / baud;
      return new Promise((arrived) => clock.schedule(freeMs - clock.nowMs(), arrived));
    };
  };
  const [inward, outward] = [lane(), lane()];
  return {
    name: inner.name,
    onData(receive) {
      inner.onData((bytes) => {
        const copy = bytes.slice();
        void inward(copy.length).then(() => receive(copy));
      });
    },
    write: (bytes) => outward(bytes.length).then(() => inner.write(bytes)),
    onClose: (closed) => inner.onClose(closed),
    close: () => inner.close(),
  };
}

const { publicKey, slotBytes, bufferBytes, baud } = JSON.parse(process.argv[2]) as FlashDeviceOptions;
const geometry = { sectorBytes: 4096, writeAlignBytes: 8, erasedByte: 0xff } as const;
const images = new ImageSlots({
  primary: new MemoryFlash({ ...geometry, sizeBytes: slotBytes }),
  secondary: new MemoryFlash({ ...geometry, sizeBytes: slotBytes + geometry.sectorBytes }),
  verify: imageVerifier(fromHex(publicKey)),
});
const clock = liveClock();
const { path, transport } = await openPty();
const server = new SmpServer({ device: { images }, clock, bufferBytes });
new ConsoleSmp({ transport: baud > 0 ? paced(transport, baud, clock) : transport, server });
process.on('disconnect', () => process.exit(0));
process.send?.({ port: path });
