export { createEncoder, type Encoder, type EncodeValue } from './encode.ts';
export { createFrameDecoder } from './frame-decoder.ts';
export { createInterpreter } from './interpret.ts';
export { type DecodedFrame, decodeToObject, labelAt, readObject, statusNames } from './objects.ts';
export { compilePlan } from './plan.ts';
export { physicalAt } from './records.ts';
export {
  type FrameDecoder,
  type Plan,
  type PlanMessage,
  type PlanSelectorRange,
  type PlanSignal,
  SignalStatus,
} from './types.ts';
export { emitScalarModule, moduleHash } from './wasm/scalar-module.ts';
export { createWasmDecoder } from './wasm/wasm-decoder.ts';
