/** `miner image ...`: firmware images of MCUboot, built, signed, looked at, verified, against the chain too. */
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ImageKeyType, SlotLayout } from '../../../edge/firmware/index.ts';
import type { ImageClaim, PublicKeyFormat } from '../../firmware/index.ts';
import { defaultFolder } from '../data-folder.ts';
import { sizeBetween } from '../options.ts';
import { table } from '../table.ts';

/** As tools/firmware has them; not imported here, so that --help is quick. */
const publicKeyFormats: PublicKeyFormat[] = ['c', 'rust', 'pem', 'raw', 'c-hash', 'raw-hash'];

interface PasswordFlags {
  passwordFile?: string;
}

interface SlotFlags {
  slotSize?: number;
  align: string;
  maxSectors: number;
  overwriteOnly?: boolean;
}

interface BuildFlags {
  manifest: string;
  output: string;
  size?: number;
  dbc: string[];
  force?: boolean;
  json?: boolean;
}

interface SignFlags extends PasswordFlags, SlotFlags {
  key: string;
  imageVersion?: string;
  headerSize: number;
  padHeader?: boolean;
  pad?: boolean;
  confirm?: boolean;
  erasedVal: '0' | '0xff';
  loadAddr?: number;
  securityCounter?: number | 'auto';
  dependencies?: string;
  publicKeyFormat: 'hash' | 'full';
  vid?: string;
  cid?: string;
  licence?: bigint;
  model?: string;
  data: string;
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
  withSlot(
    withPassword(
      image
        .command('sign')
        .argument('<firmware>', 'a binary')
        .argument('<image>', 'where to write the image')
        .description('header, hash and signature around firmware; ECDSA P-256 or Ed25519, as the key is')
        .requiredOption('-k, --key <file>', 'the private key, PEM'),
    )
      .option('-v, --image-version <version>', "such as 1.2.3+4; the manifest's when left out")
      .option('-H, --header-size <bytes>', 'where the firmware begins in its slot', sizeBetween(32, 0xffff), 0x200)
      .option('--pad-header', 'put the header before the firmware; otherwise it must begin with zeros in its place')
      .option('-s, --security-counter <n>', 'against downgrades; auto makes it of the version', securityCounter)
      .option('-d, --dependencies <list>', 'on other images, such as "(1, 1.2.3+0)"')
      .option('-L, --load-addr <address>', 'where it is copied to before it runs', sizeBetween(0, 0xffffffff))
      .addOption(
        new Option('--public-key-format <which>', 'what the image says of its key')
          .choices(['hash', 'full'])
          .default('hash'),
      )
      .optionsGroup('Whom it is for:')
      .option('--licence <id>', "the maker's licence; vendor and class are made of it and the model", licenceId)
      .option('--model <name>', "as in enrolments; the manifest's when left out")
      .option('--data <folder>', 'where `miner chain` wrote which registry the licence is of', defaultFolder)
      .addOption(new Option('--vid <vendor>', 'a UUID, or a domain that one is made of').conflicts('licence'))
      .addOption(new Option('--cid <class>', 'a UUID, or a name within the vendor').conflicts('licence')),
  )
    .option('--pad', 'write the whole slot, with the trailer that asks for an upgrade')
    .option('--confirm', 'with --pad: for good instead of on trial')
    .addOption(new Option('-R, --erased-val <byte>', 'of the flash').choices(['0', '0xff']).default('0xff'))
    .optionsGroup('Output:')
    .option('--force', 'replace a file that is there')
    .option('--json', 'one object')
    .addHelpText('after', signHelp)
    .action(sign);
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
  registerKey(image.command('key').description('keys that sign images: made, and shown for boot loaders'));
}

