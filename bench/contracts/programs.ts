/** Gas of what pays people over time: streams, grants, locks and referrals. */
import type { Account } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { enrolDevice } from '../../tools/registry/index.ts';
import { type Bench, day, hash, token } from './gas.ts';

const now = async ({ platform }: Bench): Promise<number> =>
  Number((await platform.clients.publicClient.getBlock()).timestamp);

/** The recipient holds tokens, as one who is paid week by week does, and has not delegated votes. */
export async function streams(bench: Bench): Promise<void> {
  const { platform, note, call } = bench;
  const { DimoToken, Streams } = platform.deployment.addresses;
  const recipient = platform.stranger;
  await call('Treasury', 'spend', [DimoToken, Streams, 1_000n * token]);
  const start = await now(bench);
  const terms = [recipient.address, 100n * token, start, start, start + 300 * day, 'upkeep'];
  await call('Streams', 'create', terms);
  note('open a stream', await call('Streams', 'create', terms));
  await platform.advance(day);
  await call('Streams', 'withdrawAll', [2n, recipient.address], recipient);
  await platform.advance(day);
  note('withdraw from a stream', await call('Streams', 'withdrawAll', [2n, recipient.address], recipient), 50_000);
  note('change a stream', await call('Streams', 'change', [2n, 200n * token, start + 400 * day]), 160_000);
  note('cancel a stream', await call('Streams', 'cancel', [2n]), 160_000);
  note('a transfer alone', await call('DimoToken', 'transfer', [platform.rewardPoster.address, 1n], recipient));
}

export async function grants(bench: Bench): Promise<void> {
  const { platform, note, call } = bench;
  const { DimoToken, Grants } = platform.deployment.addresses;
  const recipient = platform.stranger;
  const member = platform.holders[1] as Account;
  await call('Treasury', 'spend', [DimoToken, Grants, 1_000n * token]);
  await call('Grants', 'setCommittee', [1n, member.address, 500n * token, 30 * day]);
  const tranches = [100n * token, 100n * token, 100n * token];
  const deadline = (await now(bench)) + 100 * day;
  const grant = [recipient.address, tranches, ['a', 'b', 'c'], 1n, deadline, 'work'];
  note('open a grant of 3 tranches', await call('Grants', 'create', grant));
  note('release a tranche by vote', await call('Grants', 'release', [1n, 0n, '']), 160_000);
  note('release a tranche by committee', await call('Grants', 'releaseByCommittee', [1n, 1n, ''], member));
  note('withdraw from a grant', await call('Grants', 'withdraw', [1n, recipient.address], recipient));
  note('claw back a grant', await call('Grants', 'clawBack', [1n]), 160_000);
}

/** Under licence 1, whose attestation signer is the first holder. */
export async function drivers({ platform, note, call }: Bench): Promise<void> {
  const { clients, deployment, holders } = platform;
  const [licenceSigner, driver] = holders as [ReturnType<typeof privateKeyToAccount>, Account];
  const device = privateKeyToAccount(hash('driven'));
  const request = { device, licenceSigner, manufacturerId: 1n, modelId: hash('model'), owner: driver.address };
  await enrolDevice(clients, deployment, request);
  await call('DimoToken', 'approve', [deployment.addresses.VehicleLocks, 10_000n * token], driver);
  note('lock tokens for a vehicle', await call('VehicleLocks', 'lock', [device.address, 1], driver));
  note('raise a lock', await call('VehicleLocks', 'raise', [device.address, 2], driver));
  const accept = [device.address, licenceSigner.address];
  note('accept a referral', await call('ReferralProgram', 'accept', accept, driver));
}
