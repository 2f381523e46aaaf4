export { type DecodeContext, type DecodeFlags, runDecode } from './run-decode.ts';
