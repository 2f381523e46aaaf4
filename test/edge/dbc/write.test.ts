/** The writer keeps all that the model holds, whatever state the file was in: each row reads the same once written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Database, writeDbc } from '../../../edge/dbc/index.ts';
import { message, parse, plain } from './parsing.ts';

const text = (database: Database) => new TextDecoder().decode(writeDbc(database));
const mux = (lines: string[], rest = '') => message(['M M : 56|8@1+ (1,0) [0|0] "" N', ...lines], rest);

const sources: Record<string, string> = {
  nothing: '',
  'numbers as they were spelt': message(['S : 0|8@1+ (1.0,+0) [.5|1E2] "" N']),
  'text that no rule describes, one after the other': 'one two\n\nthree four\n\n"five\n',
  'text that no rule describes, before a statement': 'CAT_DEF_\nBO_ 1 A: 8 N\nFILTER 1',
  'a name of one blank that is none': '\u00A0',
  'a reference to nothing, its string not closed': 'VAL_ 1 S 0 "open\nBU_: N\nthe rest',
  'a reference to nothing, its comment not closed': 'CM_ BO_ 1 "open;\nBU_: N',
  'a reference to nothing, with text after it': 'CM_ BU_ N "c" INT 0 0;\nCM_ BU_ M "d";',
  'a reference to nothing, with a label that is none': 'VAL_ 1 S 0 #A" 1 "B" ;\n\nthe rest',
  'a reference to nothing, before a line comment': 'VAL_ 1 S T // 0 "a" ;\nBO_ 2 B: 8 N\nSGO x ;',
  'a reference to nothing, a backslash before its quote': 'VAL_ 1 S 0 "a\\";\nBU_: N',
  'a reference to nothing, its comment not closed, quotes inside': 'CM_ SG_ 1 S "of \\"Nm\\" and more);\nBU_: N',
  'a reference to nothing, a backslash at the end': 'VAL_ 1 S 0 "a" 1 "b\\\n#;\nBU_: N',
  'a range that begins below 0': mux([`S m1 ${plain}`], 'SG_MUL_VAL_ 1 S M 4--1;'),
  'a default of nothing, its name not closed': 'BA_DEF_DEF_ "a: 4 N\n B ;\nBU_: N',
  'a signal type, its string not closed': 'SGTYPE_ G : 8@1+ (1,0) [0|0] "x;\nBU_: N',
  'an enum with an index beyond its values': 'BA_DEF_ "e" ENUM "a","b";\nBA_DEF_DEF_ "e" -7;\nBA_ "e" 9;',
  'an enum that names no value': 'BA_DEF_ "e" ENUM "a","b";\nBA_DEF_DEF_ "e" "c";\nBA_ "e" "d";',
  'an enum with one value twice': 'BA_DEF_ "e" ENUM "a","a";\nBA_DEF_DEF_ "e" 1;\nBA_ "e" 1;',
  'signals of one name, of which a range means the last': mux(
    [`S m1 ${plain}`, `S m2 ${plain}`],
    'SG_MUL_VAL_ 1 S M 4-6;',
  ),
  'a value that no frame has': mux([`S m256 ${plain}`]),
  'nested selectors': mux(
    [`S m1M ${plain}`, `T m2 : 8|8@1+ (1,0) [0|0] "" N`],
    'SG_MUL_VAL_ 1 S M 1-1;\nSG_MUL_VAL_ 1 T S 2-2;',
  ),
  'a length that is missing': message([`S ${plain}`]).replace('8 N', 'N'),
  'a name with half a comment in it': 'BO_ 1 A/*B: 8 N',
  relations: 'BA_DEF_REL_ BU_BO_REL_ "r" STRING ;\nBA_REL_ "r" BU_BO_REL_ N 1 "x";\nBA_REL_ "r" BU_EV_REL_ N E "y";',
};

for (const [title, source] of Object.entries(sources)) {
  test(title, () => {
    const { database } = parse(source);
    const written = text(database);
    const again = parse(written).database;
    const withoutLine = (each: Database) => each.unknownSections.map(({ keyword, text: kept }) => [keyword, kept]);
    assert.deepEqual({ ...again, unknownSections: [] }, { ...database, unknownSections: [] });
    assert.deepEqual(withoutLine(again), withoutLine(database));
    assert.equal(text(again), written);
  });
}

test('comments of the file come back at the statement they belong to', () => {
  const source = `// the file
VERSION "a//b" // its version

/* two
lines */
NS_ :
\tCM_

// timing
BS_:

BU_: N // the nodes

// before A
BO_ 1 A: 8 N // behind A
// before S
 SG_ S : 0|8@1+ (1,0) [0|0] "" N // behind S
 SG_ T : 8|8@1+ (1,0) [0|0] "" N /* behind T */

// before the comment
CM_ SG_ 1 S "c"; // behind the comment

// before the labels
VAL_ 1 S 0 "a" 1 "b" ; /* behind the labels */

CAT_DEF_ 1 x; /* behind what is kept */

// the end
`;
  const { database, diagnostics } = parse(source);
  assert.equal(
    text(database),
    source.replace('CAT_DEF_ 1 x; /* behind what is kept */', '/* behind what is kept */\nCAT_DEF_ 1 x;'),
  );
  assert.equal(diagnostics.filter(({ code }) => code === 'SOURCE_COMMENT').length, 16);
  assert.deepEqual(database.sourceComments?.at(5), { text: '// before A', place: 'before', statement: 'BO_ 1 A 8 N' });
  assert.deepEqual(database.sourceComments?.at(8), { text: '// behind S', place: 'after', statement: 'SG_ 1 S' });
});

const comments = (source: string) =>
  parse(source).database.sourceComments?.map(({ text: comment, place, statement }) => [comment, place, statement]);

test('of several comments inside a statement the last stays behind it, the others go before it', () => {
  const source = `BO_ 1 /* a */ A: 8 N // b\n SG_ S /* c */ : 0|8@1+ /* d */ (1,0) [0|0] "" N`;
  assert.deepEqual(comments(source), [
    ['/* a */', 'before', 'BO_ 1 A 8 N'],
    ['// b', 'after', 'BO_ 1 A 8 N'],
    ['/* c */', 'before', 'SG_ 1 S'],
    ['/* d */', 'after', 'SG_ 1 S'],
  ]);
});

test('a comment inside text that is kept verbatim is part of that text, and written once', () => {
  const { database } = parse('FOO_ a /* b */ c;\nVAL_ 9 S /* d */ 0 "x" ;');
  assert.deepEqual(database.sourceComments, []);
  assert.equal(text(database).match(/\/\*/g)?.length, 2);
});

test('a comment whose statement was dropped goes where its message is, else to the end', () => {
  const { database } = parse(
    `BO_ 1 A: 8 N\n// lost\n SG_ S : 0|99@1+ (1,0) [0|0] "" N\n SG_ T ${plain}\nBA_ 1; // gone`,
  );
  assert.match(text(database), /\/\/ lost\n SG_ T/);
  assert.match(text(database), /\n\/\/ gone\n$/);
});
