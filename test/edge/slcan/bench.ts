/** What the adapter's tests share: one at one end of a pair, and its bytes as readable text at the other. */
import { FrameBatch } from '../../../edge/can/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { SlcanAdapter, type SlcanAdapterOptions } from '../../../edge/slcan/index.ts';
import { memoryPair, type Transport } from '../../../edge/transport/index.ts';
import { settled } from './clock.ts';

export interface Bench {
  adapter: SlcanAdapter;
  clock: VirtualClock;
  host: Transport;
  /** Sends lines and returns what came back; in both CR is `;`, and BEL `!`. */
  ask(text: string): Promise<string>;
  /** What came since last asked. */
  heard(): string;
}

export function connect(options: Partial<SlcanAdapterOptions> = {}): Bench {
  const [host, device] = memoryPair();
  const clock = new VirtualClock();
  const adapter = new SlcanAdapter(device, { clock, paceToBitRate: false, ...options });
  let text = '';
  host.onData((bytes) => {
    text += Buffer.from(bytes).toString('latin1').replaceAll('\r', ';').replaceAll('\x07', '!');
  });
  const heard = () => {
    const now = text;
    text = '';
    return now;
  };
  const ask = async (line: string) => {
    await host.write(Buffer.from(line.replaceAll(';', '\r')));
    await settled();
    return heard();
  };
  return { adapter, clock, host, ask, heard };
}

export function frames(count: number, length = 8, flags = 0): FrameBatch {
  const batch = new FrameBatch(count, length > 8 ? 64 : 8);
  for (let i = 0; i < count; i++) batch.push(0, 0x100 + i, flags, new Uint8Array(length).fill(i));
  return batch;
}
