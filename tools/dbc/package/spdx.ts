/** SPDX licence expressions: their grammar. The list of licence ids is not shipped, so an id is not looked up. */

const token = /\s*(\(|\)|[A-Za-z0-9.:+-]+)/y;
const idstring = '[A-Za-z0-9.-]+';
const simple = new RegExp(`^(${idstring}\\+?|(DocumentRef-${idstring}:)?LicenseRef-${idstring})$`);
const exception = new RegExp(`^(${idstring}|(DocumentRef-${idstring}:)?AdditionRef-${idstring})$`);
const operators = new Set(['AND', 'OR', 'WITH', 'and', 'or', 'with']);
/** Longer ones are no licence but an attack. */
const lengthMax = 512;

/**
 * @returns what is wrong with the expression, or undefined
 * @see SPDX 3.0, annex "SPDX license expressions"
 * @example spdxProblem('Apache-2.0 OR (MIT AND CC-BY-4.0)')  // undefined
 */
export function spdxProblem(text: string): string | undefined {
  if (text.length > lengthMax) return `an expression of ${text.length} characters, at most ${lengthMax} are read`;
  const tokens = tokensOf(text);
  if (tokens === undefined) return 'expected licence ids, AND, OR, WITH and parentheses';
  if (tokens.length === 0) return 'the expression is empty';
  // Two states are enough: an operand is due, or an operator; parentheses are counted.
  let depth = 0;
  let isOperandDue = true;
  for (let i = 0; i < tokens.length; i++) {
    const one = tokens[i];
    if (isOperandDue) {
      if (one === '(') depth++;
      else if (one === ')' || operators.has(one) || !simple.test(one)) return `${one} stands where a licence id is due`;
      else isOperandDue = false;
    } else if (one === ')') {
      if (--depth < 0) return 'a ) without its (';
    } else if (!operators.has(one)) return `${one} stands where AND, OR or WITH is due`;
    else if (one.toUpperCase() === 'WITH') {
      const next = tokens[++i];
      const hasLicence = tokens[i - 2] !== ')';
      if (!hasLicence || next === undefined || operators.has(next) || !exception.test(next))
        return 'WITH joins a licence id and an exception id';
    } else isOperandDue = true;
  }
  if (isOperandDue) return 'a licence id is missing at the end';
  return depth > 0 ? 'a ( without its )' : undefined;
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const match = token.exec(text);
    if (match === null) return undefined;
    tokens.push(match[1]);
  }
  return tokens;
}
