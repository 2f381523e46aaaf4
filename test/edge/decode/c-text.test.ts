/** The emitted text: names of hostile files write no code, names stay apart, and the same plan gives the same bytes. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Message, Signal } from '../../../edge/dbc/model.ts';
import { compilePlan, type EmittedC, emitC } from '../../../edge/decode/index.ts';
import { by, database, message, planOf, signal } from './support/build.ts';
import { compileAndRun, skipWithoutGcc, strict, withFolder } from './support/gcc.ts';

const emit = (signals: Signal[], facts: Partial<Message> = {}, name = 'x'): EmittedC =>
  emitC(planOf(signals, facts), { name });

describe('names become identifiers', () => {
  const rows: [title: string, name: string, member: string][] = [
    ['camel case', 'EngineSpeed', 'engine_speed'],
    ['abbreviations', 'DI_torqueABSActive', 'di_torque_abs_active'],
    ['a digit in front', '12V_Battery', 's_12_v_battery'],
    ['a word of C', 'Register', 'register_2'],
    ['a word of C++', 'class', 'class_2'],
    ['a macro of gcc’s default dialect', 'unix', 'unix_2'],
    ['a type', 'UINT8_T', 'uint8_t_2'],
    ['nothing', '', 'unnamed'],
    ['no letter of ASCII', 'température', 'temp_rature'],
    ['only others', '温度', 'unnamed'],
    ['underscores', '__A__b_', 'a_b'],
    ['code', 'a;}int main(){return 1;}/*', 'a_int_main_return_1'],
    ['very long', `L${'o'.repeat(500)}ng`, `l${'o'.repeat(63)}`],
  ];
  for (const [title, name, member] of rows) {
    test(title, () => {
      const { header, source } = emit([signal(name)]);
      assert.match(header, new RegExp(`^ {4}uint8_t ${member};$`, 'm'));
      assert.match(source, new RegExp(`message->${member} = `));
    });
  }
  test('the caller’s name', () => {
    for (const [name, expected] of [
      ['tesla can', 'tesla_can.h'],
      ['../../etc/passwd', 'etc_passwd.h'],
      ['42', 'dbc_42.h'],
      ['int', 'int.h'],
    ])
      assert.equal(emit([], {}, name).headerName, expected);
  });
});

/** Names that try to leave a comment, a macro or a line, to clash with each other and with what is emitted. */
const hostileNames = [
  '*/ int x; /*',
  '// \\',
  'a??/',
  'line\nbreak\r#include </etc/passwd>\u2028',
  '"); system("true',
  '\\u000a',
  'decode',
  'unpack',
  't',
  'find',
  'word_le',
  'A',
  'a',
  'A_',
  'a_decode',
  'A_b',
  'b',
  'b_decode',
  '__proto__',
  'constructor',
  'double',
  'd',
  'SLOT',
  '%s%n',
  '$(x)',
  '`',
];
const hostile = compilePlan(
  database(
    ...hostileNames.map((name, i) =>
      message(
        i,
        hostileNames.map((inner, k) =>
          signal(inner, {
            startBit: k,
            unit: name,
            isSelector: k === 0,
            ...(k % 5 === 4 && { multiplexedBy: by(hostileNames[0], k) }),
            labels: [
              { raw: 1n, text: inner },
              { raw: 2n, text: inner },
              { raw: 999n, text: 'too large' },
            ],
          }),
        ),
        { name },
      ),
    ),
  ),
);

