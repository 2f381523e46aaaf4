import type { LogFormat } from './log-format.ts';
import { createLogReader } from './log-reader.ts';

/**
 * Which format a log has, by its first bytes rather than by its name.
 * @param firstBytes some kilobytes from the beginning, uncompressed
 * @returns undefined when they fit none of the formats
 */
export function detectLogFormat(firstBytes: Uint8Array): LogFormat | undefined {
  const start = new TextDecoder('latin1').decode(firstBytes.subarray(0, 1024)).replace(/^\u00ef\u00bb\u00bf/, '');
  const known = starts.find(({ pattern }) => pattern.test(start));
  if (known) return known.format;
  // candump writes no header, other programs' headers may be cut away: whoever gives frames from it has it.
  return headless.find((format) => framesIn(format, firstBytes) > 0);
}

const starts: readonly { format: LogFormat; pattern: RegExp }[] = [
  { format: 'blf', pattern: /^LOGG/ },
  { format: 'gvret', pattern: /^\s*time stamp,id,extended,/i },
  { format: 'trc', pattern: /^\s*;\$FILEVERSION=|^@ TEXT @|^;#{20,}\s+;/ },
  { format: 'asc', pattern: /^\s*(date .*\d{4}\s|base +(hex|dec)\b)/i },
];

const headless: readonly LogFormat[] = ['candump', 'asc'];

function framesIn(format: LogFormat, firstBytes: Uint8Array): number {
  const reader = createLogReader(format);
  reader.push(firstBytes, () => {});
  reader.end(() => {});
  return reader.stats.frames;
}