const signHelp = `
Without --pad-header the firmware must begin with zeros in place of the header, as Zephyr builds it; what
\`miner image build\` made gets its header put before it. The same firmware, options and key give the same bytes.
imgtool's --version is --image-version here: --version is that of miner.

Examples
  $ miner image sign zephyr.bin zephyr.signed.bin -k root.pem -v 1.2.3+4 -S 0x20000
  $ miner image sign app.bin app.padded.bin -k root.pem -v 1.2.3 --pad-header -S 128k --pad --confirm -s auto
  $ miner image sign miner.bin miner.signed.bin -k root.pem --licence 1 --model macaron-2`;

function registerKey(key: Command): void {
  withPassword(
    key
      .command('new')
      .argument('<file>', 'where to write the private key; never over another file')
      .description('make a key, PKCS #8 in PEM, which imgtool and OpenSSL read too')
      .addOption(
        new Option('-t, --type <type>', 'of the key').choices(['ecdsa-p256', 'ed25519']).default('ecdsa-p256'),
      ),
  )
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner image key new root.pem --type ed25519')
    .action(keyNew);
  withPassword(
    key
      .command('show')
      .argument('<file>', 'public or private key, PEM')
      .description('the public key, never the private one')
      .addOption(
        new Option(
          '-f, --format <format>',
          'of the key (SubjectPublicKeyInfo) or of its SHA-256, as boot loaders have it compiled in',
        )
          .choices(publicKeyFormats)
          .default('c'),
      ),
  )
    .option('-o, --output <file>', 'stdout when left out')
    .option('--force', 'replace a file that is there')
    .option('--json', 'one object with every form in hex')
    .addHelpText(
      'after',
      '\nExamples\n  $ miner image key show root.pem > keys.c\n  $ miner image key show root.pem -f pem -o root.pub.pem',
    )
    .action(keyShow);
}

function withPassword(command: Command): Command {
  return command.option(
    '--password-file <file>',
    'of an encrypted key; MINER_KEY_PASSWORD in the environment when left out',
  );
}

function withSlot(command: Command): Command {
  return command
    .optionsGroup('Its slot:')
    .option('-S, --slot-size <bytes>', 'image and trailer must fit it', sizeBetween(1, 64 << 20))
    .addOption(
      new Option('--align <bytes>', 'that the flash writes at a time')
        .choices(['1', '2', '4', '8', '16', '32'])
        .default('8'),
    )
    .option('-M, --max-sectors <n>', 'that the boot loader can swap', sizeBetween(1, 65_536), 128)
    .option('--overwrite-only', 'the boot loader overwrites instead of swapping');
}

/** `auto`, or a number. */
function securityCounter(text: string): number | 'auto' {
  return text === 'auto' ? 'auto' : sizeBetween(0, 0xffffffff)(text);
}

function licenceId(text: string): bigint {
  if (/^\d{1,18}$/.test(text) && BigInt(text) > 0n) return BigInt(text);
  throw new InvalidArgumentError('Expected the number of a licence, from 1.');
}

async function modules() {
  const [tools, edge, { toHex }, { readInput }, { writeOutput }, { readChain }] = await Promise.all([
    import('../../firmware/index.ts'),
    import('../../../edge/firmware/index.ts'),
    import('../../../edge/pack/index.ts'),
    import('../../files.ts'),
    import('../../dbc/open-node.ts'),
    import('../data-folder.ts'),
  ]);
  return { ...tools, ...edge, toHex, readInput, writeOutput, readChain };
}

