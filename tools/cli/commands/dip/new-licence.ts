/** `miner dip new licence`: a maker asks for a licence. */
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Address } from 'viem';
import { type ChainFlags, jsonLine, openContext, withChain } from '../../chain-context.ts';
import { addressArgument, dimoArgument, integerBetween } from '../../options.ts';
import { signerOption } from '../licence.ts';
import { dayOf, expectFree, typedOptions, writeFile } from './applicant-files.ts';
import { guarded } from './open.ts';

interface LicenceFlags extends ChainFlags {
  name: string;
  owner: Address;
  bond: bigint;
  deviceCap: number;
  attestationSigner: string;
  conformance: string;
  motivation?: string;
  discussion?: string;
  out: string;
  force?: boolean;
}

/** `0 DIMO` is a licence without a bond. */
function bondArgument(text: string): bigint {
  return /^0 ?DIMO$/.test(text) ? 0n : dimoArgument(text);
}

function nameArgument(text: string): string {
  const isPrintable = !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text) && text === text.trim();
  if (isPrintable && text.length >= 1 && text.length <= 100) return text;
  throw new InvalidArgumentError('Expected a name of 1 to 100 printable characters.');
}

/** @param parent `miner dip new` */
export function registerDipNewLicence(parent: Command): void {
  withChain(parent.command('licence'))
    .description("a maker's licence: who may enrol Miners, against which bond, with a conformance report")
    .requiredOption('--name <name>', "the maker's name, for people", nameArgument)
    .requiredOption('--owner <address>', 'who holds the licence, and gets the bond back', addressArgument)
    .requiredOption('--bond <tokens>', 'with the unit: "100000 DIMO"; "0 DIMO" makes it active at once', bondArgument)
    .requiredOption('--device-cap <n>', 'how many devices at a time', integerBetween(1, 2 ** 32 - 1))
    .requiredOption('--attestation-signer <signer>', 'signs enrolments: an address, or p256:<verifier>:<public key>')
    .requiredOption('--conformance <report.json>', 'attached by the SHA-256 of its bytes')
    .option('--motivation <text>', 'why, in your words; the file can be edited afterwards')
    .option('--discussion <url>', 'where it is talked about')
    .option('-o, --out <file>', 'the DIP file', 'licence.md')
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      `
Any JSON object is taken as a conformance report for now: there is no "miner conformance" yet that would make one, so
nothing looks into it. What binds it to the vote is its hash.

Example
  $ miner dip new licence --name "Acme Devices" --owner 0x.. --bond "100000 DIMO" --device-cap 1000 \\
      --attestation-signer 0x.. --conformance report.json -o licence.md`,
    )
    .action(guarded((_: unknown, command: Command) => newLicence(typedOptions(command))));
}

async function newLicence(flags: LicenceFlags): Promise<void> {
  const [applicants, { formatDipFile, parseDipFile, toDip }] = await Promise.all([
    import('../../../applicants/index.ts'),
    import('../../../dip/file/index.ts'),
  ]);
  const { name, owner, bond, deviceCap, conformance, motivation, discussion, out: output } = flags;
  expectFree([output], flags.force);
  const attestationSigner = await signerOption('--attestation-signer', flags.attestationSigner);
  const { sha256 } = applicants.readConformance(conformance);
  const context = await openContext(flags);
  await applicants.expectUsableSigner(context, attestationSigner);
  const file = applicants.licenceDip({
    ...{ name, owner, bond, deviceCap, attestationSigner },
    conformance: { fileName: path.basename(conformance), sha256 },
    created: dayOf(await applicants.chainTime(context)),
    ...(motivation !== undefined && { motivation }),
    ...(discussion !== undefined && { discussion }),
  });
  const text = formatDipFile(file);
  toDip(parseDipFile(text, output), context.deployment);
  writeFile(output, text);
  process.stdout.write(
    flags.json
      ? jsonLine({ file: output, title: file.title, conformance: sha256 })
      : `${file.title}\nconformance report ${sha256}\nwritten: ${output}\nnext: miner dip check ${output}\n`,
  );
}
