/** Each upgradeable contract is a safe upgrade of the version that is deployed, and a careless one is refused. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { contractPaths, fileOf, readReference, refusal, upgradeablesIn } from './layout.ts';

test('every upgradeable contract is safe behind a proxy and follows its deployed layout', () => {
  const contracts = upgradeablesIn(contractPaths());
  for (const contract of contracts) {
    assert.equal(contract.unsafe, '', contract.id);
    assert.ok(existsSync(fileOf(contract)), `${contract.id} has no reference yet: npm run layouts`);
    assert.equal(refusal(readReference(contract), contract.layout), '', contract.id);
  }
  const names = contracts.map(({ id }) => `${id.split(':')[1]}.json`).sort();
  const files = readdirSync(new URL('./layouts/', import.meta.url)).sort();
  assert.deepEqual(names, files, 'a contract that is gone leaves no reference behind');
});

/** Edits of ManufacturerRegistry.sol: from, to, and what the refusal says (none: it is a good upgrade). */
const edits: Record<string, [from: string, to: string, refused?: RegExp]> = {
  'a field appended to the struct': [
    'bytes32 auditHash) certificates;',
    'bytes32 auditHash) certificates; uint256 added;',
  ],
  'a function added': [
    'function bondToken()',
    'function version() external pure returns (uint256) { return 2; } function bondToken()',
  ],
  'a field inserted before the others': [
    '        IERC20 bondToken;',
    '        uint256 added; IERC20 bondToken;',
    /Inserted `added`/,
  ],
  "a field's type changed": ['uint32 licenceCount;', 'uint64 licenceCount;', /licenceCount/],
  'a field inserted into a record of a mapping': [
    '        uint32 deviceCap;\n        uint40 until;',
    '        uint32 deviceCap; uint32 added;\n        uint40 until;',
    /added/,
  ],
  'two fields swapped': [
    '        uint96 bond;\n        uint96 bondRequired;',
    '        uint96 bondRequired;\n        uint96 bond;',
    /bond/,
  ],
  'the namespace changed': [
    'erc7201:dimo.storage.ManufacturerRegistry',
    'erc7201:dimo.storage.Manufacturers',
    /no longer there|Deleted namespace/,
  ],
  'a plain state variable added is allowed: plain storage was empty': [
    '    // keccak256(abi.encode',
    '    uint256 public added;\n    // keccak256(abi.encode',
  ],
};

const path = 'contracts/registry/ManufacturerRegistry.sol';

for (const [name, [from, to, refused]] of Object.entries(edits)) {
  test(`upgrade: ${name}${refused ? ' is refused' : ''}`, () => {
    const [contract] = upgradeablesIn([path], (_, content) => {
      assert.equal(content.split(from).length, 2, `once in the source: ${from}`);
      return content.replace(from, () => to);
    });
    const reason = refusal(readReference(contract!), contract!.layout);
    if (refused) assert.match(reason, refused);
    else assert.equal(reason, '');
  });
}

/** Edits after which the contract must not stand behind a proxy at all. */
const unsafe: Record<string, [from: string, to: string, says: RegExp]> = {
  'a variable with a value': [
    '    // keccak256(abi.encode',
    '    uint256 private added = 1;\n    // keccak256(abi.encode',
    /added.*initial value/s,
  ],
  'an immutable': [
    '    // keccak256(abi.encode',
    '    address private immutable added = msg.sender;\n    // keccak256(abi.encode',
    /added.*immutable/s,
  ],
  'a delegatecall': [
    'function bondToken()',
    'function run(address to) external { (bool ok, ) = to.delegatecall(""); require(ok); } function bondToken()',
    /delegatecall/,
  ],
};

for (const [name, [from, to, says]] of Object.entries(unsafe)) {
  test(`${name} is unsafe behind a proxy`, () => {
    const [contract] = upgradeablesIn([path], (_, content) => content.replace(from, () => to));
    assert.match(contract!.unsafe, says);
  });
}
