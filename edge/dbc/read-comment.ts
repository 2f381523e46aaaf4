/** CM_: comments on the network, a node, a message, a signal or an environment variable. */
import { Byte } from './lexer.ts';
import { describeOwner, findOwner, type Owner, readOwner } from './owner.ts';
import type { Reader } from './reader.ts';

/** `CM_ "text" ;`, `CM_ BU_ node "text" ;`, `CM_ BO_ id "text" ;`, `CM_ SG_ id signal "text" ;`, `CM_ EV_ name "text" ;` */
export function readComment(reader: Reader, from: number) {
  const { lex } = reader;
  const owner = readCommented(reader);
  if (lex.peek() !== Byte.quote) return reader.dropStatement(from, 'CM_', 'BU_, BO_, SG_, EV_ and a string');
  const text = lex.prose();
  const statement = { from, to: reader.endStatement(from, 'CM_') };
  reader.later(from, () => {
    const commented = findOwner(reader, owner);
    if (commented === undefined) return reader.keepDangling('CM_', statement, describeOwner(owner));
    if (commented.comment === undefined) commented.comment = text;
    else {
      reader.report('COMMENT_REPEATED', from, `${describeOwner(owner)} has a comment already`);
      commented.comment += `\n${text}`;
    }
  });
}

function readCommented(reader: Reader): Owner {
  const { lex } = reader;
  const id = lex.unsigned();
  if (id >= 0) return readUntyped(reader, id);
  const owner = readOwner(reader);
  if (owner.target === 'signal' && owner.name === '') {
    reader.report('COMMENT_NO_SIGNAL', lex.pos, `expected a signal of message ${owner.id}`);
    owner.target = 'message';
  }
  return owner;
}

/** `CM_ id "text" ;` and `CM_ id signal "text" ;`, whose BO_ or SG_ was forgotten. */
function readUntyped(reader: Reader, id: number): Owner {
  const { lex } = reader;
  reader.report('COMMENT_UNTYPED', lex.from, `expected BO_ or SG_ before ${id}`);
  if (lex.peek() === Byte.quote || !lex.word()) return { target: 'message', id, name: '' };
  return { target: 'signal', id, name: lex.text() };
}
