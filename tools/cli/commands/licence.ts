/** `miner licence ...`: a maker's licence from its owner's side. A DIP grants it: `miner dip new licence`. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Hex } from 'viem';
import type { LicenceStanding } from '../../applicants/index.ts';
import {
  type ChainFlags,
  jsonLine,
  openContext,
  openSending,
  type SenderFlags,
  withChain,
  withSender,
} from '../chain-context.ts';
import { table } from '../table.ts';
import { guarded } from './dip/open.ts';

/** Number of the account that plays the maker on the chain of `miner chain`. */
const maker = 4;

function licenceArgument(text: string): bigint {
  if (/^[1-9]\d{0,14}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError('Expected the number of a licence, from 1.');
}

export function registerLicence(program: Command): void {
  const licence = program
    .command('licence')
    .description("a maker's licence: where it stands, its bond, who signs its enrolments, its end");
  const command = (name: string, description: string, example: string) =>
    licence.command(name).description(description).addHelpText('after', `\nExample\n  $ miner licence ${example}`);
  const owned = (name: string, description: string, example: string) =>
    withSender(
      command(name, description, example).argument('<licence>', 'its number', licenceArgument),
      'the owner of the licence',
      maker,
    );
  withChain(
    command('show', 'one licence and what can be done next, or all of them', 'show 1').argument(
      '[licence]',
      'its number',
      licenceArgument,
    ),
  ).action(guarded(show));
  owned(
    'post-bond',
    'pay what the bond lacks, which makes the licence active; a second run finds it paid',
    'post-bond 1',
  )
    .alias('top-up')
    .action(guarded(post));
  owned('set-signer', 'say who signs enrolments from now on', 'set-signer 1 --to p256:0x<verifier>:0x<public key>')
    .requiredOption(
      '--to <signer>',
      'an address; or p256:<verifier>:<public key>, where the verifier contract was accepted by a DIP (ERC-7913)',
    )
    .action(guarded(setSigner));
  owned('exit', 'give the licence up: it ends 180 days later, and the bond can be withdrawn then', 'exit 1')
    .option('--yes', 'do it: there is no way back')
    .action(guarded(exit));
  owned('withdraw-bond', 'return the bond of an ended licence to its owner', 'withdraw-bond 1').action(
    guarded(withdraw),
  );
}

async function show(id: bigint | undefined, flags: ChainFlags): Promise<void> {
  const { licenceCount, readLicence } = await import('../../applicants/index.ts');
  const context = await openContext(flags);
  const ids = id === undefined ? Array.from({ length: await licenceCount(context) }, (_, i) => BigInt(i + 1)) : [id];
  const licences = await Promise.all(ids.map((one) => readLicence(context, one)));
  if (flags.json) for (const licence of licences) process.stdout.write(jsonLine(licence));
  else if (id === undefined) process.stdout.write(licences.length ? await listText(licences) : 'no licence yet\n');
  else process.stdout.write(await licenceText(licences[0]!));
}

async function listText(licences: readonly LicenceStanding[]): Promise<string> {
  const { tokens } = await import('../../dip/index.ts');
  const { printable } = await import('../../dbc/index.ts');
  const rows = licences.map(({ id, status, fleet, deviceCap, bond, bondRequired, name }) => [
    `${id}`,
    status,
    `${fleet} of ${deviceCap}`,
    `${tokens(bond)} of ${tokens(bondRequired)}`,
    printable(name),
  ]);
  return `${table([['', 'status', 'devices', 'bond', 'name'], ...rows])}\n`;
}

async function licenceText(licence: LicenceStanding): Promise<string> {
  const [{ licenceNext, signerText }, { tokens }, { printable }] = await Promise.all([
    import('../../applicants/index.ts'),
    import('../../dip/index.ts'),
    import('../../dbc/index.ts'),
  ]);
  const { id, name, owner, status, fleet, deviceCap, bond, bondRequired, attestationSigner, nonce } = licence;
  const rows = [
    ['licence', `${id}`],
    ['maker', printable(name)],
    ['owner', owner],
    ['status', status],
    ['devices', `${fleet} of at most ${deviceCap}`],
    ['bond', `${tokens(bond)} of ${tokens(bondRequired)} DIMO`],
    ['enrolments signed by', signerText(attestationSigner)],
    ['nonce', `${nonce}`],
    ['next', licenceNext(licence)],
  ];
  return `${table(rows)}\n`;
}

async function post(id: bigint, flags: SenderFlags): Promise<void> {
  const { postBond, readLicence } = await import('../../applicants/index.ts');
  const { tokens } = await import('../../dip/index.ts');
  const { context, sender } = await openSending(flags, maker);
  const { paid } = await postBond(context, id, sender);
  const { status, bond } = await readLicence(context, id);
  const outcome = paid > 0n ? 'posted' : 'nothing lacked';
  process.stdout.write(
    flags.json
      ? jsonLine({ outcome, licence: id, paid, bond, status })
      : `${outcome}: ${tokens(paid)} DIMO paid; licence ${id} is ${status} with a bond of ${tokens(bond)} DIMO\n`,
  );
}

/** @throws {MinerError} OPTION_INVALID */
export async function signerOption(option: string, text: string): Promise<Hex> {
  const { parseAttestationSigner } = await import('../../applicants/index.ts');
  const parsed = parseAttestationSigner(text);
  if ('signer' in parsed) return parsed.signer;
  const { toolError } = await import('../../errors/index.ts');
  throw toolError('OPTION_INVALID', { option, value: text.slice(0, 80), expected: `a signer: ${parsed.problem}` });
}

async function setSigner(id: bigint, flags: SenderFlags & { to: string }): Promise<void> {
  const { setAttestationSigner, signerText } = await import('../../applicants/index.ts');
  const signer = await signerOption('--to', flags.to);
  const { context, sender } = await openSending(flags, maker);
  const { outcome } = await setAttestationSigner(context, { id, signer }, sender);
  process.stdout.write(
    flags.json
      ? jsonLine({ outcome, licence: id, attestationSigner: signer })
      : `${outcome}: enrolments of licence ${id} are signed by ${signerText(signer)}\n`,
  );
}

async function exit(id: bigint, flags: SenderFlags & { yes?: boolean }): Promise<void> {
  const { exitLicence } = await import('../../applicants/index.ts');
  const { utc } = await import('../../dip/index.ts');
  if (!flags.yes) {
    const { toolError } = await import('../../errors/index.ts');
    throw toolError('OPTION_MISSING', { option: '--yes', reason: 'a licence that is given up cannot be taken back' });
  }
  const { context, sender } = await openSending(flags, maker);
  const { status, until } = await exitLicence(context, id, sender);
  process.stdout.write(
    flags.json
      ? jsonLine({ licence: id, status, until })
      : `licence ${id} is ${status}${until > 0 ? ` until ${utc(until)}; its devices count as long` : ''}\n`,
  );
}

async function withdraw(id: bigint, flags: SenderFlags): Promise<void> {
  const { withdrawBond } = await import('../../applicants/index.ts');
  const { tokens } = await import('../../dip/index.ts');
  const { context, sender } = await openSending(flags, maker);
  const { returned } = await withdrawBond(context, id, sender);
  process.stdout.write(
    flags.json
      ? jsonLine({ licence: id, returned })
      : `${tokens(returned)} DIMO are back with the owner of licence ${id}\n`,
  );
}
