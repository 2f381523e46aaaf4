// What a voter reads: each action in one sentence, with the names of our contracts in place of addresses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AbiFunction, type Hex, keccak256, stringToHex, toFunctionSelector } from 'viem';
import { type ContractName, type Deployment, loadArtifact, plan } from '../../../tools/deploy/index.ts';
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
  grantRole,
  openGrant,
  openStream,
  rawCall,
  reinstateDecoder,
  releaseTranche,
  removeCommittee,
  replaceGovernor,
  retireDevice,
  revokeRole,
  setActionLevels,
  setBountyLifetime,
  setCheckpointSigners,
  setCommittee,
  setLevelTable,
  setLevelTerms,
  setReferralTerms,
  setRewardParameters,
  setTimelockDelay,
  setVerifier,
  slashLicence,
  suspendDecoder,
  sweepSurplus,
  treasuryCall,
  upgradeContract,
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
    [releaseTranche(deployment, { id: 2n, tranche: 1n, evidence: 'e' }), 'release tranche 2 of grant 2: "e"'],
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
    [
      setRewardParameters(deployment, {
        weeklyInitial: 7n * unit,
        yearlyPercent: 85,
        bountySharePercent: 20,
        challengeHours: 48,
        claimWeeks: 26,
      }),
      'pay 7 DIMO a week in the first year and 85 % of it each year after, 20 % of what platforms without a decoder ' +
        'earn into their bounties; 2 days to challenge a root, 26 weeks to claim',
    ],
    [grantRole(deployment, { role: 'rewardPoster', account: address(99) }), `let ${address(99)} act as REWARD_POSTER`],
    [
      contractCall(deployment, 'AccessManager', 'grantRole', [0n, address(99), 86_400]),
      `let ${address(99)} act as ADMIN, which may do everything, 1 day after announcing it`,
    ],
    [
      revokeRole(deployment, { role: 'guardian', account: address(99) }),
      `no longer let ${address(99)} act as GUARDIAN`,
    ],
    [
      contractCall(deployment, 'AccessManager', 'revokeRole', [77n, address(99)]),
      `no longer let ${address(99)} act as role 77`,
    ],
    [replaceGovernor(deployment, { governor: address(99) })[0]!, `let ${address(99)} be PROPOSER of the timelock`],
    [
      replaceGovernor(deployment, { governor: address(99) })[4]!,
      'no longer let DimoGovernor be EXECUTOR of the timelock',
    ],
    [
      setActionLevels(deployment, [
        {
          target: addresses.Treasury!,
          selector: treasuryCall(deployment, { target: address(99), data: '0x' }).data.slice(0, 10) as Hex,
          level: 2,
        },
        { target: address(99), selector: '0x87654321', level: 3 },
      ]),
      `weigh from now on Treasury.execute at level 2, 0x87654321 of ${address(99)} at level 3`,
    ],
    [
      upgradeContract(deployment, { contract: 'Treasury', implementation: address(99) }),
      `give Treasury the code at ${address(99)}`,
    ],
    [
      upgradeContract(deployment, { contract: 'Treasury', implementation: address(99), data: '0x12345678' }),
      `give Treasury the code at ${address(99)}, and at once call Treasury (a function it is not known to have) with the data 0x12345678`,
    ],
    [
      treasuryCall(deployment, {
        target: addresses.DimoToken!,
        data: contractCall(deployment, 'DimoToken', 'transfer', [address(99), unit]).data,
      }),
      `have the treasury send 1 DIMO of the treasury's own to ${address(99)}`,
    ],
    [
      treasuryCall(deployment, { target: address(99), data: '0x', wei: unit }),
      `have the treasury, with 1 ether, call ${address(99)} (a contract that is not ours) without data`,
    ],
    [
      contractCall(deployment, 'AccessManager', 'multicall', [
        [1n, 2n].map((id) => contractCall(deployment, 'AccessManager', 'revokeRole', [id, address(99)]).data),
      ]),
      `no longer let ${address(99)} act as GUARDIAN, then no longer let ${address(99)} act as REWARD_POSTER`,
    ],
    [
      rawCall(address(99), contractCall(deployment, 'DimoToken', 'transfer', [address(98), 5n]).data, unit),
      `call ${address(99)} (a contract that is not ours) with the data ${contractCall(deployment, 'DimoToken', 'transfer', [address(98), 5n]).data}, ` +
        `which of a token would be transfer(${address(98)}, 5), with 1 ether`,
    ],
  ];
  for (const [action, words] of rows) {
    await t.test(words, () => assert.equal(explainAction(deployment, action).words, words));
  }
});

test('calls within calls are read to a depth, and what lies deeper is shown as data', () => {
  let action = treasuryCall(deployment, { target: address(99), data: '0x' });
  for (let depth = 0; depth < 5; depth++) action = treasuryCall(deployment, action);
  const { words } = explainAction(deployment, action);
  assert.match(
    words,
    /^(have the treasury ){4}call Treasury with the data 0x1cff79cd|^(have the treasury ){4}call Treasury/,
  );
  assert.ok(words.includes('with the data 0x'));
});

test('whatever a proposal calls, and with whatever words, it is explained', () => {
  const selectors = plan.flatMap(({ name }) =>
    loadArtifact(name)
      .abi.filter((item): item is AbiFunction => item.type === 'function')
      .map((item) => ({ target: addresses[name]!, selector: toFunctionSelector(item) })),
  );
  const word = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    fc.bigInt({ min: 0n, max: 400n }),
    fc.constantFrom(2n ** 48n - 1n, 2n ** 256n - 1n, 0n, 32n, 64n),
  );
  fc.assert(
    fc.property(fc.constantFrom(...selectors), fc.array(word, { maxLength: 12 }), ({ target, selector }, words) => {
      const data: Hex = `${selector}${words.map((one) => one.toString(16).padStart(64, '0')).join('')}`;
      const explained = explainAction(deployment, rawCall(target, data));
      assert.ok(explained.words.length > 0);
    }),
    { numRuns: 500 },
  );
});
