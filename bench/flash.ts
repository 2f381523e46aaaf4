/** `miner bench flash`: how fast an image gets into a device over a serial console, beside what the line would carry. */
import { fork } from 'node:child_process';
import path from 'node:path';
import { imageSigner, parseImageVersion, signImage } from '../edge/firmware/index.ts';
import { toHex } from '../edge/pack/index.ts';
import { liveClock, SeededRandom } from '../edge/sim/index.ts';
import { SmpClient, serialFrameBytes, serialLink, smpHeaderBytes, uploadImage } from '../edge/smp/index.ts';
import { openSerial } from '../edge/transport/node.ts';
import { table } from '../tools/cli/table.ts';
import { emptyPart, type PartReport } from './edge/figures.ts';
import { skipWithoutPty } from './edge/pty.ts';
import { goalText, spreadText, valueText } from './edge/text.ts';
import type { FlashDeviceOptions } from './flash-device.ts';
import { describeMachine, type Machine } from './machine.ts';

export interface FlashBenchOptions {
  /** Bytes of firmware in each image. */
  imageBytes: number;
  rounds: number;
  /** Of the slow line. */
  baudSeconds: number;
}

export interface FlashReport {
  benchmark: 'flash';
  machine: Machine;
  options: FlashBenchOptions;
  part: PartReport;
  /** Every image arrived and verified. */
  good: boolean;
}

const goalBytesPerSecond = 200_000;
const goalSharePercent = 95;
const bufferBytes = 4096;
const baud = 115_200;
const bitsPerByte = 10;
/** As the client has it for four buffers: one is left for the answer. */
const window = 3;
/** Length and checksum, which lie in the device's buffer as well. */
const frameBytes = 4;
/** Ahead of the data in a chunk that is not the first: the names `off` and `data`, an offset and a length. */
const chunkFieldBytes = 20;

/** Image bytes a second that the framing leaves of a line, in messages as long as the device takes. */
export function boundBytesPerSecond(lineBaud: number, deviceBufferBytes: number): number {
  const messageBytes = deviceBufferBytes - frameBytes;
  const room = messageBytes - smpHeaderBytes - chunkFieldBytes;
  const dataBytes = room - (room % 32);
  const wireBytes = serialFrameBytes(messageBytes - room + dataBytes);
  return (lineBaud / bitsPerByte / wireBytes) * dataBytes;
}

export async function reportFlashBench(options: FlashBenchOptions): Promise<FlashReport> {
  const part = emptyPart();
  if (!(await skipWithoutPty(part))) await measure(part, options);
  return { benchmark: 'flash', machine: describeMachine(), options, part, good: part.faults.length === 0 };
}

async function measure(part: PartReport, { imageBytes, rounds, baudSeconds }: FlashBenchOptions): Promise<void> {
  const free = await uploads({ baud: 0, imageBytes, rounds });
  const rates = free.rates.toSorted((a, b) => a - b);
  const bound = boundBytesPerSecond(baud, bufferBytes);
  const slow = await uploads({ baud, imageBytes: Math.ceil(bound * baudSeconds), rounds: 1 });
  part.figures.push(
    {
      key: 'flash_rate',
      label: `upload through a pty, buffers of ${bufferBytes} bytes`,
      value: rates[Math.floor(rates.length / 2)],
      slowest: rates[0],
      fastest: rates[rates.length - 1],
      rounds,
      unit: 'bytes/s',
      goal: goalBytesPerSecond,
    },
    { key: 'flash_baud', label: `upload at ${baud.toLocaleString('en')} baud`, value: slow.rates[0], unit: 'bytes/s' },
    { key: 'flash_bound', label: 'what the framing leaves of it', value: bound, unit: 'bytes/s' },
    {
      key: 'flash_share',
      label: 'share of that',
      value: (100 * slow.rates[0]) / bound,
      unit: '%',
      goal: goalSharePercent,
    },
  );
  part.notes.push(
    `Client and device are two processes; ${window} requests under way. Timed from the first request to the answer that ` +
      "the image is whole and verified; the slot's erasing and the signature's check are in it.",
    `Bound: ${baud.toLocaleString('en')} baud / ${bitsPerByte} bits a byte, times image bytes by bytes on the line: base64, ` +
      'marks and newlines, length and checksum, header and names. The emulated device keeps the pace, for a pty ' +
      'ignores its baud rate.',
  );
  for (const { repeats, rewinds, unverified } of [free, slow]) {
    if (repeats + rewinds > 0) part.faults.push(`${repeats} requests repeated, ${rewinds} rewinds, expected none`);
    if (unverified > 0) part.faults.push(`${unverified} images were not found to match`);
  }
}

/** One device and one client; a new image each round. @returns bytes a second of each round */
async function uploads({ baud: lineBaud, imageBytes, rounds }: { baud: number; imageBytes: number; rounds: number }) {
  const signer = imageSigner('ed25519', new Uint8Array(32).fill(1));
  const slotBytes = Math.ceil((imageBytes * 1.1 + 65_536) / 4096) * 4096;
  const device = await startDevice({ publicKey: toHex(signer.publicKey), slotBytes, bufferBytes, baud: lineBaud });
  const clock = liveClock();
  const transport = await openSerial(device.port);
  const link = serialLink(transport, { clock, ...(lineBaud > 0 && { baudRate: lineBaud }) });
  const client = new SmpClient({ link, clock });
  try {
    const rates: number[] = [];
    let rewinds = 0;
    let unverified = 0;
    for (let round = 0; round < rounds; round++) {
      const body = new Uint8Array(imageBytes);
      new SeededRandom(round).fill(body);
      const image = signImage({ body, version: parseImageVersion(`1.0.${round}`) }, signer);
      const beganMs = clock.nowMs();
      const messageBytesMax = link.messageBytesMax(bufferBytes);
      const outcome = await uploadImage(client, { image, window, messageBytesMax });
      rates.push((image.length * 1000) / (clock.nowMs() - beganMs));
      rewinds += outcome.rewinds;
      if (outcome.isMatch !== true) unverified++;
    }
    return { rates, rewinds, unverified, repeats: client.counters.repeated };
  } finally {
    await client.close();
    device.close();
  }
}

async function startDevice(options: FlashDeviceOptions): Promise<{ port: string; close: () => void }> {
  const main = path.join(import.meta.dirname, `flash-device${path.extname(import.meta.filename)}`);
  const child = fork(main, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const port = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: string }).port));
    child.once('exit', () => reject(new Error('the device ended before its time')));
  });
  return { port, close: () => child.kill('SIGKILL') };
}

export function flashBenchText({ part }: FlashReport): string {
  const rows = part.figures.map((figure) => [
    figure.label,
    valueText(figure, figure.value).padStart(12),
    figure.unit,
    spreadText(figure),
    goalText(figure),
  ]);
  return [
    'an image into a device over its serial console',
    ...(rows.length > 0 ? [table(rows, '  ')] : []),
    ...part.notes.map((note) => `  ${note}`),
    ...part.skipped.map((reason) => `  not measured: ${reason}`),
    ...part.faults.map((fault) => `  FAULT ${fault}`),
  ].join('\n');
}
