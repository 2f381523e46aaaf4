/** `miner enrol ...`: gives device keys their identity on chain, one by one or a production line at once. */
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Address, Hex } from 'viem';
import type { Context } from '../../dip/index.ts';
import type { BatchRecord } from '../../registry/index.ts';
import { jsonLine, openContext, openSending, type SenderFlags, withChain, withSender } from '../chain-context.ts';
import { addressArgument, integerBetween, numberBetween } from '../options.ts';
import { guarded } from './dip/open.ts';

/** Numbers of the accounts that play these parts on the chain of `miner chain`. */
const parts = { maker: 4, driver: 6 };

const licenceNumber = integerBetween(1, 2 ** 48);
const daySeconds = 86_400;

interface EnrolFlags extends SenderFlags {
  key?: string;
  licence: number;
  model?: string;
  owner?: Address;
}

interface BatchFlags {
  data: string;
  rpc?: string;
  chainId?: number;
  json?: boolean;
  keys: string;
  out: string;
  licence: number;
  model?: string;
  days: number;
  force?: boolean;
}

function hexArgument(text: string): Hex {
  if (/^0x(?:[0-9a-f]{2})+$/i.test(text)) return text as Hex;
  throw new InvalidArgumentError('Expected 0x and pairs of hex digits.');
}

export function registerEnrol(program: Command): void {
  const enrol = program
    .command('enrol')
    .description("enrol a device: the maker's key and the device's sign; or devices of a production line")
    .addHelpText(
      'after',
      `
Options of "miner enrol" itself: see "miner enrol device --help".

Examples
  $ miner enrol --data .miner
  $ miner enrol batch --keys devices.csv --licence 1 --model box-2 --out batch
  $ miner enrol post --batch batch --keystore maker.json
  $ miner enrol one --batch batch --key device.key --owner 0x..`,
    );
  // A command of its own: options of the group would be taken for the group's wherever they stand.
  withSender(enrol.command('device', { isDefault: true }), "the maker's attestation signer", parts.maker)
    .description('one device by itself; what "miner enrol" does when no other command is named')
    .option('--key <file>', 'device key, made when it is not there; <data>/device.key when left out')
    .option('--licence <n>', 'under which it is made', licenceNumber, 1)
    .option('--model <name>', "the maker's name for the model; the demonstration maker's when left out")
    .option('--owner <address>', "who will own the device; a local chain's driver when left out", addressArgument)
    .addHelpText('after', '\nExample\n  $ miner enrol --key device.key --licence 1 --model box-2 --owner 0x..')
    .action(guarded(enrolSingle));
  withChain(enrol.command('batch').description('plan a production line: a CSV of public keys in, one root out'))
    .requiredOption('--keys <csv>', 'a line a device: key, owner, model, curve; the first line may name the columns')
    .requiredOption('--out <folder>', 'where batch.json and devices.jsonl, with a proof a device, go')
    .option('--licence <n>', 'under which the devices are made', licenceNumber, 1)
    .option('--model <name>', 'of all of them, where the CSV does not say')
    .option('--days <n>', 'how long devices may enrol from it, from now', numberBetween(1, 3_650), 365)
    .option('--force', 'replace another batch that stands there')
    .addHelpText(
      'after',
      `
Keys are SEC 1 points in hex, of secp256k1 or P-256, or addresses; compressed ones need their curve. Nothing is sent.

Example
  $ miner enrol batch --keys devices.csv --licence 1 --model box-2 --out batch`,
    )
    .action(guarded(planBatch));
  withSender(enrol.command('post'), "the licence's attestation signer, or who pays for gas", parts.maker)
    .description('sign a planned batch and post its root; once posted, a second run says so')
    .requiredOption('--batch <folder>', 'from "miner enrol batch"')
    .option('--signature <hex>', "made elsewhere, over the batch's id, by the attestation signer", hexArgument)
    .addHelpText('after', '\nExample\n  $ miner enrol post --batch batch --keystore maker.json')
    .action(guarded(postBatch));
  withSender(enrol.command('one'), 'who pays for gas', parts.driver)
    .description('enrol a device of a posted batch, when it is unpacked; once enrolled, a second run says so')
    .requiredOption('--batch <folder>', 'with batch.json, and devices.jsonl or the line of this device in it')
    .requiredOption('--key <file>', "the device's key, 64 hex digits")
    .option('--curve <name>', 'of that key: secp256k1 or p256', curveArgument, 'secp256k1')
    .option('--owner <address>', 'who will own it; as the batch says when left out, else the sender', addressArgument)
    .addHelpText('after', '\nExample\n  $ miner enrol one --batch batch --key device.key --owner 0x..')
    .action(guarded(enrolOne));
}

function curveArgument(text: string): string {
  if (text === 'secp256k1' || text === 'p256') return text;
  throw new InvalidArgumentError('Expected secp256k1 or p256.');
}

