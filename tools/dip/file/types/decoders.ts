/** Actions on decoders, who vouches for them, and what their authors are paid. */
import { zeroHash } from 'viem';
import { awardBounty, deprecateDecoder, fundBounty, listDecoder, revokeDecoder } from '../../actions.ts';
import { setBountyLifetime } from '../../money-actions.ts';
import { reinstateDecoder, retireDecoder, setCheckpointSigners, suspendDecoder } from '../../registry-actions.ts';
import {
  address,
  bytes,
  count,
  dimo,
  duration,
  hash,
  hashOrNone,
  line,
  list,
  map,
  optional,
  platform,
  Refusal,
  time,
} from '../arguments/index.ts';
import { type ActionType, actionType, exampleHash, somebody } from './action-type.ts';

const uint32 = count(0, 4_294_967_295);
const decoder = { decoder: hash };
const decoderExample = exampleHash('d');
const day = 86_400;

export const decoderTypes: readonly ActionType[] = [
  actionType('list-decoder', 'let Miners decode with a file, by its signed consent', {
    arguments: {
      contentHash: hash,
      semanticHash: hash,
      moduleHash: hash,
      platform,
      version: count(1, 4_294_967_295),
      sizeBytes: uint32,
      author: address,
      payee: address,
      licence: line(512),
      id: line(128),
      consent: map({ nonce: count(0, 2 ** 48), deadline: time, signature: bytes(64, 4_096) }),
    },
    example: ({ day }) => ({
      contentHash: decoderExample,
      semanticHash: exampleHash('e'),
      moduleHash: exampleHash('f'),
      platform: 'acme-roadster-2026',
      version: '1',
      sizeBytes: '40000',
      author: somebody,
      payee: somebody,
      licence: 'Apache-2.0',
      id: 'acme/roadster',
      consent: { nonce: '0', deadline: day(60), signature: `0x${'ab'.repeat(65)}` },
    }),
    build: (deployment, { consent, ...listing }) =>
      listDecoder(deployment, listing, {
        nonce: BigInt(consent.nonce),
        deadline: BigInt(consent.deadline),
        signature: consent.signature,
      }),
  }),
  actionType('deprecate-decoder', 'let a decoder run out, in favour of another', {
    arguments: { ...decoder, successor: optional(hashOrNone, zeroHash), graceEnds: time },
    example: ({ day }) => ({ decoder: decoderExample, graceEnds: day(120) }),
    build: (deployment, { decoder, successor, graceEnds }) =>
      deprecateDecoder(deployment, { contentHash: decoder, successor, graceEnds }),
  }),
  actionType('retire-decoder', 'end a deprecated decoder before its grace does', {
    arguments: decoder,
    example: () => ({ decoder: decoderExample }),
    build: (deployment, { decoder }) => retireDecoder(deployment, { contentHash: decoder }),
  }),
  actionType('suspend-decoder', 'take a decoder out of use for a time: at most 14 days, and once', {
    arguments: { ...decoder, duration, reason: line() },
    example: () => ({ decoder: decoderExample, duration: '14 days', reason: 'a wrong unit' }),
    build: (deployment, { decoder, duration, reason }) =>
      suspendDecoder(deployment, { contentHash: decoder, durationSeconds: duration, reason }),
  }),
  actionType('reinstate-decoder', "end a decoder's suspension early", {
    arguments: decoder,
    example: () => ({ decoder: decoderExample }),
    build: (deployment, { decoder }) => reinstateDecoder(deployment, { contentHash: decoder }),
  }),
  actionType('revoke-decoder', 'withdraw a decoder for good', {
    arguments: { ...decoder, reason: line() },
    example: () => ({ decoder: decoderExample, reason: 'not the work of its author' }),
    build: (deployment, { decoder, reason }) => revokeDecoder(deployment, { contentHash: decoder, reason }),
  }),
  actionType('set-checkpoint-signers', 'say who vouches for decoders towards Miners that are offline', {
    arguments: { signers: list(address, 0, 32), threshold: count(0, 32) },
    example: () => ({ signers: [somebody, '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'], threshold: '2' }),
    build: (deployment, { signers, threshold }) => {
      if (threshold > signers.length) {
        throw new Refusal(`${threshold} of ${signers.length} signers cannot sign`, ['threshold']);
      }
      return setCheckpointSigners(deployment, { signers, threshold });
    },
  }),
  actionType('fund-bounty', "put tokens of the treasury into a platform's decoder bounty", {
    arguments: { platform, amount: dimo },
    example: () => ({ platform: 'acme-roadster-2026', amount: '10000 DIMO' }),
    build: fundBounty,
  }),
  actionType('award-bounty', "pay a platform's bounty for a revealed decoder", {
    arguments: { platform, ...decoder, payee: address, amountMin: dimo },
    example: () => ({
      platform: 'acme-roadster-2026',
      decoder: decoderExample,
      payee: somebody,
      amountMin: '10000 DIMO',
    }),
    build: (deployment, { decoder, ...award }) => awardBounty(deployment, { ...award, contentHash: decoder }),
  }),
  actionType('set-bounty-lifetime', 'say how long bounties that are opened from now on last', {
    arguments: { lifetime: duration },
    example: () => ({ lifetime: '365 days' }),
    build: (deployment, { lifetime }) => setBountyLifetime(deployment, { lifetimeDays: lifetime / day }),
  }),
];
