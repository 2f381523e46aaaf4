/** The C function from an arbitration id to the message it carries, J1939 by parameter group. */
import { idMax } from '../layout.ts';
import { extendedEntries } from '../message-index.ts';
import { indented } from './dispatch.ts';
import type { PlanNames } from './message-names.ts';
import { apiMacro } from './message-source.ts';

/** `_find`. Compilers make a jump table or a binary search of each switch. */
export function findLines({ stem, messages }: PlanNames): string[] {
  const entries = extendedEntries(messages.map(({ message }) => message));
  const byKey = new Map<number, number>();
  for (const { message, index } of messages)
    if (!message.extended && message.id <= idMax(false)) byKey.set(message.id, index);
  for (const [id, index] of entries.exact) byKey.set(id + 0x80000000, index);
  const cases = (map: Map<number, number>): string[] =>
    [...map]
      .sort((a, b) => a[0] - b[0])
      .map(
        ([key, index]) => `case UINT32_C(0x${key.toString(16)}): return ${messages[index].stem.toUpperCase()}_INDEX;`,
      );
  const body = [...switchLines('key', cases(byKey))];
  if (entries.byPgn.size > 0) body.push(...groupLines(cases(entries.bySource), cases(entries.byPgn)));
  return [
    `${apiMacro({ file: stem })} int ${stem}_find(uint32_t key)`,
    '{',
    ...indented([...(byKey.size === 0 ? ['(void)key;'] : []), ...body, 'return -1;']),
    '}',
  ];
}

/** SAE J1939-21: of a format below 240 the low byte of the group is a destination, and does not count. */
function groupLines(bySource: string[], byGroup: string[]): string[] {
  return [
    '/* J1939: the parameter group with the source address, then the group alone. Bit 31 is set, 30 and 29 are not. */',
    'if (key >> 29 == 4u) {',
    ...indented([
      'const uint32_t format = (key >> 16) & 0xffu;',
      'const uint32_t group = (key >> 8) & (format < 240u ? UINT32_C(0x3ff00) : UINT32_C(0x3ffff));',
      ...switchLines('group << 8 | (key & 0xffu)', bySource),
      ...switchLines('group', byGroup),
    ]),
    '}',
  ];
}

function switchLines(value: string, cases: string[]): string[] {
  return cases.length === 0 ? [] : [`switch (${value}) {`, ...cases, 'default: break;', '}'];
}

/** `_decode`: finds and decodes, through a table of functions. */
export function decodeFrameLines({ stem, messages }: PlanNames): string[] {
  const head = [
    `${apiMacro({ file: stem })} int ${stem}_decode(uint32_t key, const uint8_t *data, size_t size, double *physical, uint64_t *raw, uint8_t *status)`,
    '{',
  ];
  if (messages.length === 0) {
    const unused = ['key', 'data', 'size', 'physical', 'raw', 'status'].map((name) => `(void)${name};`);
    return [...head, ...indented([...unused, 'return -1;']), '}'];
  }
  const type = 'void (*const DECODERS[])(const uint8_t *, size_t, double *, uint64_t *, uint8_t *)';
  return [
    `static ${type.replace('DECODERS', `${stem}_decoders`)} = {`,
    ...messages.map(({ stem: message }) => `    ${message}_decode,`),
    '};',
    '',
    ...head,
    ...indented([
      `const int index = ${stem}_find(key);`,
      'if (index >= 0) {',
      `    ${stem}_decoders[index](data, size, physical, raw, status);`,
      '}',
      'return index;',
    ]),
    '}',
  ];
}
