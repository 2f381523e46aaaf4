/** What can be changed at one node: each operator turns an expression or statement into its neighbours. */
import { child, foldedValue, isFolded, isNode, list, type Node, typeOf } from './ast.ts';

/** The operators, as the field names them, and what each does. */
export const operators = {
  ROR: 'relational operator replaced by its boundary and its opposite',
  AOR: 'arithmetic, bit or compound operator replaced',
  LCR: '&& and || exchanged',
  COR: 'one side of && or || dropped',
  NEG: 'condition negated',
  UOD: '! dropped',
  UOR: '++ and -- exchanged',
  CRP: 'constant plus 1, minus 1, 0; boolean literal flipped',
  EMS: 'enum member replaced by the next',
  RVR: 'returned value replaced: bool negated, number, bytes or address 0',
  SDL: 'statement deleted',
  GDL: 'branch never taken: `if (c)` without an else becomes `if (false)`',
  MDL: 'modifier removed',
} as const;

export type Operator = keyof typeof operators;

/** Writes a node of the source; what it writes depends on whether the text is for a reader or for the compiler. */
export type Render = (node: Node) => string;

export interface Change {
  operator: Operator;
  /** Where the change is applied: this node's text is replaced, or (SDL) left out. */
  node: Node;
  after: (render: Render) => string;
  /** The type that its place needs, which the literals to choose among don't have. */
  cast?: string;
}

const relational: Record<string, string[]> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '==': ['!='],
  '!=': ['=='],
};

const arithmetic: Record<string, string> = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '**': '*',
  '&': '|',
  '|': '&',
  '^': '&',
  '<<': '>>',
  '>>': '<<',
};

/** Whether another operator already negates this condition, or the negation would say the same. */
function negatesItself(node: Node): boolean {
  if (node.nodeType === 'TupleExpression') return list(node, 'components').every(negatesItself);
  if (node.nodeType === 'UnaryOperation') return node.operator === '!';
  if (node.nodeType === 'Literal') return true;
  return node.nodeType === 'BinaryOperation' && (node.operator as string) in { ...relational, '&&': 0, '||': 0 };
}

/** What changes an expression itself, not what stands in it. */
export function expressionChanges(node: Node, parent: Node, byId: ReadonlyMap<number, Node>): Change[] {
  switch (node.nodeType) {
    case 'BinaryOperation':
      return isFolded(node) ? folded(node, parent) : binary(node);
    case 'Assignment':
      return compound(node);
    case 'UnaryOperation':
      return isFolded(node) ? folded(node, parent) : unary(node);
    case 'Literal':
      return literal(node, parent);
    case 'TupleExpression':
      return isFolded(node) ? folded(node, parent) : [];
    case 'FunctionCall':
      return convertedConstant(node);
    case 'MemberAccess':
      return enumMember(node, byId);
    case 'Conditional':
      return negation(child(node, 'condition')!);
    default:
      return [];
  }
}

function binary(node: Node): Change[] {
  const [left, right] = [child(node, 'leftExpression')!, child(node, 'rightExpression')!];
  const operator = node.operator as string;
  const swapped = (name: Operator, to: string): Change => ({
    operator: name,
    node,
    after: (render) => `${render(left)} ${to} ${render(right)}`,
  });
  if (operator === '&&' || operator === '||') {
    return [
      swapped('LCR', operator === '&&' ? '||' : '&&'),
      { operator: 'COR', node, after: (render) => render(left) },
      { operator: 'COR', node, after: (render) => render(right) },
    ];
  }
  if (operator in relational) return relational[operator]!.map((to) => swapped('ROR', to));
  return operator in arithmetic ? [swapped('AOR', arithmetic[operator]!)] : [];
}

