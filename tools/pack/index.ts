export { breakText, type ChainBreak, ChainCheck, type ChainReport, type Missing } from './chain-check.ts';
export { type DecodeOptions, type DecodeOutcome, decodePacks, type Format, formats } from './decode.ts';
export { decoderOf, type LoadedDecoder, loadDecoder } from './decoders.ts';
export { explainPack, type ShownPack } from './explain.ts';
export { matchSignal, type SignalChange, type SignalOutcome } from './redecode.ts';
export { type NamedSample, SampleReader, type SampleSource } from './samples.ts';
export { readPacks, type SourceItem } from './source.ts';
export { openUnverified, type UnverifiedPack } from './unverified.ts';
export { type PackVerdict, type VerifyOptions, verifyPacks } from './verify.ts';
