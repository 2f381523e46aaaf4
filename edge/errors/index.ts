export { type EdgeErrorCode, edgeError, edgeErrors } from './catalogue.ts';
export { type ErrorSpec, type ExitCode, errorFactory, MinerError, spec } from './miner-error.ts';