async function enrolSingle(flags: EnrolFlags): Promise<void> {
  const [folder, { localActors }, { demoMaker }, { enrolDevice }] = await Promise.all([
    import('../data-folder.ts'),
    import('../demo/world.ts'),
    import('../demo/dips.ts'),
    import('../../registry/index.ts'),
  ]);
  const { data, key, json, licence } = flags;
  const modelId = (await modelOption(flags.model)) ?? demoMaker.modelId;
  const { context, sender } = await openSending(flags, parts.maker);
  const owner = flags.owner ?? (await ownerOnLocalChain(context.deployment.chainId, localActors));
  const { account } = folder.readOrMakeKey(key ?? path.join(data, 'device.key'));
  const known = await enrolledBefore(context, account.address);
  if (known) return tell(json, 'enrolled before', known);
  const request = { device: account, licenceSigner: sender, manufacturerId: BigInt(licence), modelId, owner };
  await enrolDevice(context.clients, context.deployment, request, sender);
  tell(json, 'enrolled', { device: account.address, owner, manufacturer: licence });
}

interface Enrolled {
  device: Address;
  owner: Address;
  manufacturer: number;
}

/** A device that is active; undefined for others, which the registry enrols, or refuses with its reason. */
async function enrolledBefore(context: Context, device: Address): Promise<Enrolled | undefined> {
  const { readFrom } = await import('../../applicants/index.ts');
  const { status, owner, manufacturerId } = await readFrom<{ status: number; owner: Address; manufacturerId: bigint }>(
    context,
    'MinerRegistry',
    'deviceInfo',
    [device],
  );
  return status === 1 ? { device, owner, manufacturer: Number(manufacturerId) } : undefined;
}

function tell(json: boolean | undefined, outcome: 'enrolled' | 'enrolled before', facts: Enrolled): void {
  const { device, owner, manufacturer } = facts;
  process.stdout.write(
    json ? jsonLine({ outcome, ...facts }) : `${outcome}: ${device} under licence ${manufacturer}, owner ${owner}\n`,
  );
}

/** @throws {MinerError} OPTION_INVALID */
async function modelOption(text: string | undefined): Promise<Hex | undefined> {
  if (text === undefined) return undefined;
  const [{ modelIdOf }, { toolError }] = await Promise.all([
    import('../../registry/index.ts'),
    import('../../errors/index.ts'),
  ]);
  const modelId = modelIdOf(text);
  if (modelId) return modelId;
  const expected = 'a name of at most 32 bytes, or 0x and 64 hex digits';
  throw toolError('OPTION_INVALID', { option: '--model', value: text.slice(0, 80), expected });
}

async function ownerOnLocalChain(
  chainId: number,
  localActors: () => { driver: { address: Address } },
): Promise<Address> {
  const { localChainId } = await import('../../deploy/index.ts');
  if (chainId === localChainId) return localActors().driver.address;
  const { toolError } = await import('../../errors/index.ts');
  throw toolError('OPTION_MISSING', { option: '--owner', reason: 'on this chain nobody stands in for the owner' });
}

async function planBatch(flags: BatchFlags): Promise<void> {
  const [registry, { chainTime, readLicence }, { toolError }, { createProgress }] = await Promise.all([
    import('../../registry/index.ts'),
    import('../../applicants/index.ts'),
    import('../../errors/index.ts'),
    import('../../progress.ts'),
  ]);
  const reading = createProgress({ label: 'read', unit: 'devices' });
  const list = await registry.readDeviceList(flags.keys, (count) => reading.update(0, count)).finally(reading.end);
  const model = await modelOption(flags.model);
  const modelId = list.modelId ?? model;
  if (modelId === undefined) {
    throw toolError('OPTION_MISSING', {
      option: '--model',
      reason: `${flags.keys} does not say of which model they are`,
    });
  }
  if (flags.model !== undefined && model !== modelId) {
    const expected = `${registry.modelName(modelId)}, as ${flags.keys} says`;
    throw toolError('OPTION_INVALID', { option: '--model', value: flags.model, expected });
  }
  const context = await openContext(flags);
  const { nonce, fleet, deviceCap, status } = await readLicence(context, BigInt(flags.licence));
  const deadline = BigInt((await chainTime(context)) + flags.days * daySeconds);
  const at = registry.minerDomainOf(context.deployment);
  const terms = { manufacturerId: BigInt(flags.licence), modelId, nonce, deadline };
  const plan = registry.planBatch(at, terms, list.devices);
  const known = registry.isBatchFolder(flags.out) ? readKnown(registry.readBatchRecord, flags) : undefined;
  const isSame = known?.batch.root === plan.batch.root;
  if (known && !isSame && !flags.force) throw toolError('OUTPUT_EXISTS', { path: flags.out, what: 'another batch' });
  // The same devices under the same terms: what was signed stays as it is.
  const { batch, batchId } = isSame ? known : plan;
  if (!isSame) {
    const writing = createProgress({ label: 'write', unit: 'devices' });
    const contents = { at, plan, owners: list.owners };
    await registry.writeBatch(flags.out, contents, (count) => writing.update(0, count)).finally(writing.end);
  }
  const devices = list.devices.length;
  if (fleet + devices > deviceCap) {
    process.stderr.write(
      `note: licence ${flags.licence} may have ${deviceCap} devices and has ${fleet}: not all ${devices} can be enrolled\n`,
    );
  }
  if (status !== 'active')
    process.stderr.write(`note: licence ${flags.licence} is ${status}; to post, it has to be active\n`);
  process.stdout.write(
    flags.json
      ? jsonLine({ outcome: isSame ? 'planned before' : 'planned', batchId, ...batch })
      : `${devices} devices of model ${registry.modelName(modelId)} under root ${batch.root}\n` +
          `${isSame ? 'planned before' : 'written'}: ${flags.out}\nnext: miner enrol post --batch ${flags.out}\n`,
  );
}

