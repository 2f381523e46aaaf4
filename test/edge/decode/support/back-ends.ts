/** Every decoder that must give the same answers; suites run against each. */
import {
  createFrameDecoder,
  createInterpreter,
  createWasmDecoder,
  type FrameDecoder,
  type Plan,
} from '../../../../edge/decode/index.ts';

export const backEnds: { name: string; create: (plan: Plan) => FrameDecoder }[] = [
  { name: 'interpreter', create: createInterpreter },
  { name: 'per-frame', create: createFrameDecoder },
  { name: 'wasm', create: createWasmDecoder },
];
