import { createLogReader, type LogFormat } from './log-reader.ts';

/**
 * Which format a log has, by its first lines rather than by its name.
 * @param firstBytes some kilobytes from the beginning, uncompressed
 * @returns undefined when none of the formats gives a frame from them
 */
export function detectLogFormat(firstBytes: Uint8Array): LogFormat | undefined {
  if (hasGvretHeader(firstBytes)) return 'gvret';
  const reader = createLogReader('candump');
  reader.push(firstBytes, () => {});
  reader.end(() => {});
  return reader.stats.frames > 0 ? 'candump' : undefined;
}

function hasGvretHeader(bytes: Uint8Array): boolean {
  const newline = bytes.indexOf(0x0a);
  const line = new TextDecoder().decode(bytes.subarray(0, newline < 0 ? bytes.length : newline));
  return /^\uFEFF?\s*time stamp,id,extended,/i.test(line);
}
