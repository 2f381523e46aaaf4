/** `miner image ...`: firmware images of MCUboot, built, signed, looked at, verified, against the chain too. */
import path from 'node:path';
import type { Command } from 'commander';
import type { ImageClaim } from '../../firmware/index.ts';
import { defaultFolder } from '../data-folder.ts';
import { sizeBetween } from '../options.ts';
import { table } from '../table.ts';
import { registerImageKey } from './image-key.ts';
import {
  licenceId,
  modules,
  type PasswordFlags,
  password,
  print,
  type SlotFlags,
  slotOf,
  withPassword,
  withSlot,
} from './image-options.ts';
import { registerImageSign } from './image-sign.ts';

interface BuildFlags {
  manifest: string;
  output: string;
  size?: number;
  dbc: string[];
  force?: boolean;
  json?: boolean;
}

interface VerifyFlags extends PasswordFlags, SlotFlags {
  key?: string;
  chain?: boolean;
  licence?: bigint;
  model?: string;
  data: string;
  rpc?: string;
  json?: boolean;
}

export function registerImage(program: Command): void {
  const image = program
    .command('image')
    .description('firmware images of MCUboot: built, signed, looked at, verified; as imgtool does');
  image
    .command('build')
    .description("the body of an emulated Miner's image, from its manifest")
    .requiredOption('--manifest <file>', 'JSON: version, model, decoders, settings; docs/firmware-images.md')
    .requiredOption('-o, --output <file>', 'where to write it')
    .option('--dbc <file...>', 'decoders, added to those of the manifest by their SHA-256', [])
    .option('--size <bytes>', 'fill it up to this size, as if there were code', sizeBetween(1, 64 << 20))
    .option('--force', 'replace a file that is there')
    .option('--json', 'one object')
    .addHelpText(
      'after',
      '\nExample\n  $ miner image build --manifest miner.json --dbc car.dbc --size 96k -o miner.bin\n' +
        '  $ miner image sign miner.bin miner.signed.bin --key root.pem --licence 1',
    )
    .action(build);
  registerImageSign(image);
  withSlot(
    withPassword(
      image
        .command('verify')
        .argument('<image>', 'a signed image, padded or not')
        .description('whether an image is whole and signed by a key; exit 1 with the reason when not')
        .option('-k, --key <file>', 'public or private key, PEM; only the hash is checked when left out'),
    )
      .optionsGroup('Against the chain:')
      .option('--chain', "ask whether its maker's licence counts and the image is certified for its model")
      .option('--licence <id>', 'whose it must be; looked for when left out', licenceId)
      .option('--model <name>', "as in enrolments; the manifest's when left out")
      .option('--data <folder>', 'where `miner chain` wrote', defaultFolder)
      .option('--rpc <url>', "the chain's JSON-RPC, where it differs from what `miner chain` wrote"),
  )
    .optionsGroup('Output:')
    .option('--json', 'one object')
    .addHelpText(
      'after',
      '\nExamples\n  $ miner image verify miner.signed.bin --key root.pub.pem\n' +
        '  $ miner image verify miner.signed.bin --key root.pub.pem --chain --data .miner',
    )
    .action(verify);
  image
    .command('info')
    .argument('<image>', 'a signed image, padded or not')
    .description('what an image says, field by field, believed or not')
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner image info miner.signed.bin')
    .action(info);
  image
    .command('uuids')
    .description("vendor and class UUIDs of a licence and a model: what a device's boot loader is built with")
    .requiredOption('--licence <id>', "the maker's licence", licenceId)
    .requiredOption('--model <name>', 'as in enrolments: up to 31 bytes, or 0x and 64 hex digits')
    .option('--data <folder>', 'where `miner chain` wrote which registry the licence is of', defaultFolder)
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner image uuids --licence 1 --model macaron-2')
    .action(uuids);
  registerImageKey(image.command('key').description('keys that sign images: made, and shown for boot loaders'));
}

