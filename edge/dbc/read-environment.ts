/** EV_, ENVVAR_DATA_ and SGTYPE_: environment variables and signal types. */
import { closedStatement } from './kept-statement.ts';
import { Byte } from './lexer.ts';
import { readRange } from './read-message.ts';
import { readNames } from './read-values.ts';
import type { Reader } from './reader.ts';

/** `EV_ name : type [minimum|maximum] "unit" initial id access node,node ;` */
export function readEnvironmentVariable(reader: Reader, from: number) {
  const { lex } = reader;
  if (!lex.word()) return reader.dropStatement(from, 'EV_', 'a name');
  const name = lex.text();
  const { irregular } = lex;
  if (irregular) reader.checkName('environment variable', name);
  lex.accept(Byte.colon);
  const type = lex.unsigned();
  if (type < 0) return reader.dropStatement(from, 'EV_', 'a type: 0, 1 or 2');
  const range = { minimum: 0, maximum: 0, minText: '0', maxText: '0' };
  if (!readRange(reader, `environment variable ${name}`, range)) return reader.dropStatement(from, 'EV_', '[min|max]');
  if (lex.peek() !== Byte.quote) return reader.dropStatement(from, 'EV_', 'a unit');
  const unit = lex.string();
  if (!lex.word() || Number.isNaN(lex.number())) return reader.dropStatement(from, 'EV_', 'an initial value');
  const initialText = lex.text();
  const id = lex.unsigned();
  if (id < 0 || !lex.word()) return reader.dropStatement(from, 'EV_', 'an id and an access type');
  const accessType = lex.text();
  const nodes = readNames(reader);
  reader.endStatement(from, 'EV_');
  if (reader.environmentVariables.has(name)) {
    return reader.report('STATEMENT_SYNTAX', from, `EV_: environment variable ${name} is defined before`);
  }
  if (!reader.take('environmentVariables', from)) return;
  const variable = {
    name,
    type,
    minText: range.minText,
    maxText: range.maxText,
    unit,
    initialText,
    id,
    accessType,
    nodes,
    labels: [],
    attributes: new Map(),
  };
  reader.environmentVariables.set(name, variable);
  reader.database.environmentVariables.push(variable);
}

/** `ENVVAR_DATA_ name : bytes ;` */
export function readEnvironmentData(reader: Reader, from: number) {
  const { lex } = reader;
  if (!lex.word()) return reader.dropStatement(from, 'ENVVAR_DATA_', 'a name');
  const name = lex.text();
  lex.accept(Byte.colon);
  const dataLength = lex.unsigned();
  if (dataLength < 0) return reader.dropStatement(from, 'ENVVAR_DATA_', 'a size in bytes');
  const statement = { from, to: reader.endStatement(from, 'ENVVAR_DATA_') };
  reader.later(from, () => {
    const variable = reader.environmentVariables.get(name);
    if (variable === undefined) {
      return reader.keepDangling('ENVVAR_DATA_', statement, `environment variable ${name}`);
    }
    variable.dataLength = dataLength;
  });
}

/** `SGTYPE_ name : definition ;` */
export function readSignalType(reader: Reader, from: number) {
  const { lex } = reader;
  if (!lex.word()) return reader.dropStatement(from, 'SGTYPE_', 'a name');
  const name = lex.text();
  if (!lex.accept(Byte.colon)) return reader.dropStatement(from, 'SGTYPE_', ':');
  const definitionFrom = lex.pos;
  const to = lex.statementEnd(definitionFrom);
  const terminated = lex.bytes[to - 1] === Byte.semicolon;
  if (!terminated) reader.report('TERMINATOR_MISSING', from, 'SGTYPE_ has no ;');
  lex.pos = to;
  if (!reader.take('references', from)) return;
  const text = closedStatement(lex, definitionFrom, to).trimStart();
  let end = text.length;
  while (end > 0 && (text[end - 1] === ';' || text[end - 1] <= ' ')) end--;
  reader.database.signalTypes.push({ name, definition: text.slice(0, end) });
}