/** `a += b` to `a -= b`; leaving it out is SDL's. An assignment is a statement here, so it is replaced as one. */
function compound(node: Node): Change[] {
  const to = arithmetic[(node.operator as string).slice(0, -1)];
  if (to === undefined) return [];
  const [left, right] = [child(node, 'leftHandSide')!, child(node, 'rightHandSide')!];
  return [{ operator: 'AOR', node, after: (render) => `${render(left)} ${to}= ${render(right)}` }];
}

function unary(node: Node): Change[] {
  const operand = child(node, 'subExpression')!;
  if (node.operator === '!') return [{ operator: 'UOD', node, after: (render) => render(operand) }];
  if (node.operator !== '++' && node.operator !== '--') return [];
  const to = node.operator === '++' ? '--' : '++';
  return [
    { operator: 'UOR', node, after: (render) => (node.prefix ? `${to}${render(operand)}` : `${render(operand)}${to}`) },
  ];
}

function literal(node: Node, parent: Node): Change[] {
  if (node.kind === 'bool') return [{ operator: 'CRP', node, after: () => (node.value === 'true' ? 'false' : 'true') }];
  return isFolded(node) ? folded(node, parent) : [];
}

const isConversion = (node: Node): boolean => node.nodeType === 'FunctionCall' && node.kind === 'typeConversion';

/** The widest folded expression changes as one: `7 days`, `1 << 8`. Below a conversion it changes with that. */
function folded(node: Node, parent: Node): Change[] {
  if (isFolded(parent) || isConversion(parent)) return [];
  return steps(node).map((after) => ({ operator: 'CRP', node, after, cast: castBetween(node, parent) }));
}

/** `address(0)`, `bytes32(0)`: no choice among numbers converts to these, so the choice is among conversions. */
function convertedConstant(node: Node): Change[] {
  const [argument] = list(node, 'arguments');
  if (!isConversion(node) || !argument || !isFolded(argument)) return [];
  const type = typeOf(node) === 'address payable' ? 'payable' : typeOf(node);
  if (!/^(address|payable|u?int\d+|bytes\d+)$/.test(type)) return [];
  const through = /^bytes\d+$/.test(type) ? `uint${Number(type.slice(5)) * 8}` : '';
  return steps(argument).map((step) => ({
    operator: 'CRP',
    node,
    after: (render) => (through ? `${type}(${through}(${step(render)}))` : `${type}(${step(render)})`),
  }));
}

/** Plus 1, minus 1, 0; without what is no number or says the same twice. */
export function steps(node: Node): ((render: Render) => string)[] {
  const value = foldedValue(node);
  const plain = node.nodeType === 'Literal' && !node.subdenomination && value !== undefined;
  const moved = (sign: '+' | '-') => (render: Render) =>
    plain ? String(sign === '+' ? value + 1n : value - 1n) : `${render(node)} ${sign} 1`;
  if (value === 0n) return [moved('+')];
  return value === 1n ? [moved('+'), () => '0'] : [moved('+'), moved('-'), () => '0'];
}

/** A choice among small literals would be a uint8, in which what it is combined with overflows, and which is no bytes. */
function castBetween(node: Node, parent: Node): string | undefined {
  let type: string | undefined;
  if (parent.nodeType === 'BinaryOperation') {
    const operator = parent.operator as string;
    if (!['<<', '>>', '**'].includes(operator)) type = (parent.commonType as { typeString?: string }).typeString;
    else if (child(parent, 'leftExpression') === node) type = 'uint256';
  } else if (parent.nodeType === 'Assignment') type = typeOf(child(parent, 'leftHandSide'));
  else if (parent.nodeType === 'VariableDeclarationStatement') type = typeOf(list(parent, 'declarations')[0]);
  return type !== undefined && /^(u?int|bytes)\d+$/.test(type) ? type : undefined;
}

