/** Every deviation that real files show: which codes it gives, where, and what the model holds afterwards. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { type Database, diagnosticTable } from '../../../edge/dbc/index.ts';
import { codes, message, parse, plain } from './parsing.ts';

const names = (d: Database) => d.messages.map((m) => `${m.name}(${m.signals.map((s) => s.name).join()})`).join();
const first = (d: Database) => d.messages[0].signals[0];
const kept = (d: Database) => d.unknownSections.map((section) => section.text);
const S = (rest: string) => message([`S ${rest}`]);
const two = (a: string, b: string) => message([`S ${a} ${plain}`, `T ${b} ${plain}`]);

type Row = [codes: string, source: string, look: (database: Database) => unknown, expected: unknown];

const rows: Row[] = [
  // the file
  ['FILE_BOM', '\uFEFFBO_ 1 A: 8 N', names, 'A()'],
  ['SECTION_UNKNOWN', 'FOO_ 1 "a;b" x;\nBO_ 1 A: 8 N', (d) => [kept(d), names(d)], [['FOO_ 1 "a;b" x;'], 'A()']],
  ['SECTION_UNKNOWN', 'some words\nBO_ 1 A: 8 N', (d) => [kept(d), names(d)], [['some words'], 'A()']],
  ['SECTION_UNKNOWN', ')))(\nBO_ 1 A: 8 N', names, 'A()'],
  ['SECTION_KEPT', 'CAT_DEF_ 1 x;\nBO_ 1 A: 8 N', kept, ['CAT_DEF_ 1 x;']],
  ['SECTION_KEPT', 'FILTER 1 2\nBO_ 1 A: 8 N', (d) => [kept(d), names(d)], [['FILTER 1 2'], 'A()']],
  ['SECTION_KEPT', 'CAT_ BU_ N 1;\nBU_: N', kept, ['CAT_ BU_ N 1;']],
  ['SECTION_KEPT', 'EV_DATA_ E: 16;', kept, ['EV_DATA_ E: 16;']],
  ['SECTION_KEPT', 'SIGTYPE_VALTYPE_ T : 1;', kept, ['SIGTYPE_VALTYPE_ T : 1;']],
  // A quote and a ; too many after the receivers, as a tool's crash leaves them.
  [
    'SECTION_UNKNOWN',
    'BO_ 1 A: 8 N\n SG_ S : 0|8@1+ (1,0) [0|0] "" N";\n\nBO_ 2 B: 8 N',
    (d) => [kept(d), names(d)],
    [['";'], 'A(S),B()'],
  ],
  ['TERMINATOR_MISSING SECTION_ORDER', 'CM_ "no end"\nBO_ 1 A: 8 N', names, 'A()'],
  ['SECTION_KEPT', 'SIG_TYPE_REF_ 1 S : T;', kept, ['SIG_TYPE_REF_ 1 S : T;']],
  ['SECTION_ORDER', 'CM_ "c";\nBO_ 1 A: 8 N', names, 'A()'],
  ['SOURCE_COMMENT', '// header\nBO_ 1 A: 8 N', names, 'A()'],
  ['SOURCE_COMMENT', 'BO_ 1 A: 8 N // the A\n SG_ S : 0|8@1+ (1,0) [0|0] "" N', names, 'A(S)'],
  ['SOURCE_COMMENT', 'BO_ 1 /* the A */ A: 8 N', names, 'A()'],
  ['BLOCK_COMMENT_UNCLOSED SECTION_UNKNOWN', '/* open\nBO_ 1 A: 8 N', names, 'A()'],

  ['BLOCK_COMMENT_UNCLOSED SECTION_UNKNOWN', '/* one /* two\nBO_ 1 A: 8 N', kept, ['one /* two']],
  ['NAME_IRREGULAR', 'BO_ 1 A/*B: 8 N\n\nBO_ 2 C: 8 N', names, 'A/*B(),C()'],
  ['SECTION_UNKNOWN', '\u00A0\nBO_ 1 A: 8 N', (d) => [kept(d), names(d)], [['\u00A0'], 'A()']],
  // Two texts that no rule describes end at an empty line, lest one swallow the other.
  ['SECTION_UNKNOWN SECTION_UNKNOWN', 'one "two\n\nthree', kept, ['one "two', 'three']],

  // statements and tokens
  ['STATEMENT_SYNTAX', 'VERSION 1\nBO_ 1 A: 8 N', names, 'A()'],
  ['STATEMENT_SYNTAX', 'CM_ XX_ 1 "a;b";\nBU_: N', (d) => d.nodes.length, 1],
  ['STATEMENT_SYNTAX', 'BA_ Name 1;\nBU_: N', (d) => d.nodes.length, 1],
  ['STATEMENT_SYNTAX', 'BA_DEF_ "x" REAL 0 1;', (d) => d.attributeDefinitions, []],
  ['STATEMENT_SYNTAX', 'BA_DEF_ XX_ "x" INT 0 1;', (d) => d.attributeDefinitions, []],
  ['STATEMENT_SYNTAX', 'BA_DEF_ constructor "x" INT 0 1;', (d) => d.attributeDefinitions, []],
  ['STATEMENT_SYNTAX', 'BA_DEF_DEF_ "x" ;', (d) => d.attributeDefinitions, []],
  ['STATEMENT_SYNTAX', 'BA_ "x"\nBU_: N', (d) => [d.attributes.size, d.nodes.length], [0, 1]],
  ['STATEMENT_SYNTAX', 'BA_REL_ "x" BU_XX_REL_ N 1 2;', (d) => d.relationAttributes, []],
  ['STATEMENT_SYNTAX', 'EV_ E: x [0|0] "" 0 1 D N;', (d) => d.environmentVariables, []],
  ['STATEMENT_SYNTAX', 'SG_MUL_VAL_ 1 A B;', names, ''],
  ['STATEMENT_SYNTAX', 'SG_MUL_VAL_ 1 A B 1-99999999999999999999999;', names, ''],
  ['STATEMENT_SYNTAX', 'SIG_VALTYPE_ 1 ;', names, ''],
  ['STATEMENT_SYNTAX', 'BO_TX_BU_ A : N;', names, ''],
  ['STATEMENT_SYNTAX', 'SIG_GROUP_ 1 G x : S;', names, ''],
  ['STATEMENT_SYNTAX', 'SGTYPE_ T 1;', (d) => d.signalTypes, []],
  ['TERMINATOR_MISSING', S(`${plain}\nCM_ SG_ 1 S "c"\nBU_: N`), (d) => [first(d).comment, d.nodes.length], ['c', 1]],
  ['TERMINATOR_MISSING', S(`${plain}\nVAL_ 1 S 0 "a" 1 "b"\nVAL_ 1 S ;`), (d) => first(d).labels.length, 2],
  ['TERMINATOR_MISSING', S(`${plain}\nVAL_ 1 S 0 "a"`), (d) => first(d).labels.length, 1],
  ['TERMINATOR_MISSING', 'BA_DEF_ "x" INT 0 1\nBU_: N', (d) => [d.attributeDefinitions.length, d.nodes.length], [1, 1]],
  ['TERMINATOR_EXTRA', 'BO_ 1 A: 8 N;\n SG_ S : 0|8@1+ (1,0) [0|0] "" N', names, 'A(S)'],
  ['TEXT_IGNORED', 'BA_DEF_ "x" INT 0 1 2 3;', (d) => d.attributeDefinitions[0].maxText, '1'],
  ['COLON_MISSING', 'BO_ 1 A 8 N', ({ messages: [m] }) => [m.name, m.length, m.sender], ['A', 8, 'N']],
  ['COLON_MISSING', 'BO_ 1 A: 8 N\n SG_ S 0|8@1+ (1,0) [0|0] "" N', names, 'A(S)'],
  [
    'STRING_UNCLOSED RECEIVERS_MISSING',
    'BO_ 1 A: 8 N\n SG_ S : 0|8@1+ (1,0) [0|0] "km\n SG_ T : 8|8@1+ (1,0) [0|0] "" N',
    names,
    'A(S,T)',
  ],
  ['STRING_UNCLOSED RECEIVERS_MISSING', S(': 0|8@1+ (1,0) [0|0] "km'), (d) => first(d).unit, 'km'],
  [
    'STRING_UNCLOSED',
    S(`${plain}\nCM_ SG_ 1 S "open;\nCM_ BO_ 1 "m";`),
    (d) => [first(d).comment, d.messages[0].comment],
    ['open', 'm'],
  ],
  [
    'STRING_UNCLOSED SECTION_ORDER',
    'CM_ "open;\nBO_ 1 A: 8 N\n SG_ S : 0|8@1+ (1,0) [0|0] "" N',
    (d) => [d.comment, names(d)],
    ['open', 'A(S)'],
  ],
  ['STRING_UNCLOSED', 'CM_ "open\nto the end;', (d) => d.comment, 'open\nto the end'],
  ['STRING_QUOTE', 'CM_ "an "inner" quote";\nBU_: N', (d) => [d.comment, d.nodes.length], ['an "inner" quote', 1]],
  ['NAME_IRREGULAR', 'BO_ 1 2017_5: 8 N', names, '2017_5()'],
  ['NAME_IRREGULAR', 'BO_ 1 Tür: 8 N', names, 'Tür()'],
  ['NAME_IRREGULAR', message([`a-b.c ${plain}`]), names, 'A(a-b.c)'],
  ['NUMBER_FORM', S(': 0|8@1+ (.25,0) [0|0] "" N'), (d) => first(d).scale, 0.25],
  ['NUMBER_FORM', S(': 0|8@1+ (1.,0) [0|0] "" N'), (d) => first(d).scale, 1],
  ['NUMBER_FORM', S(': 0|8@1+ (1,0) [-128|+127] "" N'), (d) => first(d).maximum, 127],
  ['SIGNAL_SYNTAX', S(': 0|8@1+ (1,5,0) [0|0] "" N'), names, 'A()'],
  ['NUMBER_FORM', S(': 0|8@1+ (1,+0) [0|0] "" N'), (d) => first(d).offset, 0],
  [
    'NUMBER_UNREADABLE',
    S(': 0|8@1+ (1,0) [0|1.#INF] "" N'),
    (d) => [first(d).maximum, first(d).maxText],
    [0, '1.#INF'],
  ],

  // nodes
  ['NODE_REPEATED', 'BU_: A A', (d) => d.nodes.length, 1],

  // messages
  ['MESSAGE_SYNTAX', 'BO_ x A: 8 N\nBO_ 2 B: 8 N', names, 'B()'],
  ['MESSAGE_SYNTAX', 'BO_ 4294967296 A: 8 N', names, ''],
  ['MESSAGE_SYNTAX SIGNAL_ORPHAN', `BO_ -1 A: 8 N\n SG_ S ${plain}`, names, ''],
  ['MESSAGE_SYNTAX', 'BO_ 1\nBO_ 2 B: 8 N', names, 'B()'],
  ['MESSAGE_SYNTAX SIGNAL_ORPHAN SOURCE_COMMENT', `BO_ 1 //A: 8 N\n SG_ S ${plain}\nBO_ 2 B: 8 N`, names, 'B()'],
  [
    'MESSAGE_LENGTH_MISSING',
    'BO_ 1 A: N\n SG_ S : 64|16@1+ (1,0) [0|0] "" N',
    ({ messages: [m] }) => [m.length, m.fd],
    [10, true],
  ],
  ['MESSAGE_ID_EXTENDED', 'BO_ 2048 A: 8 N', ({ messages: [m] }) => [m.id, m.extended], [2048, true]],
  [
    'MESSAGE_ID_EXTENDED',
    'BO_ 419360510 A: 8 N\nCM_ BO_ 2566844158 "by bit 31";',
    (d) => d.messages[0].comment,
    'by bit 31',
  ],
  ['MESSAGE_ID_RANGE', 'BO_ 1075054137 A: 8 N', ({ messages: [m] }) => m.id, 1075054137],
  [
    'MESSAGE_INDEPENDENT',
    `BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 Vector__XXX\n SG_ S ${plain}`,
    ({ messages: [m] }) => [m.id, m.extended, m.signals.length],
    [0x40000000, true, 1],
  ],
  [
    'MESSAGE_LENGTH_MISSING',
    'BO_ 1 A: N\n SG_ S : 8|12@1+ (1,0) [0|0] "" N',
    ({ messages: [m] }) => [m.length, m.sender],
    [3, 'N'],
  ],
  ['MESSAGE_LENGTH_MISSING', 'BO_ 1 A: -1 N', ({ messages: [m] }) => [m.length, m.sender], [0, 'N']],
  ['MESSAGE_SENDER_MISSING', 'BO_ 1 A: 8\nBO_ 2 B: 8 N', (d) => d.messages.map((m) => m.sender), ['Vector__XXX', 'N']],
  ['MESSAGE_DUPLICATE', `BO_ 1 A: 8 N\n SG_ S ${plain}\nBO_ 1 B: 8 N`, names, 'B()'],
  ['MESSAGE_REPEATED', 'BO_ 1 A: 8 N\nBO_ 1 A: 8 N', names, 'A()'],
  ['MESSAGE_DUPLICATE MESSAGE_ID_EXTENDED', 'BO_ 2147487744 A: 8 N\nBO_ 4096 B: 8 N', names, 'B()'],

  // signals
  ...[
    'S x0|8@1+ (1,0) [0|0] "" N',
    'S : x|8@1+ (1,0) [0|0] "" N',
    'S : -1|8@1+ (1,0) [0|0] "" N',
    'S : 0,8@1+ (1,0) [0|0] "" N',
    'S : 0|x@1+ (1,0) [0|0] "" N',
    'S : 0|8 1+ (1,0) [0|0] "" N',
    'S : 0|8@2+ (1,0) [0|0] "" N',
    'S : 0|8@1 (1,0) [0|0] "" N',
    'S : 0|8@1+ [0|0] "" N',
    'S : 0|8@1+ (x,0) [0|0] "" N',
    'S : 0|8@1+ (1) [0|0] "" N',
    'S : 0|8@1+ (1,x) [0|0] "" N',
    'S : 0|8@1+ (1,0 [0|0] "" N',
    'S : 0|8@1+ (1e999,0) [0|0] "" N',
    'S : 0|8@1+ (1,0) [0|0 "" N',
    'S mx : 0|8@1+ (1,0) [0|0] "" N',
    ': 0|8@1+ (1,0) [0|0] "" N',
  ].map((line): Row => ['SIGNAL_SYNTAX', message([line, `T ${plain}`]), names, 'A(T)']),
  ['SIGNAL_ORPHAN', ` SG_ S ${plain}\nBO_ 1 A: 8 N`, names, 'A()'],
  ['SIGNAL_LENGTH', message(['S : 0|0@1+ (1,0) [0|0] "" N', `T ${plain}`]), names, 'A(T)'],
  ['SIGNAL_LENGTH', message(['S : 0|65@1+ (1,0) [0|0] "" N', `T ${plain}`]), names, 'A(T)'],
  ['SIGNAL_SCALE_ZERO', S(': 0|8@1+ (0,5) [0|0] "" N'), (d) => first(d).scale, 0],
  ['SIGNAL_RANGE_MISSING', S(': 0|8@1+ (1,0) "km" N'), (d) => [first(d).unit, first(d).maximum], ['km', 0]],
  ['SIGNAL_UNIT_MISSING', S(': 0|8@1+ (1,0) [0|1] N'), (d) => [first(d).unit, first(d).receivers], ['', ['N']]],
  ['RECEIVERS_MISSING', S(': 0|8@1+ (1,0) [0|1] ""'), (d) => first(d).receivers, ['Vector__XXX']],
  ['RECEIVERS_BLANKS', S(': 0|8@1+ (1,0) [0|1] "" A B C'), (d) => first(d).receivers, ['A', 'B', 'C']],
  ['SIGNAL_DUPLICATE', message(['S : 0|8@1+ (1,0) [0|0] "" N', 'S : 8|8@1+ (1,0) [0|0] "" N']), names, 'A(S,S)'],
  ['SIGNAL_BEYOND_MESSAGE', S(': 60|8@1+ (1,0) [0|0] "" N'), names, 'A(S)'],
  ['SIGNAL_BEYOND_MESSAGE', S(': 57|3@0+ (1,0) [0|0] "" N'), names, 'A(S)'],
  ['', S(': 58|3@0+ (1,0) [0|0] "" N'), names, 'A(S)'],
  ['', S(': 56|8@1+ (1,0) [0|0] "" N'), names, 'A(S)'],
  ['SIGNAL_OVERLAP', message(['S : 0|8@1+ (1,0) [0|0] "" N', 'T : 7|8@0+ (1,0) [0|0] "" N']), names, 'A(S,T)'],
  ['', message(['S : 0|8@1+ (1,0) [0|0] "" N', 'T : 15|8@0+ (1,0) [0|0] "" N']), names, 'A(S,T)'],
  ['', message(['M M : 56|8@1+ (1,0) [0|0] "" N', `S m0 ${plain}`, `T m1 ${plain}`]), names, 'A(M,S,T)'],
  ['SIGNAL_OVERLAP', message(['M M : 56|8@1+ (1,0) [0|0] "" N', `S m1 ${plain}`, `T m1 ${plain}`]), names, 'A(M,S,T)'],
  ['SIGNAL_OVERLAP', message(['M M : 56|8@1+ (1,0) [0|0] "" N', `S ${plain}`, `T m1 ${plain}`]), names, 'A(M,S,T)'],
  [
    'SIGNAL_OVERLAP',
    message(
      ['M M : 56|8@1+ (1,0) [0|0] "" N', `S m0 ${plain}`, `T m2 ${plain}`],
      'SG_MUL_VAL_ 1 S M 0-2;\nSG_MUL_VAL_ 1 T M 2-3;',
    ),
    names,
    'A(M,S,T)',
  ],
  ['VALUE_TYPE', S(`${plain}\nSIG_VALTYPE_ 1 S : 1;`), (d) => first(d).valueType, 'integer'],
  ['VALUE_TYPE', S(': 0|64@1+ (1,0) [0|0] "" N\nSIG_VALTYPE_ 1 S : 3;'), (d) => first(d).valueType, 'integer'],

  // multiplexing
  ['MULTIPLEXER_MISSING', S(`m1 ${plain}`), (d) => first(d).multiplexedBy, undefined],
  [
    'MULTIPLEXER_AMBIGUOUS SIGNAL_OVERLAP',
    message([
      `M M ${plain}`,
      'N M : 8|8@1+ (1,0) [0|0] "" N',
      'S m1 : 16|8@1+ (1,0) [0|0] "" N',
      'T : 0|8@1+ (1,0) [0|0] "" N',
    ]),
    (d) => d.messages[0].signals[2].multiplexedBy?.selector,
    'M',
  ],
  [
    'MULTIPLEXER_UNMARKED SIGNAL_OVERLAP',
    message([`M ${plain}`, `S m1 ${plain}`], 'SG_MUL_VAL_ 1 S M 1-1;'),
    (d) => [first(d).isSelector, d.messages[0].signals[1].multiplexedBy?.selector],
    [true, 'M'],
  ],
  [
    'MULTIPLEXER_CYCLE SIGNAL_OVERLAP',
    `${two('m0M', 'm1M')}SG_MUL_VAL_ 1 S T 0-0;\nSG_MUL_VAL_ 1 T S 1-1;`,
    (d) => d.messages[0].signals.filter((s) => s.multiplexedBy).length,
    1,
  ],
  ['MULTIPLEXER_CYCLE', `${S(`m0M ${plain}`)}SG_MUL_VAL_ 1 S S 0-0;`, (d) => first(d).multiplexedBy, undefined],
  [
    'MULTIPLEXER_CONFLICT',
    message(
      ['M M : 56|4@1+ (1,0) [0|0] "" N', 'N M : 60|4@1+ (1,0) [0|0] "" N', `S m1 ${plain}`],
      'SG_MUL_VAL_ 1 S M 1-1;\nSG_MUL_VAL_ 1 S N 1-1;',
    ),
    (d) => d.messages[0].signals[2].multiplexedBy?.selector,
    'N',
  ],
  [
    'MULTIPLEXER_RANGE',
    message(['M M : 56|4@1+ (1,0) [0|0] "" N', `S m1 ${plain}`], 'SG_MUL_VAL_ 1 S M 5-3;'),
    (d) => d.messages[0].signals[1].multiplexedBy?.ranges,
    [{ from: 3n, to: 5n }],
  ],

  [
    'MULTIPLEXER_VALUE',
    message(['M M : 56|4@1+ (1,0) [0|0] "" N', `S m15 ${plain}`, `T m16 ${plain}`]),
    (d) => d.messages[0].signals[2].multiplexedBy?.ranges,
    [{ from: 16n, to: 16n }],
  ],
  [
    'MULTIPLEXER_VALUE',
    message(['M M : 56|4@1- (1,0) [0|0] "" N', `S m7 ${plain}`, `T m8 ${plain}`]),
    (d) => d.messages[0].signals[2].multiplexedBy?.ranges,
    [{ from: 8n, to: 8n }],
  ],
  [
    'MULTIPLEXER_VALUE',
    message(['M M : 56|4@1+ (1,0) [0|0] "" N', `S m1 ${plain}`], 'SG_MUL_VAL_ 1 S M 1-3, 16-20;'),
    (d) => d.messages[0].signals[1].multiplexedBy?.ranges.length,
    2,
  ],
  // A range that reaches past the end is usual for "all from here on".
  [
    '',
    message(['M M : 56|4@1+ (1,0) [0|0] "" N', `S m1 ${plain}`], 'SG_MUL_VAL_ 1 S M 1-255;'),
    (d) => d.messages[0].signals[1].multiplexedBy?.ranges,
    [{ from: 1n, to: 255n }],
  ],

  // references
  ['REFERENCE_UNKNOWN', 'VAL_ 9 S 0 "a" ;', kept, ['VAL_ 9 S 0 "a" ;']],
  ['REFERENCE_UNKNOWN', 'BO_ 1 A: 8 N\nCM_ SG_ 1 S "c";', kept, ['CM_ SG_ 1 S "c";']],
  ['REFERENCE_UNKNOWN', 'BA_ "x" BU_ N 1;', kept, ['BA_ "x" BU_ N 1;']],
  ['REFERENCE_UNKNOWN', 'BA_DEF_DEF_ "x" 1;', kept, ['BA_DEF_DEF_ "x" 1;']],
  ['REFERENCE_UNKNOWN', 'SIG_GROUP_ 1 G 1 : S;', kept, ['SIG_GROUP_ 1 G 1 : S;']],
  ['REFERENCE_UNKNOWN', 'ENVVAR_DATA_ E: 4;', kept, ['ENVVAR_DATA_ E: 4;']],
  ['REFERENCE_UNKNOWN', 'BO_TX_BU_ 1 : N;', kept, ['BO_TX_BU_ 1 : N;']],
  ['REFERENCE_UNKNOWN', 'SIG_VALTYPE_ 1 S : 1;', kept, ['SIG_VALTYPE_ 1 S : 1;']],
  ['REFERENCE_UNKNOWN', 'SG_MUL_VAL_ 1 S M 1-1;', kept, ['SG_MUL_VAL_ 1 S M 1-1;']],
  ['COMMENT_NO_SIGNAL', 'BO_ 1 A: 8 N\nCM_ SG_ 1 "c";', (d) => d.messages[0].comment, 'c'],
  ['COMMENT_UNTYPED', 'BO_ 1 A: 8 N\nCM_ 1 "c";', (d) => d.messages[0].comment, 'c'],
  ['COMMENT_UNTYPED', S(`${plain}\nCM_ 1 S "c";`), (d) => first(d).comment, 'c'],
  [
    'COMMENT_STATEMENT SECTION_ORDER',
    `BO_ 1 A: 8 N\nCM_ BO_ 1 "the end is missing;\nBO_ 2 B: 8 N\n";\nBO_ 3 C: 8 N`,
    names,
    'A(),C()',
  ],
  ['COMMENT_REPEATED', 'CM_ "a";\nCM_ "b";', (d) => d.comment, 'a\nb'],
  [
    'VALUE_LABEL',
    S(`${plain}\nVAL_ 1 S 0 "a" x "b" 2 "c";\nBU_: N`),
    (d) => [first(d).labels.length, d.nodes.length],
    [1, 1],
  ],
  ['VALUE_LABEL', S(`${plain}\nVAL_ 1 S 0 "a" 1 ;\nBU_: N`), (d) => [first(d).labels.length, d.nodes.length], [1, 1]],
  ['VALUE_LABEL', S(`${plain}\nVAL_ 1 S 0.5 "a" ;`), (d) => first(d).labels, []],
  ['VALUE_LABEL', S(`${plain}\nVAL_ 1 S "a" 0 ;`), (d) => first(d).labels, []],
  ['VALUES_REPEATED', S(`${plain}\nVAL_ 1 S 0 "a" ;\nVAL_ 1 S 1 "b" ;`), (d) => first(d).labels.length, 2],
  ['VALUES_FROM_TABLE', S(`${plain}\nVAL_TABLE_ T 0 "a" 1 "b" ;\nVAL_ 1 S T ;`), (d) => first(d).labels.length, 2],
  ['TABLE_DUPLICATE', 'VAL_TABLE_ T 0 "a" ;\nVAL_TABLE_ T 0 "b" ;', (d) => d.valueTables.get('T')?.[0].text, 'b'],
  ['', 'VAL_TABLE_ T 0 "a" ;\nVAL_TABLE_ T 0 "a" ;', (d) => d.valueTables.size, 1],

  // attributes
  ['ATTRIBUTE_UNDEFINED', 'BA_ "x" 5;', (d) => d.attributes.get('x'), { kind: 'int', value: 5, text: '5' }],
  ['ATTRIBUTE_UNDEFINED', 'BA_ "x" "5";', (d) => d.attributes.get('x'), { kind: 'string', value: '5' }],
  ['ATTRIBUTE_UNDEFINED', 'BA_ "x" 0.5;', (d) => d.attributes.get('x'), { kind: 'float', value: 0.5, text: '0.5' }],
  [
    'ATTRIBUTE_REDEFINED',
    'BA_DEF_ "x" INT 0 1;\nBA_DEF_ "x" STRING ;',
    (d) => d.attributeDefinitions,
    [{ name: 'x', target: 'network', kind: 'string' }],
  ],
  [
    'ATTRIBUTE_TARGET',
    'BA_DEF_ BO_ "x" INT 0 9;\nBA_ "x" 5;',
    (d) => d.attributes.get('x'),
    { kind: 'int', value: 5, text: '5' },
  ],
  [
    'ATTRIBUTE_KIND',
    'BA_DEF_ "x" INT 0 9;\nBA_ "x" "5";',
    (d) => d.attributes.get('x'),
    { kind: 'int', value: 5, text: '5' },
  ],
  [
    'ATTRIBUTE_KIND',
    'BA_DEF_ "x" INT 0 9;\nBA_ "x" "five";',
    (d) => d.attributes.get('x'),
    { kind: 'string', value: 'five' },
  ],
  ['ATTRIBUTE_KIND', 'BA_DEF_ "x" STRING ;\nBA_ "x" 5;', (d) => d.attributes.get('x'), { kind: 'string', value: '5' }],
  [
    'ATTRIBUTE_ENUM_FORM',
    'BA_DEF_ "x" ENUM "a","b";\nBA_ "x" "b";',
    (d) => d.attributes.get('x'),
    { kind: 'enum', value: 1, text: 'b' },
  ],
  [
    'ATTRIBUTE_ENUM_FORM',
    'BA_DEF_ "x" ENUM "a","b";\nBA_DEF_DEF_ "x" 1;',
    (d) => d.attributeDefinitions[0].default,
    { kind: 'enum', value: 1, text: 'b' },
  ],
  [
    'ATTRIBUTE_ENUM_VALUE',
    'BA_DEF_ "x" ENUM "a","b";\nBA_ "x" 7;',
    (d) => d.attributes.get('x'),
    { kind: 'enum', value: 7, text: '' },
  ],
  [
    'ATTRIBUTE_ENUM_VALUE',
    'BA_DEF_ "x" ENUM "a","b";\nBA_DEF_DEF_ "x" "c";',
    (d) => d.attributeDefinitions[0].default,
    { kind: 'enum', value: -1, text: 'c' },
  ],
  [
    'ATTRIBUTE_REPEATED',
    'BA_DEF_ "x" INT 0 9;\nBA_ "x" 1;\nBA_ "x" 2;',
    (d) => d.attributes.get('x'),
    { kind: 'int', value: 2, text: '2' },
  ],
];

