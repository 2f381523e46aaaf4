/**
 * Storage layouts of the upgradeable contracts. `layouts/*.json` hold those of the versions that are deployed; each build
 * must be a safe upgrade of them.
 *
 * Once a new version is deployed it becomes the reference: `npm run layouts` writes the files anew. The diff then shows
 * fields that were appended, and nothing else. The command refuses to replace a layout by one that is not compatible.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  getErrors,
  getStorageLayout,
  getStorageUpgradeReport,
  makeNamespacedInput,
  type SolcInput,
  type SolcOutput,
  type StorageLayout,
  solcInputOutputDecoder,
  UpgradeableContractErrorReport,
  validate,
  withValidationDefaults,
} from '@openzeppelin/upgrades-core';
import { gather } from '../../proof/checker.ts';

export interface Upgradeable {
  /** Path and name, as `contracts/token/DimoToken.sol:DimoToken`. */
  id: string;
  layout: StorageLayout;
  /** What makes it unsafe behind a proxy, in words; empty where nothing does. */
  unsafe: string;
}

const root = new URL('../../../', import.meta.url);
const options = withValidationDefaults({ kind: 'uups' });

/** Paths of all Solidity sources of the product. */
export function contractPaths(): string[] {
  return readdirSync(new URL('contracts/', root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sol'))
    .map((name) => `contracts/${name}`);
}

/**
 * Every contract in these files that can be upgraded through UUPS, with its layout.
 * @param edit Replaces the text of a file, for versions that exist in a test only.
 */
export function upgradeablesIn(
  paths: string[],
  edit: (path: string, content: string) => string = (_, same) => same,
): Upgradeable[] {
  const sources: Record<string, { content: string }> = {};
  for (const path of paths) gather(path, sources);
  for (const path of paths) sources[path]!.content = edit(path, sources[path]!.content);
  const input: SolcInput = {
    language: 'Solidity',
    sources,
    settings: { evmVersion: 'prague', outputSelection: { '*': { '*': ['storageLayout'], '': ['ast'] } } },
  } as SolcInput;
  const output = compile(input);
  // ERC-7201 structs are no state variables: a second compilation makes them such, to learn their fields' slots.
  const namespaced = compile(makeNamespacedInput(input, output));
  const decode = solcInputOutputDecoder(input, output);
  const data = validate(output, decode, '0.8.37', input, namespaced);
  return Object.entries(data)
    .filter(([id, { inherit, version }]) => paths.includes(id.split(':')[0]!) && version && inherit.some(isUups))
    .map(([id, { version }]) => {
      const errors = getErrors(data, version!, options);
      const unsafe = errors.length === 0 ? '' : new UpgradeableContractErrorReport(errors).explain(false);
      return { id, layout: getStorageLayout(data, version!), unsafe };
    });
}

/** Why one layout can't follow the other, in words; empty where it can. */
export function refusal(before: StorageLayout, after: StorageLayout): string {
  const report = getStorageUpgradeReport(before, after, options);
  const lost = Object.keys(before.namespaces ?? {}).filter((name) => !(name in (after.namespaces ?? {})));
  if (lost.length > 0) return `no longer there: ${lost.join(', ')}`;
  return report.ok ? '' : report.explain(false);
}

export function fileOf({ id }: Upgradeable): URL {
  return new URL(`./layouts/${id.split(':')[1]}.json`, import.meta.url);
}

export function readReference(contract: Upgradeable): StorageLayout {
  return JSON.parse(readFileSync(fileOf(contract), 'utf8'));
}

/** What a reference file holds: the layout without places in the source, which move with every edit. */
export function serialize({ storage, types, namespaces, solcVersion, flat }: StorageLayout): string {
  const bare = { solcVersion, flat, storage, types, namespaces };
  return `${JSON.stringify(bare, (key, value) => (key === 'src' || key === 'contract' ? '' : value), 1)}\n`;
}

function isUups(id: string): boolean {
  return id.endsWith(':UUPSUpgradeable');
}

function compile(input: SolcInput): SolcOutput {
  const output = JSON.parse(createRequire(import.meta.url)('solc').compile(JSON.stringify(input)));
  const broken = output.errors?.find(({ severity }: { severity: string }) => severity === 'error');
  if (broken) throw new Error(broken.formattedMessage);
  // upgrades-core knows a contract by its bytecode, which nobody needs here: its name does as well.
  for (const [path, contracts] of Object.entries<Record<string, { evm?: unknown }>>(output.contracts)) {
    for (const [name, contract] of Object.entries(contracts)) {
      contract.evm = {
        bytecode: { object: isAbstract(output, path, name) ? '' : hex(`${path}:${name}`), linkReferences: {} },
      };
    }
  }
  return output;
}

function isAbstract(output: SolcOutput, path: string, name: string): boolean {
  const nodes = output.sources[path]!.ast.nodes;
  return nodes.some((node) => node.nodeType === 'ContractDefinition' && node.name === name && node.abstract);
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

if (import.meta.main) {
  for (const contract of upgradeablesIn(contractPaths())) {
    const known = readdirSync(new URL('./layouts/', import.meta.url)).includes(`${contract.id.split(':')[1]}.json`);
    const reason = known ? refusal(readReference(contract), contract.layout) : '';
    if (reason) throw new Error(`${contract.id} can't follow what is deployed:\n${reason}`);
    writeFileSync(fileOf(contract), serialize(contract.layout));
    console.log(`${contract.id} written`);
  }
}
