// What a voter reads: each action in one sentence, with the names of our contracts in place of addresses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hex, keccak256, stringToHex } from 'viem';
import { type ContractName, type Deployment, plan } from '../../../tools/deploy/index.ts';
import {
  type Action,
  burnTokens,
  cancelStream,
  certifyModel,
  changeStream,
  clawBackGrant,
  closeReferrals,
  contractCall,
  explainAction,
  extendGrant,
  openGrant,
  openStream,
  reinstateDecoder,
  releaseTranche,
  removeCommittee,
  retireDevice,
  setBountyLifetime,
  setCheckpointSigners,
  setCommittee,
  setLevelTable,
  setLevelTerms,
  setReferralTerms,
  setTimelockDelay,
  setVerifier,
  slashLicence,
  suspendDecoder,
  sweepSurplus,
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
    [contractCall(deployment, 'RewardPool', 'sweep', [7n]), 'return to the treasury what nobody claimed of week 7'],
    [setBountyLifetime(deployment, { lifetimeDays: 90 }), 'let bounties last 90 days from now on'],
    [burnTokens(deployment, { amount: 3n * unit })[1]!, "destroy 3 DIMO of the timelock's own"],
    [setTimelockDelay(deployment, { days: 5 }), 'let a passed proposal wait 5 days'],
    [
      setLevelTerms(deployment, { level: 2, majorityPercent: 55.5, quorumPercent: 6 }),
      'ask of level 2: a majority of 55.5 % and a quorum of 6 %',
    ],
    [
      openStream(deployment, {
        recipient: address(99),
        total: 3n * unit,
        start: 0,
        cliff: 86_400,
        end: 864_000,
        purpose: 'p',
      })[1]!,
      `stream 3 DIMO to ${address(99)} from 1970-01-01 00:00:00 UTC to 1970-01-11 00:00:00 UTC, nothing before 1970-01-02 00:00:00 UTC: "p"`,
    ],
    [
      changeStream(deployment, { id: 2n, total: 4n * unit, end: 864_000 })[0]!,
      'let stream 2 pay 4 DIMO in all, until 1970-01-11 00:00:00 UTC',
    ],
    [cancelStream(deployment, { id: 2n }), "end stream 2; what has accrued stays its recipient's"],
    [sweepSurplus(deployment, 'Streams'), 'return to the treasury what the streams have not promised'],
    [sweepSurplus(deployment, 'Grants'), 'return to the treasury what the grants have not promised'],
    [
      openGrant(deployment, {
        recipient: address(99),
        milestones: [
          { title: 'a', amount: unit },
          { title: 'b', amount: 2n * unit },
        ],
        deadline: 864_000,
        purpose: 'p',
      })[1]!,
      `grant ${address(99)} 1 DIMO for "a", 2 DIMO for "b", released by DIP until 1970-01-11 00:00:00 UTC: "p"`,
    ],
    [
      openGrant(deployment, {
        recipient: address(99),
        milestones: [{ title: 'a', amount: unit }],
        committeeId: 7n,
        deadline: 864_000,
        purpose: 'p',
      })[1]!,
      `grant ${address(99)} 1 DIMO for "a", released by DIP or committee 7 until 1970-01-11 00:00:00 UTC: "p"`,
    ],
    [releaseTranche(deployment, { id: 2n, tranche: 1n, evidence: 'e' }), 'release tranche 1 of grant 2: "e"'],
    [extendGrant(deployment, { id: 2n, deadline: 864_000 }), 'let grant 2 run until 1970-01-11 00:00:00 UTC'],
    [clawBackGrant(deployment, { id: 2n }), 'end grant 2 and take back what is not released'],
    [
      setCommittee(deployment, { id: 7n, member: address(99), budget: unit, periodDays: 30 }),
      `let ${address(99)} act as committee 7, with a budget of 1 DIMO that refills in 30 days`,
    ],
    [removeCommittee(deployment, { id: 7n }), 'remove committee 7'],
    [
      setReferralTerms(deployment, { referrerAmount: unit, refereeAmount: 2n * unit, paidMax: 9n * unit }),
      'pay 1 DIMO to who refers a driver and 2 DIMO to the driver, 9 DIMO in all',
    ],
    [closeReferrals(deployment), 'end referrals for good; what was accepted can be paid for 90 days more'],
    [
      setLevelTable(deployment, {
        data: [1, 2, 3, 4].map((least) => ({ packsMin: least, signalsMin: 10 * least })),
        streak: { weeksMin1: 4, weeksMin2: 21, weeksMin3: 36, missedWeeksMax: 3 },
        locks: [1n, 2n, 3n].map((amount) => ({ amount: amount * unit, durationSeconds: 86_400 })),
      }),
      'count from now on: data levels 3 to 6 from 1 packs and 10 signals, 2 packs and 20 signals, 3 packs and 30 ' +
        'signals, 4 packs and 40 signals; streaks from 4, 21, 36 weeks, a level lost after 3 missed; locks of 1 DIMO ' +
        'for 1 day, 2 DIMO for 1 day, 3 DIMO for 1 day',
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
