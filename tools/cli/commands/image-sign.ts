/** `miner image sign`: from firmware to an image that boot loaders take. */
import { type Command, Option } from 'commander';
import { defaultFolder } from '../data-folder.ts';
import { sizeBetween } from '../options.ts';
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

export function registerImageSign(image: Command): void {
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
}

const signHelp = `
Without --pad-header the firmware must begin with zeros in place of the header, as Zephyr builds it; what
\`miner image build\` made gets its header put before it. The same firmware, options and key give the same bytes.
imgtool's --version is --image-version here: --version is that of miner.

Examples
  $ miner image sign zephyr.bin zephyr.signed.bin -k root.pem -v 1.2.3+4 -S 0x20000
  $ miner image sign app.bin app.padded.bin -k root.pem -v 1.2.3 --pad-header -S 128k --pad --confirm -s auto
  $ miner image sign miner.bin miner.signed.bin -k root.pem --licence 1 --model macaron-2`;

/** `auto`, or a number. */
function securityCounter(text: string): number | 'auto' {
  return text === 'auto' ? 'auto' : sizeBetween(0, 0xffffffff)(text);
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
