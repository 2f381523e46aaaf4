/** Emits C99 for firmware: structs, unpack and value functions as C programmers know them, and the full decoder. */
import { edgeError } from '../../errors/index.ts';
import { generatedSize, generatedSizeMax } from '../layout.ts';
import type { Plan } from '../types.ts';
import { decodeLines } from './decode-source.ts';
import { headerText } from './header.ts';
import { decodeFrameLines, findLines } from './lookup-source.ts';
import { namePlan } from './message-names.ts';
import { physicalLines, type SourceStyle, signalLines, unpackLines } from './message-source.ts';
import { preludeText } from './prelude.ts';

export interface EmitCOptions {
  /** What all names begin with, and what the header is called: `name.h`. Anything but letters and digits becomes `_`. */
  name: string;
  /**
   * How `_unpack` reads the payload: `words` (default) as 64-bit integers, the fastest on 64-bit cores; `bytes` one by
   * one in 32-bit arithmetic, for cores of 8 to 32 bits. The results are the same.
   */
  reads?: 'words' | 'bytes';
}

export interface EmittedC {
  /** What the header must be saved as. */
  headerName: string;
  header: string;
  source: string;
}

/** Signals, selector ranges and labels up to which a plan is written; the largest real databases have some 50,000. */
const sourceSizeMax = 500_000;

/**
 * Emits C99 without allocation or calls into the C library but memcpy. The same plan gives the same text.
 * Doubles are bit-identical to the other back ends, on any compiler whose double is IEEE 754 binary64.
 * @throws {MinerError} `MESSAGE_TOO_LARGE` when a message has more signals and selectors than compilers bear in one
 * function, `C_SOURCE_TOO_LARGE` when all messages together have more than anyone's firmware
 * @example emitC(plan, { name: 'tesla' }).source  // int tesla_di_torque1_unpack(struct tesla_di_torque1_t *message, ...
 */
export function emitC(plan: Plan, { name, reads = 'words' }: EmitCOptions): EmittedC {
  checkSize(plan);
  const names = namePlan(plan, name);
  const style: SourceStyle = { file: names.stem, reads };
  const body = [
    ...findLines(names),
    ...names.messages.flatMap((message) => [
      '',
      ...message.signals.flatMap((signal) => [...signalLines(signal, style), '']),
      ...unpackLines(message, style),
      '',
      ...physicalLines(message, style),
      '',
      ...decodeLines(message, style),
    ]),
    '',
    ...decodeFrameLines(names),
    '',
  ].join('\n');
  const headerName = `${names.stem}.h`;
  const opening = [
    '/* Generated from a DBC file. Same file, same text. */',
    `#include "${headerName}"`,
    '',
    '#include <float.h>',
    '#include <string.h>',
  ];
  return {
    headerName,
    header: headerText(plan, names),
    source: [...opening, preludeText(names.stem, body), '', body].join('\n'),
  };
}

function checkSize(plan: Plan): void {
  let total = 0;
  for (const message of plan.messages) {
    const size = generatedSize(message);
    if (size > generatedSizeMax)
      throw edgeError('MESSAGE_TOO_LARGE', { message: message.name, size, maximum: generatedSizeMax });
    total += size + message.signals.reduce((sum, { labels }) => sum + labels.length, 0);
  }
  if (total > sourceSizeMax) throw edgeError('C_SOURCE_TOO_LARGE', { size: total, maximum: sourceSizeMax });
}