function print(json: boolean | undefined, facts: object, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(facts) : text}\n`);
}

async function password({ passwordFile }: PasswordFlags): Promise<string | undefined> {
  if (passwordFile === undefined) return process.env.MINER_KEY_PASSWORD;
  const { readInput } = await modules();
  return new TextDecoder().decode(readInput(passwordFile)).replace(/\r?\n$/, '');
}

function slotOf({ slotSize, align, maxSectors, overwriteOnly }: SlotFlags): SlotLayout | undefined {
  if (slotSize === undefined) return undefined;
  return { slotBytes: slotSize, writeAlignBytes: Number(align), sectorsMax: maxSectors, overwriteOnly };
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

async function sign(firmware: string, output: string, flags: SignFlags): Promise<void> {
  const { toolError } = await import('../../errors/index.ts');
  const { readImageFile, readImageSigner, signFirmware, parseImage, writeOutput, ...rest } = await modules();
  const { parseImageVersion, parseDependencies, versionText, verifyHash, uuidsOf, uuidText, ...others } = rest;
  const { toHex, keyHashOf, readChain } = others;
  const { pad, confirm, licence, data, force = false, json } = flags;
  const slot = slotOf(flags);
  if (pad && !slot) throw toolError('OPTION_MISSING', { option: '--slot-size', reason: '--pad fills a slot' });
  if (confirm && !pad) throw toolError('OPTION_MISSING', { option: '--pad', reason: '--confirm is said in a trailer' });
  const signer = readImageSigner(flags.key, await password(flags));
  const bytes = signFirmware(
    {
      path: firmware,
      firmware: readImageFile(firmware),
      version: flags.imageVersion === undefined ? undefined : parseImageVersion(flags.imageVersion),
      headerBytes: flags.headerSize,
      padHeader: flags.padHeader,
      erasedByte: Number(flags.erasedVal),
      loadAddress: flags.loadAddr,
      securityCounter: flags.securityCounter,
      dependencies: flags.dependencies === undefined ? undefined : parseDependencies(flags.dependencies),
      keyFormat: flags.publicKeyFormat,
      slot: slot && { ...slot, erasedByte: Number(flags.erasedVal) },
      pad,
      confirm,
      vendor: flags.vid,
      class: flags.cid,
      licence: licence === undefined ? undefined : { licenceId: licence, deployment: readChain(data).deployment },
      model: flags.model,
    },
    signer,
  );
  writeOutput(output, bytes, force);
  const image = parseImage(bytes);
  const { vendor, class: class_ } = uuidsOf(image);
  const facts = {
    file: output,
    bytes: bytes.length,
    version: versionText(image.version),
    hash: toHex(verifyHash(image)),
    signature: signer.type,
    keyHash: toHex(keyHashOf(signer.publicKey)),
    ...(vendor && { vendor: uuidText(vendor) }),
    ...(class_ && { class: uuidText(class_) }),
  };
  print(json, facts, `${output}: ${facts.version}, ${facts.bytes} bytes, ${signer.type}\nSHA-256 ${facts.hash}`);
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

async function keyNew(file: string, flags: PasswordFlags & { type: ImageKeyType; json?: boolean }): Promise<void> {
  const { makeImageKey, keyHashOf, toHex } = await modules();
  const secret = await password(flags);
  const publicKey = makeImageKey(file, flags.type, secret);
  const facts = { file, type: flags.type, encrypted: secret !== undefined, keyHash: toHex(keyHashOf(publicKey)) };
  print(
    flags.json,
    facts,
    `${file}: a key of ${flags.type}${secret === undefined ? '' : ', encrypted'}\nkey hash ${facts.keyHash}`,
  );
}

async function keyShow(
  file: string,
  flags: PasswordFlags & { format: PublicKeyFormat; output?: string; force?: boolean; json?: boolean },
): Promise<void> {
  const { readImagePublicKey, publicKeyAs, keyHashOf, imageKeyType, subjectPublicKeyInfo, toHex, writeOutput } =
    await modules();
  const publicKey = readImagePublicKey(file, await password(flags));
  const { format, output, force = false, json } = flags;
  if (output !== undefined) writeOutput(output, publicKeyAs(publicKey, format), force);
  if (json) {
    const facts = {
      file,
      type: imageKeyType(publicKey),
      publicKey: toHex(publicKey),
      spki: toHex(subjectPublicKeyInfo(publicKey)),
      keyHash: toHex(keyHashOf(publicKey)),
    };
    process.stdout.write(`${JSON.stringify(facts)}\n`);
  } else if (output === undefined) process.stdout.write(publicKeyAs(publicKey, format));
}