function enumMember(node: Node, byId: ReadonlyMap<number, Node>): Change[] {
  const of = child(node, 'expression');
  if (!typeOf(node).startsWith('enum ') || !typeOf(of).startsWith('type(enum ')) return [];
  const names = list(byId.get(of!.referencedDeclaration as number), 'members').map((member) => member.name as string);
  const next = names[(names.indexOf(node.memberName as string) + 1) % names.length];
  if (next === undefined || next === node.memberName) return [];
  return [{ operator: 'EMS', node, after: (render) => `${render(of!)}.${next}` }];
}

function negation(condition: Node): Change[] {
  if (negatesItself(condition)) return [];
  return [{ operator: 'NEG', node: condition, after: (render) => `!(${render(condition)})` }];
}

/** What changes a statement whole, or an expression because of the statement it stands in. */
export function statementChanges(node: Node, parent: Node, enclosing: Node): Change[] {
  const deleted: Change = { operator: 'SDL', node, after: () => '' };
  const inBlock = parent.nodeType === 'Block' || parent.nodeType === 'UncheckedBlock';
  const alone =
    (parent.nodeType === 'IfStatement' && !parent.falseBody) || /^(For|While)Statement$/.test(parent.nodeType);
  const deletable = inBlock || (alone && parent.body === node);
  switch (node.nodeType) {
    case 'ExpressionStatement':
      return [
        ...(deletable && !isSoleBody(node, parent, enclosing) && !givesReference(node, enclosing) ? [deleted] : []),
        ...requirement(child(node, 'expression')!),
      ];
    case 'EmitStatement':
    case 'RevertStatement':
    case 'Continue':
    case 'Break':
      // As the only thing an `if` does, leaving it out is what GDL does.
      return deletable && !isSoleBody(node, parent, enclosing) ? [deleted] : [];
    case 'IfStatement': {
      const condition = child(node, 'condition')!;
      const never: Change[] = node.falseBody ? [] : [{ operator: 'GDL', node: condition, after: () => 'false' }];
      return [...negation(condition), ...never];
    }
    case 'WhileStatement':
      return negation(child(node, 'condition')!);
    case 'Return':
      return returned(node, enclosing);
    default:
      return [];
  }
}

/** Whether a block holds this statement alone and belongs to an `if` without an else. */
function isSoleBody(node: Node, block: Node, enclosing: Node): boolean {
  if (list(block, 'statements').length !== 1) return false;
  let sole = false;
  const visit = (at: Node): void => {
    if (at.nodeType === 'IfStatement' && at.trueBody === block && !at.falseBody) sole = true;
    for (const value of Object.values(at)) {
      for (const below of Array.isArray(value) ? value : [value]) if (isNode(below)) visit(below);
    }
  };
  visit(enclosing);
  return sole && list(block, 'statements')[0] === node;
}

/** A returned storage pointer or slice has to be assigned, or the compiler refuses the function. */
function givesReference(statement: Node, enclosing: Node): boolean {
  const expression = child(statement, 'expression');
  if (expression?.nodeType !== 'Assignment') return false;
  const to = child(expression, 'leftHandSide')!;
  const returned = list(child(enclosing, 'returnParameters'), 'parameters');
  return / (storage|calldata)/.test(typeOf(to)) && returned.some(({ id }) => id === to.referencedDeclaration);
}

function requirement(call: Node): Change[] {
  const name = child(call, 'expression')?.name;
  const [condition] = list(call, 'arguments');
  return condition && (name === 'require' || name === 'assert') ? negation(condition) : [];
}

function returned(node: Node, enclosing: Node): Change[] {
  const value = child(node, 'expression');
  const types = list(child(enclosing, 'returnParameters'), 'parameters').map(typeOf);
  if (!value || types.length !== 1 || isFolded(value)) return [];
  const type = types[0]!;
  if (type === 'bool') return negation(value).map((change) => ({ ...change, operator: 'RVR' }));
  if (!/^(address|u?int\d+|bytes\d+)$/.test(type)) return [];
  return [{ operator: 'RVR', node: value, after: () => `${type}(0)` }];
}
