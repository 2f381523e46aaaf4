/** Actions on the programs that pay people over time: grants, streams, referrals. */
import {
  cancelStream,
  changeStream,
  clawBackGrant,
  closeReferrals,
  extendGrant,
  fundReferrals,
  openGrant,
  openStream,
  releaseTranche,
  removeCommittee,
  setCommittee,
  setReferralTerms,
  sweepSurplus,
} from '../../program-actions.ts';
import { address, choice, count, dimo, duration, id, line, list, map, optional, time } from '../arguments/index.ts';
import { type ActionType, actionType, somebody } from './action-type.ts';

const purpose = line();

export const programTypes: readonly ActionType[] = [
  actionType('open-grant', 'pay a grant into its program, and promise it by milestones', {
    arguments: {
      recipient: address,
      milestones: list(map({ title: line(200), amount: dimo }), 1, 32),
      committee: optional(id),
      deadline: time,
      purpose,
    },
    example: ({ day }) => ({
      recipient: somebody,
      milestones: [
        { title: 'design', amount: '100000 DIMO' },
        { title: 'delivery', amount: '300000 DIMO' },
      ],
      deadline: day(365),
      purpose: 'an app for fleets',
    }),
    build: (deployment, { committee, ...grant }) =>
      openGrant(deployment, { ...grant, ...(committee !== undefined && { committeeId: committee }) }),
  }),
  actionType('release-tranche', 'release one tranche of a grant; the first is 1', {
    arguments: { grant: id, tranche: count(1, 32), evidence: line() },
    example: () => ({ grant: '1', tranche: '1', evidence: 'https://example.org/report' }),
    build: (deployment, { grant, tranche, evidence }) =>
      releaseTranche(deployment, { id: grant, tranche: BigInt(tranche - 1), evidence }),
  }),
  actionType('claw-back-grant', 'end a grant: what is not released goes back to the treasury', {
    arguments: { grant: id },
    example: () => ({ grant: '1' }),
    build: (deployment, { grant }) => clawBackGrant(deployment, { id: grant }),
  }),
  actionType('extend-grant', "move a grant's deadline", {
    arguments: { grant: id, deadline: time },
    example: ({ day }) => ({ grant: '1', deadline: day(500) }),
    build: (deployment, { grant, deadline }) => extendGrant(deployment, { id: grant, deadline }),
  }),
  actionType('set-committee', 'let an address release tranches, within a budget that refills', {
    arguments: { committee: id, member: address, budget: dimo, period: duration },
    example: () => ({ committee: '1', member: somebody, budget: '50000 DIMO', period: '30 days' }),
    build: (deployment, { committee, member, budget, period }) =>
      setCommittee(deployment, { id: committee, member, budget, periodDays: period / 86_400 }),
  }),
  actionType('remove-committee', "take a committee's power away", {
    arguments: { committee: id },
    example: () => ({ committee: '1' }),
    build: (deployment, { committee }) => removeCommittee(deployment, { id: committee }),
  }),
  actionType('open-stream', 'pay a stream into its program, and let it accrue to somebody', {
    arguments: { recipient: address, total: dimo, start: time, cliff: optional(time), end: time, purpose },
    example: ({ day }) => ({
      recipient: somebody,
      total: '1200000 DIMO',
      start: day(30),
      cliff: day(120),
      end: day(395),
      purpose: 'upkeep of the decoders',
    }),
    build: (deployment, { cliff, ...stream }) =>
      openStream(deployment, { ...stream, ...(cliff !== undefined && { cliff }) }),
  }),
  actionType('change-stream', 'change what a stream pays in all, and until when', {
    arguments: { stream: id, total: dimo, end: time, added: optional(dimo, 0n) },
    example: ({ day }) => ({ stream: '1', total: '1500000 DIMO', end: day(500), added: '300000 DIMO' }),
    build: (deployment, { stream, total, end, added }) => changeStream(deployment, { id: stream, total, end, added }),
  }),
  actionType('cancel-stream', "end a stream: what has accrued stays its recipient's", {
    arguments: { stream: id },
    example: () => ({ stream: '1' }),
    build: (deployment, { stream }) => cancelStream(deployment, { id: stream }),
  }),
  actionType('sweep-surplus', 'return to the treasury what a program holds and has not promised', {
    arguments: { program: choice({ streams: 'Streams', grants: 'Grants' } as const) },
    example: () => ({ program: 'grants' }),
    build: (deployment, { program }) => sweepSurplus(deployment, program),
  }),
  actionType('set-referral-terms', 'set what a referral pays, and the most that all of them pay', {
    arguments: { referrerAmount: dimo, refereeAmount: dimo, paidMax: dimo },
    example: () => ({ referrerAmount: '80 DIMO', refereeAmount: '20 DIMO', paidMax: '2500000 DIMO' }),
    build: setReferralTerms,
  }),
  actionType('fund-referrals', 'pay tokens of the treasury into the pool of referrals', {
    arguments: { amount: dimo },
    example: () => ({ amount: '500000 DIMO' }),
    build: fundReferrals,
  }),
  actionType('close-referrals', 'end referrals for good', {
    arguments: {},
    example: () => ({}),
    build: closeReferrals,
  }),
];
