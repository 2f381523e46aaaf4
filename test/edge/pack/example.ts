/** The pack that docs/pack.md takes apart byte by byte. */
import { fromHex, type PackBody, packAad, SamplesBuilder, softwareSigner } from '../../../edge/pack/index.ts';

/** RFC 6979 A.2.5's scalar. */
export const exampleSigner = softwareSigner(
  fromHex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721'),
);
export const exampleAad = packAad(31337, fromHex('5fbdb2315678afecb367f032d93f642f64180aa3'));

export function exampleBody(): PackBody {
  const builder = new SamplesBuilder();
  const speed = [5000, 5012, 5031, 5040, 5040, 5022];
  const brake = [0, 0, 0, 0, 0, 1];
  speed.forEach((raw, second) => {
    builder.add(0, 3, 600_000 + 1000 * second, raw);
    builder.add(0, 4, 600_000 + 1000 * second, brake[second]);
  });
  builder.add(0, 9, 602_400, 1_234_567);
  return {
    seq: 42,
    bootCount: 3,
    decoders: [{ contentHash: new Uint8Array(32).fill(0xd1), registryIndex: 0 }],
    startMs: 600_000,
    anchor: { unixMs: 1_713_460_846_435, source: 2, uncertaintyMs: 40 },
    columns: builder.columns(),
    counters: new Map([[1, 9009]]),
    gaps: [{ from: 40, to: 41, reason: 1 }],
  };
}