async function build(flags: BuildFlags): Promise<void> {
  const { manifestFromJson, buildManifestBody, manifestJson, writeOutput, readInput, toHex } = await modules();
  const { contentHash } = await import('../../../edge/dbc/index.ts');
  const { fromHex } = await import('../../../edge/pack/index.ts');
  const { manifest: file, output, size, dbc, force = false, json } = flags;
  const written = manifestFromJson(file, readInput(file));
  const hashes = new Set([...written.decoders.map(toHex), ...dbc.map((each) => contentHash(readInput(each)))]);
  const manifest = { ...written, decoders: [...hashes].map(fromHex) };
  const body = buildManifestBody(manifest, size);
  writeOutput(output, body, force);
  const facts = { file: output, bytes: body.length, manifest: manifestJson(manifest) };
  const { version, model, decoders } = facts.manifest;
  const count = `${decoders.length} decoder${decoders.length === 1 ? '' : 's'}`;
  print(json, facts, `${output}: ${body.length} bytes, ${version} for model ${model}, ${count}`);
}

async function verify(file: string, flags: VerifyFlags): Promise<void> {
  const { readImageFile, parseImage, readTrailer, verifyImage, verifyHash, versionText, ...rest } = await modules();
  const { requireFitsSlot, readImagePublicKey, toHex } = rest;
  const { key, json } = flags;
  const bytes = readImageFile(file);
  const image = parseImage(bytes);
  const trailer = readTrailer(bytes, image.length);
  const slot = slotOf(flags);
  if (slot) requireFitsSlot(image.length, slot);
  if (key === undefined) process.stderr.write('only the hash is checked: give --key to know who signed it\n');
  const hash = key ? verifyImage(image, readImagePublicKey(key, await password(flags))) : verifyHash(image);
  const certificate = flags.chain ? await requireOnChain(file, { image, hash }, flags) : undefined;
  const facts = {
    valid: true,
    version: versionText(image.version),
    hash: toHex(hash),
    signed: key !== undefined,
    padded: trailer !== undefined,
    ...(certificate && { certificate: { ...certificate, licenceId: Number(certificate.licenceId) } }),
  };
  const { licenceId: id, model, audit } = certificate ?? {};
  const certified = certificate ? `\ncertified for model ${model} of licence ${id}, audit ${audit}` : '';
  const who = key ? `signed by ${path.basename(key)}` : 'undamaged';
  print(json, facts, `good: ${facts.version}, ${who}\nSHA-256 ${facts.hash}${certified}`);
}

async function requireOnChain(
  file: string,
  { image, hash }: Pick<ImageClaim, 'image' | 'hash'>,
  { data, rpc, licence, model: named }: VerifyFlags,
) {
  const [{ requireCertified, manifestOfBody, modelIdOf, readChain }, { ChainView }, { registriesOf }, { toolError }] =
    await Promise.all([
      modules(),
      import('../../../edge/trust/index.ts'),
      import('../../deploy/index.ts'),
      import('../../errors/index.ts'),
    ]);
  const model = named === undefined ? manifestOfBody(image.body)?.model : modelIdOf(named);
  if (!model) throw toolError('OPTION_MISSING', { option: '--model', reason: `${file} has no manifest with one` });
  const { rpcUrl, deployment } = readChain(data);
  const registries = registriesOf(deployment);
  const chain = await ChainView.open({ rpcUrl: rpc ?? rpcUrl, chainId: deployment.chainId, registries });
  return requireCertified({ image, hash, model, licenceId: licence }, chain, deployment);
}

async function info(file: string, { json }: { json?: boolean }): Promise<void> {
  const { readImageFile, imageInfo, imageInfoText } = await modules();
  const facts = imageInfo(readImageFile(file));
  process.stdout.write(json ? `${JSON.stringify(facts)}\n` : imageInfoText(path.basename(file), facts, table));
}

async function uuids(flags: { licence: bigint; model: string; data: string; json?: boolean }): Promise<void> {
  const { licenceUuids, licenceName, licenceText, modelIdOf, uuidText, readChain } = await modules();
  const name = licenceName(readChain(flags.data).deployment, flags.licence);
  const { vendor, class: class_ } = licenceUuids(name, modelIdOf(flags.model));
  const facts = { licence: licenceText(name), vendor: uuidText(vendor), class: uuidText(class_) };
  print(flags.json, facts, table(Object.entries(facts)));
}