for (const [expectedCodes, source, look, expected] of rows) {
  test(`${expectedCodes || 'no deviation'}: ${JSON.stringify(source.slice(-80))}`, () => {
    const result = parse(source);
    assert.deepEqual(codes(result).sort(), expectedCodes.split(' ').filter(Boolean).sort());
    assert.deepEqual(look(result.database), expected);
  });
}

test('every code has a row here or in hostile.test.ts', () => {
  const elsewhere = [
    'FILE_TOO_LARGE',
    'FILE_UTF16',
    'LIMIT_REACHED',
    'DIAGNOSTICS_TRUNCATED',
    'OVERLAP_UNCHECKED',
    'PREAMBLE_MISSING',
    'NODE_UNDECLARED',
    'FILE_LINE_ENDS',
  ];
  const tested = new Set([...rows.flatMap(([list]) => list.split(' ')), ...elsewhere]);
  assert.deepEqual(
    Object.keys(diagnosticTable).filter((code) => !tested.has(code)),
    [],
  );
});

test('a diagnostic names code, severity, line, column, excerpt, value and assumption', () => {
  const { diagnostics } = parse('VERSION ""\n\nBO_ 1 Tür: 8 N\n SG_ S : 0|99@1+ (1,0) [0|0] "" N\n');
  assert.deepEqual(
    diagnostics.filter(({ code }) => code !== 'NODE_UNDECLARED'),
    [
      {
        code: 'NAME_IRREGULAR',
        severity: 'warning',
        line: 3,
        column: 7,
        message: 'message "Tür"; it was kept as it is',
        excerpt: 'BO_ 1 Tür: 8 N',
      },
      {
        code: 'SIGNAL_LENGTH',
        severity: 'error',
        line: 4,
        column: 14,
        message: 'signal S has 99 bits, expected 1 to 64; the signal was dropped',
        excerpt: 'SG_ S : 0|99@1+ (1,0) [0|0] "" N',
      },
    ],
  );
});

test('columns count characters, not bytes', () => {
  const { diagnostics } = parse('VERSION ""\nCM_ "äöü" x;');
  assert.deepEqual(
    diagnostics.map(({ line, column }) => [line, column]),
    [[2, 11]],
  );
});

test('senders and receivers that BU_ does not list are named once each', () => {
  const { diagnostics } = parse('BU_: N\nBO_ 1 A: 8 X\n SG_ S : 0|8@1+ (1,0) [0|0] "" X,Y,N,Vector__XXX');
  assert.deepEqual(
    diagnostics.map(({ code, message: text }) => `${code} ${text.split(';')[0]}`),
    ['NODE_UNDECLARED node X', 'NODE_UNDECLARED node Y'],
  );
});
