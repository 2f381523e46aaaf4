/** One DIP of all examples of the table of actions, on a chain on which each of them makes sense. */
import { type Hex, keccak256, numberToHex, type PrivateKeyAccount, stringToHex } from 'viem';
import { loadArtifact, localAccounts, plan } from '../../../../tools/deploy/index.ts';
import { exampleAction, findActionType, type NamedAction } from '../../../../tools/dip/file/index.ts';
import { type DecoderListing, explainAction } from '../../../../tools/dip/index.ts';
import { enrolDevice, signConsent } from '../../../../tools/registry/index.ts';
import { sameCode, type TrialWorld, vaultArtifact } from './trial-world.ts';

/** The maker of the examples is the first holder; keys of the local chain sign. */
const [, maker, , , , , , author, device] = localAccounts() as PrivateKeyAccount[];
const [contentHash, secondHash] = ['d', '9'].map((digit) => `0x${digit.repeat(64)}` as Hex);

/** Prepares the chain, and gives the actions in an order in which all of them hold. */
export async function allExamples(world: TrialWorld): Promise<NamedAction[]> {
  const { at, clients, deployment } = world;
  const nowMs = async () => (await world.now()) * 1000;
  let today = await nowMs();
  const example = (name: string, changed: Record<string, unknown> = {}): NamedAction => ({
    ...exampleAction(findActionType(name)!, today),
    ...changed,
  });

  /** The example of a decoder with its author's real consent. */
  async function decoderExample(contentHash: Hex): Promise<NamedAction> {
    const payee = author!.address;
    const action = example('list-decoder', { contentHash, author: payee, payee });
    const [call] = world.dipOf(action).actions;
    const listing = explainAction(deployment, call!).args.decoder as DecoderListing;
    const { nonce, deadline, signature } = await signConsent(clients, deployment, listing, author!);
    const ends = new Date(Number(deadline) * 1000).toISOString().replace('.000', '');
    return { ...action, consent: { nonce: String(nonce), deadline: ends, signature } };
  }

  // A licence with its bond posted, a device, a revealed decoder, and ether: what examples refer to.
  await world.earlier(example('grant-licence'));
  await world.call(maker!, 'DimoToken', 'approve', [at.ManufacturerRegistry, 10n ** 23n]);
  await world.call(maker!, 'ManufacturerRegistry', 'postBond', [1n]);
  const modelId = keccak256(stringToHex('model'));
  const enrolment = { device: device!, licenceSigner: maker!, manufacturerId: 1n, modelId, owner: maker!.address };
  await enrolDevice(clients, deployment, enrolment);
  const { platform } = explainAction(deployment, world.dipOf(example('fund-bounty')).actions[2]!).args;
  const work = [platform, contentHash, author!.address, keccak256(stringToHex('salt'))];
  const commitment = await clients.publicClient.readContract({
    address: at.Bounties,
    abi: loadArtifact('Bounties').abi,
    functionName: 'commitmentOf',
    args: work,
  });
  await world.call(author!, 'Bounties', 'commit', [commitment]);
  await world.call(author!, 'Bounties', 'reveal', work);
  for (const address of [at.Treasury, at.TimelockController]) {
    await world.chain.request('hardhat_setBalance', [address, numberToHex(10n ** 18n)]);
  }
  const vault = await world.deploy(vaultArtifact(), [at.DimoToken]);
  const implementation = await world.deploy(sameCode('DimoToken'));
  const governorArgs = plan.find(({ name }) => name === 'DimoGovernor')!.args(at, world.options, deployment.deployer);
  const governor = await world.deploy(sameCode('DimoGovernor'), governorArgs);
  today = await nowMs();

  return [
    example('grant-licence'),
    example('set-device-cap'),
    example('certify-model'),
    example('withdraw-certificate'),
    example('suspend-licence'),
    example('reinstate-licence'),
    example('slash-licence'),
    example('revoke-licence'),
    example('set-verifier'),
    example('retire-device', { device: device!.address }),
    await decoderExample(contentHash!),
    example('suspend-decoder'),
    example('reinstate-decoder'),
    example('deprecate-decoder'),
    example('retire-decoder'),
    await decoderExample(secondHash!),
    example('revoke-decoder', { decoder: secondHash }),
    example('set-checkpoint-signers'),
    example('fund-bounty'),
    example('award-bounty'),
    example('set-bounty-lifetime'),
    example('spend'),
    example('spend-ether'),
    example('invest', { vault }),
    example('divest', { vault }),
    example('spend-token', { token: vault }),
    example('treasury-call'),
    example('mint'),
    example('burn'),
    example('fund-rewards'),
    example('set-reward-parameters'),
    example('set-level-table'),
    example('set-committee'),
    example('open-grant'),
    example('extend-grant'),
    example('release-tranche'),
    example('claw-back-grant'),
    example('remove-committee'),
    example('sweep-surplus'),
    example('open-stream'),
    example('change-stream'),
    example('cancel-stream'),
    example('fund-referrals'),
    example('set-referral-terms'),
    example('close-referrals'),
    example('call'),
    example('raw-call'),
    example('upgrade', { implementation }),
    example('grant-role'),
    example('revoke-role'),
    example('set-level-terms'),
    example('set-action-levels'),
    example('set-voting-delay'),
    example('set-voting-period'),
    example('set-late-quorum-extension'),
    example('set-proposal-threshold'),
    example('set-guardian'),
    example('set-timelock-delay'),
    example('assert-governable'),
    example('replace-governor', { governor }),
  ];
}
