/** Draws the table of governed functions in docs/contracts.md from the sources, the roles and the levels. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { actionLevels, artifactNames, roleFunctions, roles, spendActions } from '../deploy/index.ts';
import { packageRoot } from '../package-root.ts';

const begin = '<!-- governed functions: drawn by npm run docs -->';
const end = '<!-- end of governed functions -->';

/** Functions whose declaration has the modifier by which the AccessManager is asked. */
export function governedFunctions(source: string): string[] {
  return [...source.matchAll(/function (\w+)\([^)]*\)[^{;]*\brestricted\b/g)].map((match) => match[1]!);
}

const files = globSync('contracts/**/*.sol', { cwd: packageRoot }).sort();

/** The governed functions of a contract, those of its bases among our own contracts first. */
function functionsOf(contract: string): string[] {
  const file = files.find((name) => path.basename(name, '.sol') === contract);
  if (!file) return [];
  const source = readFileSync(path.join(packageRoot, file), 'utf8');
  const bases = source.match(/^(?:abstract )?contract \w+ is ([^{]*)\{/m)?.[1]?.split(',') ?? [];
  const own = governedFunctions(source).filter((name) => !name.startsWith('_'));
  return [...bases.flatMap((base) => functionsOf(base.trim())), ...own];
}

function rowsOf(file: string): string[] {
  const contract = artifactNames.find((name) => name === path.basename(file, '.sol'));
  if (!contract) return [];
  return functionsOf(contract).map((name) => {
    const role = roleFunctions.find((row) => row.contract === contract && row.functions.includes(name));
    const also = role ? roles[role.role].label.toLowerCase().replace('_', ' ') : '';
    const spend = spendActions.some((row) => row.contract === contract && row.name === name);
    return `| \`${contract}\` | \`${name}\` | ${spend ? 'by amount' : (actionLevels[contract]?.[name] ?? 3)} | ${also} |`;
  });
}

/** The page with its table drawn anew. */
export function drawContractsPage(page: string): string {
  const table = [
    '| contract | function | level of the DIP | who else may call |',
    '|---|---|---|---|',
    ...files.flatMap(rowsOf),
  ];
  const [before, rest = ''] = page.split(begin);
  const [, after = ''] = rest.split(end);
  return `${before}${begin}\n${table.join('\n')}\n${end}${after}`;
}
