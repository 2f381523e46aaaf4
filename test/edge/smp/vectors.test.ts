/** Every exchange that was captured from a Zephyr device, byte for byte, over a console. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { concatBytes } from '../../../edge/pack/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { ConsoleSmp, encodeSerial, SmpServer } from '../../../edge/smp/index.ts';
import { memoryPair } from '../../../edge/transport/index.ts';
import { skipWithout } from '../../shared.ts';
import { capturedExchanges, vectorsPath } from './vectors.ts';

/** What that device had, and what it said of itself. */
function capturedDevice(now: () => void) {
  const info = {
    kernelName: 'Zephyr',
    nodeName: 'unknown',
    kernelRelease: '684c9e8f32e4',
    kernelVersion: '4.4.0',
    buildDateTime: 'Wed Jun  3 22:19:37 2026',
    machine: 'posix',
    processor: 'x86',
    hardwarePlatform: 'native_sim/native',
    operatingSystem: 'Zephyr',
  };
  return { info, reset: { now } };
}

describe('the captured device', { skip: skipWithout(vectorsPath) }, () => {
  for (const { name, request, responseLines } of capturedExchanges()) {
    it(`${name}: ${responseLines.length === 0 ? 'no answer' : 'the same lines'}`, async () => {
      const clock = new VirtualClock();
      const device = capturedDevice(() => {});
      const server = new SmpServer({ device, clock, bufferBytes: 384, bufferCount: 4 });
      const [host, port] = memoryPair();
      // The capture did not pause between lines, and that device has buffers for two.
      new ConsoleSmp({ transport: port, server, linesPerDeliveryMax: 2 });
      const received: Uint8Array[] = [];
      host.onData((bytes) => received.push(bytes.slice()));
      await host.write(encodeSerial(request));
      await new Promise((resolve) => setImmediate(resolve));
      const expected = responseLines.flatMap((line) => [line, Uint8Array.of(0x0a)]);
      assert.deepEqual(concatBytes(...received), concatBytes(...expected));
    });
  }
});
