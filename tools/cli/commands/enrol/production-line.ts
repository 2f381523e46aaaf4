/** `miner enrol batch`, `post` and `one`: a production line under one root, and a device of it when it is unpacked. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Address, Hex } from 'viem';
import type { BatchRecord } from '../../../registry/index.ts';
import {
  type ChainFlags,
  jsonLine,
  openContext,
  openSending,
  type SenderFlags,
  withChain,
  withSender,
} from '../../chain-context.ts';
import { addressArgument, numberBetween } from '../../options.ts';
import { guarded } from '../dip/open.ts';
import { enrolledBefore, licenceNumber, maker, modelOption, tellEnrolled } from './enrolled.ts';

/** Number of the account that plays the driver on the chain of `miner chain`. */
const driver = 6;
const daySeconds = 86_400;

interface BatchFlags extends ChainFlags {
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

function curveArgument(text: string): string {
  if (text === 'secp256k1' || text === 'p256') return text;
  throw new InvalidArgumentError('Expected secp256k1 or p256.');
}

/** @param enrol `miner enrol` */
export function registerEnrolLine(enrol: Command): void {
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
  withSender(enrol.command('post'), "the licence's attestation signer, or who pays for gas", maker)
    .description('sign a planned batch and post its root; once posted, a second run says so')
    .requiredOption('--batch <folder>', 'from "miner enrol batch"')
    .option('--signature <hex>', "made elsewhere, over the batch's id, by the attestation signer", hexArgument)
    .addHelpText('after', '\nExample\n  $ miner enrol post --batch batch --keystore maker.json')
    .action(guarded(postBatch));
  withSender(enrol.command('one'), 'who pays for gas', driver)
    .description('enrol a device of a posted batch, when it is unpacked; once enrolled, a second run says so')
    .requiredOption('--batch <folder>', 'with batch.json, and devices.jsonl or the line of this device in it')
    .requiredOption('--key <file>', "the device's key, 64 hex digits")
    .option('--curve <name>', 'of that key: secp256k1 or p256', curveArgument, 'secp256k1')
    .option('--owner <address>', 'who will own it; as the batch says when left out, else the sender', addressArgument)
    .addHelpText('after', '\nExample\n  $ miner enrol one --batch batch --key device.key --owner 0x..')
    .action(guarded(enrolOne));
}

async function planBatch(flags: BatchFlags): Promise<void> {
  const [registry, { chainTime, readLicence }, { toolError }, { createProgress }] = await Promise.all([
    import('../../../registry/index.ts'),
    import('../../../applicants/index.ts'),
    import('../../../errors/index.ts'),
    import('../../../progress.ts'),
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
    import('../../../registry/index.ts'),
    import('../../../errors/index.ts'),
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
    import('../../../registry/index.ts'),
    import('../../../applicants/index.ts'),
    import('../../../errors/index.ts'),
  ]);
  const { context, sender } = await openSending(flags, maker);
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
    import('../../../registry/index.ts'),
    import('../../data-folder.ts'),
    import('viem/accounts'),
    import('viem/utils'),
  ]);
  const { context, sender } = await openSending(flags, driver);
  const { clients, deployment } = context;
  const key = readKey(flags.key);
  const device = flags.curve === 'p256' ? registry.p256Device(key) : privateKeyToAccount(bytesToHex(key));
  const record = await openBatch(flags.batch, deployment);
  const found = await registry.findBatchDevice(flags.batch, record, device.address);
  const known = await enrolledBefore(context, device.address);
  if (known) return tellEnrolled(flags.json, 'enrolled before', known);
  const owner = flags.owner ?? found.owner ?? sender.address;
  const { batch, batchId } = record;
  const plan = { batch, batchId, proofOf: () => found.proof };
  await registry.enrolFromBatch(clients, deployment, { plan, index: found.index, device, owner }, sender);
  tellEnrolled(flags.json, 'enrolled', { device: device.address, owner, manufacturer: Number(batch.manufacturerId) });
}