describe('hostile names', () => {
  for (const [kind, text] of Object.entries(emitC(hostile, { name: '*/' }))) {
    test(`${kind}: ASCII, no trigraph, comments whole, lines continued only by macros`, () => {
      assert.match(text, /^[\x20-\x7e\n]*$/);
      assert.doesNotMatch(text, /\?\?/);
      const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
      assert.doesNotMatch(code, /system\(|passwd>|int x;/);
      assert.deepEqual(text.match(/\/\*(?:(?!\*\/)[\s\S])*\/\*/), null);
      assert.equal(text.split('/*').length, text.split('*/').length);
      for (const line of text.split('\n')) if (line.endsWith('\\')) assert.match(line, /^#define |^ {4}X\(/);
    });
  }
  test('compile, every constant is used, and decode', { skip: skipWithoutGcc }, () => {
    const { headerName, header, source } = emitC(hostile, { name: 'h' });
    const constants = [...header.matchAll(/^#define ([A-Z0-9_]+) [^X]/gm)].map(([, name]) => name);
    assert.equal(new Set(constants).size, constants.length);
    const main = [
      `#include "${headerName}"`,
      '#include "h.c"',
      'int main(void) {',
      ...constants.map((name) => `    (void)(${name});`),
      '    return 0;',
      '}',
    ];
    withFolder((folder) => {
      writeFileSync(path.join(folder, headerName), header);
      writeFileSync(path.join(folder, 'h.c'), source);
      writeFileSync(path.join(folder, 'main.c'), main.join('\n'));
      compileAndRun(folder, [...strict, '-O0']);
    });
  });
  test('any names at all: no identifier twice, nothing but ASCII', () => {
    const anyName = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('a', 'A', 'a_a', 'a_decode', 'A_ID'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(anyName, fc.array(anyName)), { maxLength: 6 }), anyName, (messages, name) => {
        const plan = compilePlan(
          database(
            ...messages.map(([own, signals], i) =>
              message(
                i,
                signals.map((each) => signal(each)),
                { name: own },
              ),
            ),
          ),
        );
        const { header, source } = emitC(plan, { name });
        assert.match(header + source, /^[\x20-\x7e\n]*$/);
        for (const pattern of [/^#define (\w+)/gm, /^[\w ]+ (\w+)\([^;]*\);$/gm, /^struct (\w+) \{/gm]) {
          const found = [...header.matchAll(pattern)].map(([, identifier]) => identifier);
          const twice = found.filter((identifier, i) => found.indexOf(identifier) !== i);
          assert.deepEqual(twice, []);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('text', () => {
  test('the same plan gives the same bytes, whatever the order of the file', () => {
    const [a, b] = [
      message(2, [signal('A'), signal('B', { startBit: 8 })]),
      message(1, [signal('A')], { name: 'Message2' }),
    ];
    const reordered = database(b, { ...a, signals: a.signals.toReversed() });
    assert.deepEqual(emitC(compilePlan(database(a, b)), { name: 'x' }), emitC(compilePlan(reordered), { name: 'x' }));
  });
  test('doubles are hexadecimal and exact', () => {
    const { source } = emit([signal('A', { scale: 0.1, offset: -40, minimum: -1, maximum: 5e-324 })]);
    assert.match(source, /return n \* \(0x1\.999999999999ap-4\) \+ \(-0x1\.4p5\);/);
    assert.match(source, /value > \(0x0\.0000000000001p-1022\)/);
  });
  test('a signal past the message’s length is left out of the struct, and counted', () => {
    const { header } = emit([signal('In'), signal('Out', { startBit: 60 })]);
    assert.match(header, /\/\* 1 signals end past the message's 8 bytes: only x_message100_decode reads them\. \*\//);
    assert.doesNotMatch(header, /uint8_t out;/);
    assert.match(header, /x_message100_out_decode\(uint8_t raw\)/);
  });
  test('constants', () => {
    const { header } = emit(
      [
        signal('Gear', {
          signed: true,
          labels: [
            { raw: -1n, text: 'Reverse' },
            { raw: -129n, text: 'no' },
          ],
        }),
      ],
      { id: 0x18feca00, extended: true, name: 'Dm1' },
      'bus',
    );
    for (const line of [
      'BUS_DM1_ID UINT32_C(0x18feca00)',
      'BUS_DM1_IS_EXTENDED 1',
      'BUS_DM1_LENGTH 8u',
      'BUS_DM1_GEAR_SLOT 0u',
      'BUS_DM1_GEAR_REVERSE_CHOICE (-INT64_C(1))',
      'BUS_STATUS_UNKNOWN_MULTIPLEXER 4',
    ])
      assert.ok(header.includes(`#define ${line}\n`), line);
    assert.doesNotMatch(header, /GEAR_NO_CHOICE/);
  });
});

test('_is_in_range: the range of the physical value', { skip: skipWithoutGcc }, () => {
  const { header, source } = emit([
    signal('T', { scale: 0.5, offset: -40, minimum: -40, maximum: 0 }),
    signal('U', { minimum: 0, maximum: 255 }),
    signal('F', { length: 32, valueType: 'float32', minimum: -1, maximum: 1 }),
  ]);
  const main = `#include "x.h"
#include "x.c"
#include <stdio.h>
int main(void) {
    for (int raw = 79; raw < 82; raw++) printf("%d", x_message100_t_is_in_range((uint8_t)raw));
    printf(" %d", x_message100_u_is_in_range(255));
    printf(" %d%d", x_message100_f_is_in_range(1.0f), x_message100_f_is_in_range(1.5f));
    return 0;
}`;
  const output = withFolder((folder) => {
    writeFileSync(path.join(folder, 'x.h'), header);
    writeFileSync(path.join(folder, 'x.c'), source);
    writeFileSync(path.join(folder, 'main.c'), main);
    return compileAndRun(folder, [...strict, '-O1']);
  });
  assert.equal(output.toString(), '110 1 10');
});

describe('too large', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => signal(`S${i}`));
  test('one message', () =>
    assert.throws(() => emit(many(8193), { name: 'Huge' }), {
      code: 'MESSAGE_TOO_LARGE',
      message: /^Huge is too large/,
    }));
  test('all together', () => {
    const messages = Array.from({ length: 62 }, (_, i) => message(i, many(8100)));
    assert.throws(() => emitC(compilePlan(database(...messages)), { name: 'x' }), {
      code: 'C_SOURCE_TOO_LARGE',
      message:
        'too large to write as C: size 502200 (signals, selector ranges, labels, 16 for each selector), expected at most 500000',
    });
  });
});
