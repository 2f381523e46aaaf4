/** Addresses: with their checksum, or by the name of a contract of ours. */
import { type AbiFunction, type Address, getAddress, type Hex, toFunctionSelector, zeroAddress } from 'viem';
import { nearest } from '../../../dbc/index.ts';
import { type ContractName, loadArtifact, plan } from '../../../deploy/index.ts';
import { type Kind, Refusal, shown, textOf } from './kind.ts';

/** Everyday names beside those of the contracts themselves. */
const everyday: Record<string, ContractName> = {
  treasury: 'Treasury',
  timelock: 'TimelockController',
  governor: 'DimoGovernor',
  token: 'DimoToken',
  guardian: 'TermedGuardian',
};

export const bookNames: readonly string[] = [...Object.keys(everyday), ...plan.map(({ name }) => name)];

/** The contract of that name, in any case. */
export function findContract(name: string): ContractName | undefined {
  const lower = name.toLowerCase();
  return everyday[lower] ?? plan.find((entry) => entry.name.toLowerCase() === lower)?.name;
}

function didYouMean(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  return near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
}

const form = '`0x` and 40 hex digits with checksum, or a name such as `treasury`';

export const address: Kind<Address> = {
  form,
  read(written, { addresses, warn }) {
    const text = textOf(written, 'an address or the name of a contract');
    if (!text.startsWith('0x')) {
      const contract = findContract(text);
      if (contract) return addresses[contract];
      throw new Refusal(`${shown(text)} is no address and no contract of ours${didYouMean(text, bookNames)}`);
    }
    if (!/^0x[0-9a-f]{40}$/i.test(text)) {
      throw new Refusal(
        `expected an address: 0x and 40 hex digits, found ${shown(text)}, which has ${text.length} characters`,
      );
    }
    const found = getAddress(text.toLowerCase());
    if (found === zeroAddress) throw new Refusal('the zero address is nobody: what goes there is lost');
    const digits = text.slice(2);
    if (digits === digits.toLowerCase() && digits !== digits.toUpperCase()) {
      warn(`${text} has no checksum, so a slip in it would not be seen; write it as ${found}`);
    } else if (text !== found) {
      throw new Refusal(`the checksum of ${text} does not hold: at least one character is wrong; copy it again`);
    }
    return found;
  },
};

/** An address, or `nobody` for the zero address. */
export const addressOrNobody: Kind<Address> = {
  form: `${form}, or \`nobody\``,
  read: (written, scope) => (written === 'nobody' ? zeroAddress : address.read(written, scope)),
};

/** One of our contracts, by its name. */
export function contract(names: readonly ContractName[] = plan.map(({ name }) => name)): Kind<ContractName> {
  return {
    form: "a contract's name",
    read(written) {
      const text = textOf(written, "a contract's name");
      const found = findContract(text);
      if (found && names.includes(found)) return found;
      throw new Refusal(`expected one of ${names.join(', ')}, found ${shown(text)}${didYouMean(text, names)}`);
    },
  };
}

/**
 * The one function of that name (or selector) with which something can be changed.
 * @throws {Refusal}
 */
export function findFunction(contractName: ContractName, name: string): AbiFunction {
  const functions = loadArtifact(contractName).abi.filter(
    (item): item is AbiFunction =>
      item.type === 'function' && item.stateMutability !== 'view' && item.stateMutability !== 'pure',
  );
  const found = functions.filter((item) => item.name === name || toFunctionSelector(item) === name);
  if (found.length === 1) return found[0]!;
  throw new Refusal(
    `${contractName} has no function ${shown(name)}${didYouMean(
      name,
      functions.map((item) => item.name),
    )}`,
  );
}

/** `Treasury.spend`, or an address and a selector: `0x….0x791c27ef`. */
export const functionReference: Kind<{ target: Address; selector: Hex }> = {
  form: '`Treasury.spend`, or an address, a dot and a selector',
  read(written, scope) {
    const expected = 'a function such as Treasury.spend, or an address, a dot and a selector';
    const text = textOf(written, expected);
    const [where = '', name = '', ...more] = text.split('.');
    if (name === '' || more.length > 0) throw new Refusal(`expected ${expected}, found ${shown(text)}`);
    const target = address.read(where, scope);
    if (/^0x[0-9a-f]{8}$/i.test(name)) return { target, selector: name.toLowerCase() as Hex };
    const contractName = findContract(where);
    if (!contractName) throw new Refusal(`expected a selector of 4 bytes after ${where}., found ${shown(name)}`);
    return { target, selector: toFunctionSelector(findFunction(contractName, name)) };
  },
};
