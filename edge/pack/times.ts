/** How a column writes its times: differences of differences, which are near zero for anything periodic. */
import { ByteWriter } from './byte-writer.ts';
import { readSequence, type SequenceCode, smallestCode, writeSequence } from './sequence.ts';
import type { VarintReader } from './varint.ts';

/** First time and first difference stand by themselves. */
const lead = 2;

/**
 * @param timesMs whole milliseconds since boot, in any order
 * @param startMs the pack's t0; the first time is written relative to it
 */
export function encodeTimes(timesMs: Float64Array, startMs: number): { code: SequenceCode; bytes: Uint8Array } {
  const numbers = new Float64Array(timesMs.length);
  let previous = startMs;
  let previousStep = 0;
  for (let i = 0; i < timesMs.length; i++) {
    if (!Number.isSafeInteger(timesMs[i]) || timesMs[i] < 0) throw new TypeError(`time ${timesMs[i]} ms`);
    const step = timesMs[i] - previous;
    numbers[i] = step - previousStep;
    previous = timesMs[i];
    // The first offset says nothing of the period.
    previousStep = i === 0 ? 0 : step;
  }
  const { code } = smallestCode(numbers, lead);
  const writer = new ByteWriter(timesMs.length * 2 + 8);
  writeSequence(writer, code, numbers, lead);
  return { code, bytes: writer.finish() };
}

/** @throws through the reader, on anything `encodeTimes` could not have written */
export function decodeTimes(reader: VarintReader, code: SequenceCode, count: number, startMs: number): Float64Array {
  const timesMs = new Float64Array(count);
  let index = 0;
  let previous = startMs;
  let previousStep = 0;
  readSequence(reader, code, count, lead, (number) => {
    if (typeof number === 'bigint') return reader.problem(`a time step of ${number}`);
    const step = number + previousStep;
    const time = previous + step;
    if (!Number.isSafeInteger(time) || time < 0) reader.problem(`sample ${index} is at ${time} ms`);
    timesMs[index] = time;
    previous = time;
    previousStep = index === 0 ? 0 : step;
    index++;
  });
  return timesMs;
}
