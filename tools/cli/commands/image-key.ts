/** `miner image key ...`: keys that sign images. */
import { type Command, Option } from 'commander';
import type { ImageKeyType } from '../../../edge/firmware/index.ts';
import type { PublicKeyFormat } from '../../firmware/index.ts';
import { modules, type PasswordFlags, password, print, withPassword } from './image-options.ts';

/** As tools/firmware has them; not imported here, so that --help is quick. */
const publicKeyFormats: PublicKeyFormat[] = ['c', 'rust', 'pem', 'raw', 'c-hash', 'raw-hash'];

export function registerImageKey(key: Command): void {
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
  else process.stdout.write(`${output}: public key of ${imageKeyType(publicKey)}\n`);
}
