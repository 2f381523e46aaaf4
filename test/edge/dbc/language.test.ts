/** Each element of the language, in the forms that need no diagnostic: what ends up in the model. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Database } from '../../../edge/dbc/index.ts';
import { codes, message, parse, plain } from './parsing.ts';

const signal = (database: Database, name = 'S') => {
  const found = database.messages[0].signals.find((each) => each.name === name);
  assert.ok(found, `signal ${name}`);
  return found;
};
const labels = (list: { raw: bigint; text: string }[]) => list.map(({ raw, text }) => `${raw}=${text}`).join();
const ranges = (database: Database, name: string) => {
  const by = signal(database, name).multiplexedBy;
  return by && `${by.selector}:${by.ranges.map(({ from, to }) => `${from}-${to}`).join()}`;
};

type Row = [source: string, look: (database: Database) => unknown, expected: unknown];

const S = (rest: string) => message([`S ${rest}`]);
const mux = (marks: string[], rest = '') =>
  message(
    marks.map((mark, i) => `${mark} : ${i * 8}|8@1+ (1,0) [0|0] "" N`),
    rest,
  );

const rows: Record<string, Row[]> = {
  preamble: [
    ['VERSION "1.0"', (d) => d.version, '1.0'],
    ['VERSION ""', (d) => d.version, ''],
    ['VERSION "a;b//c"', (d) => d.version, 'a;b//c'],
    ['NS_ :\n\tCM_\n\tBA_\n\nBS_:', (d) => d.newSymbols, ['CM_', 'BA_']],
    ['NS_ : CM_ BA_\nBS_:', (d) => d.newSymbols, ['CM_', 'BA_']],
    ['NS_:\n\nBS_:\n', (d) => d.newSymbols, []],
    ['NS_ :\n\tBU_SG_REL_\n\tMY_OWN\n\nBU_: N', (d) => [d.newSymbols, d.nodes.length], [['BU_SG_REL_', 'MY_OWN'], 1]],
    ['BS_:', (d) => d.bitTiming, ''],
    ['BS_: 500 : 12,13', (d) => d.bitTiming, '500 : 12,13'],
    ['BS_: BU_: N', (d) => d.nodes[0].name, 'N'],
    ['BU_: A B C', (d) => d.nodes.map((n) => n.name), ['A', 'B', 'C']],
    ['BU_:\n\tA\n\tB\nBO_ 1 M: 8 A', (d) => [d.nodes.length, d.messages.length], [2, 1]],
    ['BU_:', (d) => d.nodes, []],
  ],
  messages: [
    [
      'BO_ 291 Speed: 8 ECU',
      ({ messages: [m] }) => [m.id, m.extended, m.name, m.length, m.sender],
      [291, false, 'Speed', 8, 'ECU'],
    ],
    ['BO_ 2147484177 M: 8 E', ({ messages: [m] }) => [m.id, m.extended], [529, true]],
    ['BO_ 2566834942 M: 8 E', ({ messages: [m] }) => [m.id, m.extended], [0x18fecafe, true]],
    ['BO_ 1 M : 0 E', ({ messages: [m] }) => m.length, 0],
    ['BO_ 1 M:8 E', ({ messages: [m] }) => m.length, 8],
    ['BO_ 1 M: 1785 E', ({ messages: [m] }) => m.length, 1785],
    ['BO_ 1 A: 8 E BO_ 2 B: 8 E', (d) => d.messages.map((m) => m.name), ['A', 'B']],
    [
      message([`S ${plain}`], 'SIG_GROUP_ 1 G 1 :;'),
      (d) => d.messages[0].signalGroups,
      [{ name: 'G', repetitions: 1, signals: [] }],
    ],
    ['BO_ 1 A: 8 E\nBO_TX_BU_ 1 : E,F;', (d) => d.messages[0].transmitters, ['E', 'F']],
    [
      message([`S ${plain}`], 'SIG_GROUP_ 1 G 1 : S S;'),
      (d) => d.messages[0].signalGroups,
      [{ name: 'G', repetitions: 1, signals: ['S', 'S'] }],
    ],
  ],
  signals: [
    [
      S(': 7|16@0- (0.1,-40) [-40|215] "°C" A,B'),
      (d) => {
        const { startBit, length, byteOrder, signed, scale, offset, minimum, maximum, unit, receivers } = signal(d);
        return [startBit, length, byteOrder, signed, scale, offset, minimum, maximum, unit, receivers];
      },
      [7, 16, 'motorola', true, 0.1, -40, -40, 215, '°C', ['A', 'B']],
    ],
    ['BO_ 1 A:8 B SG_ S:0|8@1+(1,0)[0|0]""B', (d) => [signal(d).length, signal(d).receivers], [8, ['B']]],
    [
      S(': 0|8@1+ (1E-06,1e3) [0|0] "" N'),
      (d) => [signal(d).scale, signal(d).scaleText, signal(d).offset],
      [0.000001, '1E-06', 1000],
    ],
    [S(': 0|64@1+ (1,9007199254740993) [0|0] "" N'), (d) => signal(d).offsetText, '9007199254740993'],
    [S(': 0|8@1+ (1,0) [0|255] "a \\"b\\"" N'), (d) => signal(d).unit, 'a "b"'],
    [S(': 0|8@1+ (1,0) [0|0] "" A,\n  B\n'), (d) => signal(d).receivers, ['A', 'B']],
    ['BO_ 1 A: 8 N\r\n SG_ S : 0|8@1+ (1,0) [0|0] "" N\r\n', (d) => signal(d).receivers, ['N']],
    ['BO_\t1\tA:\t8\tN\n\tSG_\tS\t:\t0|8@1+\t(1,0)\t[0|0]\t""\tN', (d) => signal(d).length, 8],
    ['BO_ 1 A: 8 N\n SG_ S : 0 | 8 @ 1 + ( 1 , 0 ) [ 0 | 0 ] "" N , M', (d) => signal(d).receivers, ['N', 'M']],
  ],
  multiplexing: [
    [
      mux(['S M', 'X m0', 'Y m255']),
      (d) => [signal(d).isSelector, ranges(d, 'X'), ranges(d, 'Y')],
      [true, 'S:0-0', 'S:255-255'],
    ],
    [mux(['X m3', 'S M']), (d) => ranges(d, 'X'), 'S:3-3'],
    [
      mux(['S M', 'T m1M', 'X m2'], 'SG_MUL_VAL_ 1 T S 1-1;\nSG_MUL_VAL_ 1 X T 2-2, 4-6;'),
      (d) => [ranges(d, 'T'), ranges(d, 'X')],
      ['S:1-1', 'T:2-2,4-6'],
    ],
    [
      mux(['S M', 'X m0'], 'SG_MUL_VAL_ 1 X S 0-18446744073709551615;'),
      (d) => ranges(d, 'X'),
      'S:0-18446744073709551615',
    ],
    [
      message(['S M : 0|8@1- (1,0) [0|0] "" N', 'X m0 : 8|8@1+ (1,0) [0|0] "" N'], 'SG_MUL_VAL_ 1 X S -3--1, -5, 0-2;'),
      (d) => ranges(d, 'X'),
      'S:-3--1,-5--5,0-2',
    ],
    [mux(['S M', 'X m0'], 'SG_MUL_VAL_ 1 X S 0 - 3,7;'), (d) => ranges(d, 'X'), 'S:0-3,7-7'],
  ],
  values: [
    [S(`${plain}\nVAL_ 1 S 1 "on" 0 "off" ;`), (d) => labels(signal(d).labels), '1=on,0=off'],
    [
      S(`${plain}\nVAL_ 1 S -1 "error" 18446744073709551615 "max";`),
      (d) => labels(signal(d).labels),
      '-1=error,18446744073709551615=max',
    ],
    [S(`${plain}\nVAL_ 1 S 1 "a" 1 "b" ;`), (d) => labels(signal(d).labels), '1=a,1=b'],
    [S(`${plain}\nVAL_ 1 S ;`), (d) => labels(signal(d).labels), ''],
    [S(`${plain}\nVAL_ 1 S 0 "x;y" 1 "say \\"hi\\"" ;`), (d) => labels(signal(d).labels), '0=x;y,1=say "hi"'],
    ['VAL_TABLE_ T 1 "b" 0 "a" ;', (d) => labels(d.valueTables.get('T') ?? []), '1=b,0=a'],
    [S(': 0|32@1- (1,0) [0|0] "" N\nSIG_VALTYPE_ 1 S : 1;'), (d) => signal(d).valueType, 'float32'],
    [S(': 0|64@1- (1,0) [0|0] "" N\nSIG_VALTYPE_ 1 S 2;'), (d) => signal(d).valueType, 'float64'],
    [S(`${plain}\nSIG_VALTYPE_ 1 S : 0;`), (d) => signal(d).valueType, 'integer'],
  ],
  environment: [
    [
      'EV_ E: 1 [-1|2.5] "V" 0.5 7 DUMMY_NODE_VECTOR0 N,M;\nENVVAR_DATA_ E: 16;\nVAL_ E 0 "off" ;\nCM_ EV_ E "c";',
      (d) => {
        const { labels: list, ...rest } = d.environmentVariables[0];
        return { ...rest, labels: labels(list) };
      },
      {
        name: 'E',
        type: 1,
        minText: '-1',
        maxText: '2.5',
        unit: 'V',
        initialText: '0.5',
        id: 7,
        accessType: 'DUMMY_NODE_VECTOR0',
        nodes: ['N', 'M'],
        dataLength: 16,
        labels: '0=off',
        comment: 'c',
        attributes: new Map(),
      },
    ],
    ['SGTYPE_ T : 8@1+ (1,0) [0|0] "" 0;', (d) => d.signalTypes, [{ name: 'T', definition: '8@1+ (1,0) [0|0] "" 0' }]],
  ],
  comments: [
    ['CM_ "net";', (d) => d.comment, 'net'],
    ['BU_: N\nCM_ BU_ N "node";', (d) => d.nodes[0].comment, 'node'],
    [
      S(`${plain}\nCM_ BO_ 1 "two\r\nlines; and \\"quotes\\"";`),
      (d) => d.messages[0].comment,
      'two\r\nlines; and "quotes"',
    ],
    [S(`${plain}\nCM_ SG_ 1 S "x";`), (d) => signal(d).comment, 'x'],
    [
      S(`${plain}\nCM_ SG_ 1 S "several\n  lines;\nof prose";`),
      (d) => signal(d).comment,
      'several\n  lines;\nof prose',
    ],
    [
      S(`${plain}\nCM_ SG_ 1 S "C:\\";\nCM_ BO_ 1 "m";`),
      (d) => [signal(d).comment, d.messages[0].comment],
      ['C:\\', 'm'],
    ],
    [S(`${plain}\nCM_ SG_ 1 S "";`), (d) => signal(d).comment, ''],
  ],
  attributes: [
    [
      'BA_DEF_ "I" INT 0 10;\nBA_DEF_DEF_ "I" 3;',
      (d) => d.attributeDefinitions,
      [
        {
          name: 'I',
          target: 'network',
          kind: 'int',
          minText: '0',
          maxText: '10',
          default: { kind: 'int', value: 3, text: '3' },
        },
      ],
    ],
    [
      'BA_DEF_ BO_ "E" ENUM "a","b";\nBA_DEF_DEF_ "E" "b";',
      (d) => d.attributeDefinitions[0],
      {
        name: 'E',
        target: 'message',
        kind: 'enum',
        values: ['a', 'b'],
        default: { kind: 'enum', value: 1, text: 'b' },
      },
    ],
    ['BA_DEF_ "S" STRING;\nBA_ "S" "x";', (d) => d.attributes.get('S'), { kind: 'string', value: 'x' }],
    [
      'BA_DEF_ "F" FLOAT -1.5 2E3;\nBA_ "F" 0.25;',
      (d) => d.attributes.get('F'),
      { kind: 'float', value: 0.25, text: '0.25' },
    ],
    [
      'BU_: N\nBA_DEF_ BU_ "H" HEX 0 255;\nBA_ "H" BU_ N 16;',
      (d) => d.nodes[0].attributes.get('H'),
      { kind: 'hex', value: 16, text: '16' },
    ],
    [
      S(`${plain}\nBA_DEF_ SG_ "E" ENUM "a","b";\nBA_ "E" SG_ 1 S 1;`),
      (d) => signal(d).attributes.get('E'),
      { kind: 'enum', value: 1, text: 'b' },
    ],
    [
      'EV_ V: 0 [0|0] "" 0 1 D N;\nBA_DEF_ EV_ "I" INT 0 9;\nBA_ "I" EV_ V 4;',
      (d) => d.environmentVariables[0].attributes.get('I'),
      { kind: 'int', value: 4, text: '4' },
    ],
    [
      S(`${plain}\nBA_DEF_REL_ BU_SG_REL_ "R" INT 0 9;\nBA_DEF_DEF_REL_ "R" 1;\nBA_REL_ "R" BU_SG_REL_ N SG_ 1 S 5;`),
      (d) => d.relationAttributes,
      [
        {
          name: 'R',
          target: 'node-signal',
          node: 'N',
          message: { id: 1, extended: false },
          signal: 'S',
          value: { kind: 'int', value: 5, text: '5' },
        },
      ],
    ],
    [
      'BA_DEF_REL_ BU_BO_REL_ "R" INT 0 9;\nBA_REL_ "R" BU_BO_REL_ N 2147483649 5;',
      (d) => d.relationAttributes[0].message,
      { id: 1, extended: true },
    ],
    [
      'BA_DEF_REL_ BU_EV_REL_ "R" STRING ;\nBA_REL_ "R" BU_EV_REL_ N V "x";',
      (d) => d.relationAttributes[0],
      {
        name: 'R',
        target: 'node-environment',
        node: 'N',
        environmentVariable: 'V',
        value: { kind: 'string', value: 'x' },
      },
    ],
  ],
  'known attributes': [
    [
      S(
        `${plain}\nBA_DEF_ BO_ "GenMsgCycleTime" INT 0 9999;\nBA_DEF_DEF_ "GenMsgCycleTime" 0;\nBA_ "GenMsgCycleTime" BO_ 1 100;`,
      ),
      (d) => d.messages[0].cycleTimeMs,
      100,
    ],
    [
      S(`${plain}\nBA_DEF_ BO_ "GenMsgCycleTime" INT 0 9999;\nBA_DEF_DEF_ "GenMsgCycleTime" 0;`),
      (d) => d.messages[0].cycleTimeMs,
      undefined,
    ],
    [
      S(`${plain}\nBA_DEF_ BO_ "GenMsgCycleTime" INT 0 9999;\nBA_DEF_DEF_ "GenMsgCycleTime" 20;`),
      (d) => d.messages[0].cycleTimeMs,
      20,
    ],
    [
      S(`${plain}\nBA_DEF_ SG_ "GenSigStartValue" FLOAT 0 9;\nBA_ "GenSigStartValue" SG_ 1 S 7;`),
      (d) => signal(d).startValue,
      7,
    ],
    [
      S(`${plain}\nBA_DEF_ SG_ "SPN" INT 0 524287;\nBA_DEF_DEF_ "SPN" 0;\nBA_ "SPN" SG_ 1 S 84;`),
      (d) => signal(d).spn,
      84,
    ],
    [
      S(`${plain}\nBA_DEF_ SG_ "SystemSignalLongSymbol" STRING ;\nBA_ "SystemSignalLongSymbol" SG_ 1 S "Long";`),
      (d) => signal(d).longName,
      'Long',
    ],
    [
      'BU_: N\nBA_DEF_ BU_ "SystemNodeLongSymbol" STRING ;\nBA_ "SystemNodeLongSymbol" BU_ N "Long";',
      (d) => d.nodes[0].longName,
      'Long',
    ],
    [
      'BO_ 1 A: 8 N\nBA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","StandardCAN_FD";\nBA_ "VFrameFormat" BO_ 1 1;',
      (d) => d.messages[0].fd,
      true,
    ],
    ['BO_ 1 A: 8 N', (d) => d.messages[0].fd, false],
    ['BO_ 1 A: 64 N', (d) => d.messages[0].fd, true],
    [
      'BO_ 2566834942 A: 8 N\nBA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";\nBA_DEF_DEF_ "VFrameFormat" "J1939PG";',
      (d) => [d.messages[0].j1939, d.messages[0].fd],
      [true, false],
    ],
    [
      'BO_ 2566834942 A: 10 N\nBO_ 1 B: 8 N\nBO_ 2 C: 8 N\nBA_DEF_ BO_ "VFrameFormat" INT 0 15;\nBA_DEF_DEF_ "VFrameFormat" 3;\n' +
        'BA_ "VFrameFormat" BO_ 1 14;\nBA_ "VFrameFormat" BO_ 2 0;',
      (d) => d.messages.map((m) => [m.j1939, m.fd]),
      [
        [true, false],
        [false, true],
        [false, false],
      ],
    ],
    [
      'BO_ 2566834942 A: 8 N\nBO_ 1 B: 8 N\nBA_DEF_ "ProtocolType" STRING ;\nBA_ "ProtocolType" "J1939";',
      (d) => d.messages.map((m) => m.j1939),
      [true, false],
    ],
  ],
  whatever: [
    ['', (d) => d.messages, []],
    ['\n\n  \t', (d) => d.messages, []],
    [
      'VAL_ 1 S 1 "on" ;\nCM_ BO_ 1 "c";\nBA_ "I" 4;\nBA_DEF_ "I" INT 0 9;\nVAL_TABLE_ T 0 "z" ;',
      (d) => d.attributes.get('I'),
      { kind: 'int', value: 4, text: '4' },
    ],
  ],
};

for (const [topic, cases] of Object.entries(rows)) {
  for (const [source, look, expected] of cases) {
    test(`${topic}: ${JSON.stringify(source.length > 90 ? `...${source.slice(-87)}` : source)}`, () => {
      const result = parse(source);
      if (topic !== 'whatever') assert.deepEqual(codes(result), []);
      assert.deepEqual(look(result.database), expected);
    });
  }
}

test('references may precede what they refer to', () => {
  const result = parse(
    'VAL_ 1 S 1 "on" ;\nCM_ SG_ 1 S "c";\nSIG_VALTYPE_ 1 S : 1;\nBO_ 1 A: 8 N\n SG_ S : 0|32@1+ (1,0) [0|0] "" N',
  );
  const [found] = result.database.messages[0].signals;
  assert.deepEqual([found.labels.length, found.comment, found.valueType], [1, 'c', 'float32']);
  assert.deepEqual(codes(result), ['SECTION_ORDER']);
});