function readKnown(read: (folder: string) => BatchRecord, { out, force }: BatchFlags): BatchRecord | undefined {
  try {
    return read(out);
  } catch (error) {
    if (force) return undefined;
    throw error;
  }
}

/** @throws {MinerError} BATCH_FILE when a batch was planned for another chain */
async function openBatch(folder: string, deployment: { chainId: number; addresses: { MinerRegistry: Address } }) {
  const [{ batchFile, readBatchRecord }, { toolError }] = await Promise.all([
    import('../../registry/index.ts'),
    import('../../errors/index.ts'),
  ]);
  const record = readBatchRecord(folder);
  const { chainId, addresses } = deployment;
  if (record.chainId !== chainId || record.registry.toLowerCase() !== addresses.MinerRegistry.toLowerCase()) {
    const problem = `is of chain ${record.chainId}, registry ${record.registry}; this is chain ${chainId}, ${addresses.MinerRegistry}`;
    throw toolError('BATCH_FILE', { path: batchFile(folder), problem });
  }
  return record;
}

async function postBatch(flags: SenderFlags & { batch: string; signature?: Hex }): Promise<void> {
  const [registry, applicants, { toolError }] = await Promise.all([
    import('../../registry/index.ts'),
    import('../../applicants/index.ts'),
    import('../../errors/index.ts'),
  ]);
  const { context, sender } = await openSending(flags, parts.maker);
  const { clients, deployment } = context;
  const record = await openBatch(flags.batch, deployment);
  const { batch, batchId } = record;
  let outcome = 'posted before';
  if (!(await applicants.readFrom<boolean>(context, 'MinerRegistry', 'isPosted', [batchId]))) {
    const { attestationSigner } = await applicants.readLicence(context, batch.manufacturerId);
    const isSender = attestationSigner.toLowerCase() === sender.address.toLowerCase();
    let signature = flags.signature ?? record.signature;
    if (signature === undefined && !isSender) {
      const expected = applicants.signerText(attestationSigner);
      throw toolError('SIGNER_DIFFERS', { what: `batch ${batchId}`, expected, got: sender.address });
    }
    signature ??= await sender.signTypedData(registry.batchMessage(registry.minerDomainOf(deployment), batch));
    // Before it is sent: a run that is cut off has it, and need not ask for it again.
    registry.writeBatchRecord(flags.batch, { ...record, signature });
    await registry.postSignedBatch(clients, deployment, { batch, signature }, sender);
    outcome = 'posted';
  }
  process.stdout.write(
    flags.json
      ? jsonLine({ outcome, batchId, root: batch.root, count: batch.count })
      : `${outcome}: batch ${batchId}, ${batch.count} devices\n`,
  );
}

async function enrolOne(
  flags: SenderFlags & { batch: string; key: string; curve: string; owner?: Address },
): Promise<void> {
  const [registry, { readKey }, { privateKeyToAccount }, { bytesToHex }] = await Promise.all([
    import('../../registry/index.ts'),
    import('../data-folder.ts'),
    import('viem/accounts'),
    import('viem/utils'),
  ]);
  const { context, sender } = await openSending(flags, parts.driver);
  const { clients, deployment } = context;
  const key = readKey(flags.key);
  const device = flags.curve === 'p256' ? registry.p256Device(key) : privateKeyToAccount(bytesToHex(key));
  const record = await openBatch(flags.batch, deployment);
  const found = await registry.findBatchDevice(flags.batch, record, device.address);
  const known = await enrolledBefore(context, device.address);
  if (known) return tell(flags.json, 'enrolled before', known);
  const owner = flags.owner ?? found.owner ?? sender.address;
  const { batch, batchId } = record;
  const plan = { batch, batchId, proofOf: () => found.proof };
  await registry.enrolFromBatch(clients, deployment, { plan, index: found.index, device, owner }, sender);
  tell(flags.json, 'enrolled', { device: device.address, owner, manufacturer: Number(batch.manufacturerId) });
}
