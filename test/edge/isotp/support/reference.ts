/** ISO 15765-2 segmentation written down as plainly as can be, from the standard's tables; slow, and nobody's base. */

export interface ReferenceFormat {
  /** TX_DL. */
  frameBytes: number;
  /** Address byte of extended and mixed addressing. */
  addressByte?: number;
  padding: number | 'none';
}

const canLengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

/** Payloads of the frames that carry the message, each as an array. */
export function segment(message: readonly number[], { frameBytes, addressByte, padding }: ReferenceFormat): number[][] {
  const address = addressByte === undefined ? [] : [addressByte];
  const pad = (bytes: number[]) => {
    let target = canLengths.find((length) => length >= bytes.length)!;
    if (bytes.length <= 8) target = padding === 'none' ? bytes.length : 8;
    const filler = padding === 'none' ? 0xcc : padding;
    return [...bytes, ...Array<number>(target - bytes.length).fill(filler)];
  };
  const classic = [...address, message.length, ...message];
  if (classic.length <= 8) return [pad(classic)];
  const escaped = [...address, 0, message.length, ...message];
  if (frameBytes > 8 && escaped.length <= frameBytes) return [pad(escaped)];

  const digits = message.length.toString(16);
  const header = message.length <= 4095 ? `1${digits.padStart(3, '0')}` : `1000${digits.padStart(8, '0')}`;
  const first = [...address, ...(header.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))];
  const rest = [...message];
  while (first.length < frameBytes) first.push(rest.shift()!);
  const frames = [first];
  for (let number = 1; rest.length > 0; number++) {
    const frame = [...address, 0x20 + (number % 16)];
    while (frame.length < frameBytes && rest.length > 0) frame.push(rest.shift()!);
    frames.push(pad(frame));
  }
  return frames;
}
