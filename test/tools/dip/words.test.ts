// What a voter reads: each action in one sentence, with the names of our contracts in place of addresses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hex, keccak256, stringToHex } from 'viem';
import { type ContractName, type Deployment, plan } from '../../../tools/deploy/index.ts';
import {
  type Action,
  burnTokens,
  certifyModel,
  contractCall,
  explainAction,
  reinstateDecoder,
  retireDevice,
  setBountyLifetime,
  setCheckpointSigners,
  setLevelTerms,
  setTimelockDelay,
  setVerifier,
  slashLicence,
  suspendDecoder,
  sweepRewards,
  withdrawCertificate,
} from '../../../tools/dip/index.ts';

const address = (index: number): Hex => `0x${index.toString(16).padStart(40, '0')}`;
const addresses = Object.fromEntries(plan.map(({ name }, index) => [name, address(index + 1)]));
const deployment = { addresses: addresses as Record<ContractName, Hex> } as Deployment;
const hash = (text: string) => keccak256(stringToHex(text));
const short = (text: string) => `${hash(text).slice(0, 10)}…`;
const unit = 10n ** 18n;

test('each action is a sentence', async (t) => {
  const certificate = { licenceId: 4n, modelId: hash('m'), imageHash: hash('i'), auditHash: hash('a') };
  const rows: [Action, string][] = [
    [
      slashLicence(deployment, { id: 4n, amount: 25n * unit, reason: 'late' }),
      'take 25 DIMO of the bond of licence 4 into the treasury: "late"',
    ],
    [
      certifyModel(deployment, certificate),
      `certify the image ${short('i')} of model ${short('m')} of licence 4 (audit ${short('a')})`,
    ],
    [
      withdrawCertificate(deployment, certificate),
      `withdraw the certificate of the image ${short('i')} of model ${short('m')} of licence 4`,
    ],
    [
      setVerifier(deployment, { address: deployment.addresses.PackVerifier, listed: true }),
      "accept the contract PackVerifier as a verifier of makers' signatures",
    ],
    [
      setVerifier(deployment, { address: address(99), listed: false }),
      `no longer accept the contract ${address(99)} as a verifier of makers' signatures`,
    ],
    [
      retireDevice(deployment, { address: address(99), reason: 'lost' }),
      `retire the device ${address(99)} for good: "lost"`,
    ],
    [
      suspendDecoder(deployment, { contentHash: hash('d'), durationSeconds: 3 * 86_400, reason: 'x' }),
      `suspend the decoder ${short('d')} for 3 days: "x"`,
    ],
    [reinstateDecoder(deployment, { contentHash: hash('d') }), `end the suspension of the decoder ${short('d')}`],
    [
      setCheckpointSigners(deployment, { signers: [address(9), address(8)], threshold: 2 }),
      `have checkpoints signed by 2 of 2: ${address(8)}, ${address(9)}`,
    ],
    [sweepRewards(deployment, { epoch: 7n }), 'return to the treasury what nobody claimed of week 7'],
    [setBountyLifetime(deployment, { lifetimeDays: 90 }), 'let bounties last 90 days from now on'],
    [burnTokens(deployment, { amount: 3n * unit })[1]!, "destroy 3 DIMO of the timelock's own"],
    [setTimelockDelay(deployment, { days: 5 }), 'let a passed proposal wait 5 days'],
    [
      setLevelTerms(deployment, { level: 2, majorityPercent: 55.5, quorumPercent: 6 }),
      'ask of level 2: a majority of 55.5 % and a quorum of 6 %',
    ],
    [
      contractCall(deployment, 'Treasury', 'spend', [address(99), address(98), 5n]),
      `pay 5 units of the token ${address(99)} from the treasury to ${address(98)}`,
    ],
  ];
  for (const [action, words] of rows) {
    await t.test(words, () => assert.equal(explainAction(deployment, action).words, words));
  }
});
