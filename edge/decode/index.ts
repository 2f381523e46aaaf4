export { createBatchDecoder } from './batch/batch-decoder.ts';
export { type BatchModule, emitBatchModule } from './batch/batch-module.ts';
export type { BatchDecoder, BatchOptions, BatchTable, Column, ColumnType } from './batch/types.ts';
export { type EmitCOptions, type EmittedC, emitC } from './c/emit-c.ts';
export { createEncoder, type Encoder, type EncodeValue } from './encode.ts';
export { createFrameDecoder } from './frame-decoder.ts';
export { createInterpreter } from './interpret.ts';
export { bytesNeeded, canLeaveRange, integerLimits } from './layout.ts';
export { type DecodedFrame, decodeToObject, labelAt, readObject } from './objects.ts';
export { compilePlan, needsJ1939Transport } from './plan.ts';
export { physicalAt, statusNames } from './records.ts';
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
