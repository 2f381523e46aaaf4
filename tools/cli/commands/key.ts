/** `miner key ...`: the key file that the commands take with --keystore. */
import type { Command } from 'commander';

interface KeyFlags {
  passwordFile?: string;
  importEnv?: string;
  json?: boolean;
}

export function registerKey(program: Command): void {
  const key = program.command('key').description('key files of people: make one, see whose it is');
  key
    .command('new')
    .argument('<file>', 'where it is written; a file that is there is kept')
    .description('make a key and encrypt it with a password (Web3 Secret Storage)')
    .option('--password-file <file>', 'the password: the first line of this file; asked on the terminal when left out')
    .option('--import-env <name>', 'encrypt the key in this environment variable instead of a new one')
    .option('--json', 'one object: file and address')
    .addHelpText(
      'after',
      '\nWho loses file or password loses what the key holds.\n\nExample\n  $ miner key new alice.json',
    )
    .action(make);
  key
    .command('show')
    .argument('<file>', 'a key file')
    .description('the address that a key file says it is of; takes no password')
    .option('--json', 'one object: file and address')
    .addHelpText('after', '\nExample\n  $ miner key show alice.json')
    .action(show);
}

async function make(file: string, flags: KeyFlags): Promise<void> {
  const [keys, { generatePrivateKey, privateKeyToAddress }] = await Promise.all([
    import('../../keys/index.ts'),
    import('viem/accounts'),
  ]);
  keys.assertFree(file);
  const key =
    flags.importEnv === undefined ? generatePrivateKey() : keys.keyFromEnvironment(flags.importEnv, process.env);
  const password = flags.passwordFile === undefined ? await askTwice(file) : keys.readPassword(flags.passwordFile);
  if (password === '') {
    const { toolError } = await import('../../errors/index.ts');
    throw toolError('KEYSTORE_OPEN', { path: file });
  }
  keys.writeKeystore(file, await keys.encryptKeystore(key, password));
  print(flags.json, file, privateKeyToAddress(key));
}

async function askTwice(file: string): Promise<string> {
  const [{ askHidden }, { toolError }] = await Promise.all([
    import('../../keys/index.ts'),
    import('../../errors/index.ts'),
  ]);
  const password = await askHidden(`password for ${file}: `);
  if ((await askHidden('the same again: ')) === password) return password;
  throw toolError('KEYSTORE_TWICE', { path: file });
}

async function show(file: string, flags: KeyFlags): Promise<void> {
  const [{ parseKeystore }, { readInput }, { toolError }, { getAddress }] = await Promise.all([
    import('../../keys/index.ts'),
    import('../../files.ts'),
    import('../../errors/index.ts'),
    import('viem/utils'),
  ]);
  const { address } = parseKeystore(new TextDecoder().decode(readInput(file)), file);
  if (!address) throw toolError('KEYSTORE_FORMAT', { path: file, problem: 'it does not say its address' });
  print(flags.json, file, getAddress(address));
}

function print(json: boolean | undefined, file: string, address: string): void {
  process.stdout.write(json ? `${JSON.stringify({ file, address })}\n` : `${file}: ${address}\n`);
}
