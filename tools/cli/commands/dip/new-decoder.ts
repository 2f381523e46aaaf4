/** `miner dip new decoder` and `miner dip consent`: an author asks for a decoder to be listed. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Address } from 'viem';
import type { ExecutionWindow, GateResult, GateStep } from '../../../applicants/index.ts';
import type { Context, DecoderConsent, DecoderListing } from '../../../dip/index.ts';
import { jsonLine, openContext, openSending, type SenderFlags, withSender } from '../../chain-context.ts';
import { addressArgument, dimoArgument, integerBetween, platformArgument } from '../../options.ts';
import { dayOf, expectFree, typedOptions, writeFile } from './applicant-files.ts';
import { guarded } from './open.ts';

/** Number of the account that plays the author on the chain of `miner chain`. */
const author = 5;
const daySeconds = 86_400;

interface ListingFlags extends SenderFlags {
  payee?: Address;
  platform?: string;
  listedVersion?: number;
  consentDays?: number;
}

interface DecoderFlags extends ListingFlags {
  replaces?: string;
  graceDays: number;
  bounty?: true | bigint;
  consent?: string;
  motivation?: string;
  discussion?: string;
  out?: string;
  report?: string;
  force?: boolean;
}

/** Kept as it was written: a name is easier to read than its key. */
function checkedPlatform(text: string): string {
  platformArgument(text);
  return text;
}

function withListing(command: Command): Command {
  return withSender(command, 'the author that the manifest names', author)
    .argument('<package>', 'a decoder package, as folder or file')
    .option('--payee <address>', 'who is paid; the author when left out', addressArgument)
    .option(
      '--platform <name>',
      'for which vehicles: a name, or a key (default: make, model and years of the manifest)',
      checkedPlatform,
    )
    .option(
      '--listed-version <n>',
      'number of the version; the next one of the id when left out',
      integerBetween(1, 2 ** 32 - 1),
    )
    .option(
      '--consent-days <n>',
      'how long the consent holds; until after the last day when left out',
      integerBetween(1, 3_650),
    );
}

/** @param parent `miner dip new` */
export function registerDipNewDecoder(parent: Command): void {
  withListing(parent.command('decoder'))
    .description('list a decoder: runs the gate, attaches its report, takes the consent, pays the bounty')
    .option('--replaces <decoder>', 'deprecate this one: its DBC or package, whose differences are shown, or its hash')
    .option(
      '--grace-days <n>',
      'how long that one may still be used after the earliest execution',
      integerBetween(1, 3_650),
      60,
    )
    .option(
      '--bounty [least]',
      'pay the bounty of the platform; at least what it holds now, or "500 DIMO"',
      dimoArgument,
    )
    .option('--consent <file>', 'instead of a key here: from "miner dip consent"')
    .option('--motivation <text>', 'why, in your words; the file can be edited afterwards')
    .option('--discussion <url>', 'where it is talked about')
    .option('-o, --out <file>', 'the DIP file (default: <id>-<version>.md)')
    .option('--report <file>', "the gate's report (default: beside the DIP file, .gate.json)")
    .option('--force', 'replace files that are there')
    .addHelpText(
      'after',
      `
A golden frame that does not come out right stops it, and nothing is written. The bounty is paid for a work that was
committed to and revealed before: "miner bounty commit", "miner bounty reveal".

Example
  $ miner dip new decoder my-car.dimopkg --replaces old.dbc --bounty --keystore author.json -o my-car.md`,
    )
    .action(guarded((pack: string, _: unknown, command: Command) => newDecoder(pack, typedOptions(command))));
}

/** @param dip `miner dip` */
export function registerDipConsent(dip: Command): void {
  withListing(dip.command('consent'))
    .description("an author's consent to be listed, signed where the key is; for `miner dip new decoder --consent`")
    .requiredOption('-o, --out <file>', 'the consent')
    .option('--force', 'replace a file that is there')
    .addHelpText('after', '\nExample\n  $ miner dip consent my-car.dimopkg --keystore author.json -o consent.json')
    .action(guarded(consentOnly));
}

/** What is being done, on stderr: it can take a while. */
const tellStep = (step: GateStep | 'benchmark') => process.stderr.write(`gate: ${step} ...\n`);

async function listingFor(context: Context, { report }: GateResult, flags: ListingFlags) {
  const { listingOf, platformName } = await import('../../../applicants/index.ts');
  const { platformKey } = await import('../../../registry/platform-key.ts');
  const named = flags.platform ?? platformName(report.package.platform as Parameters<typeof platformName>[0]);
  const { payee, listedVersion: version } = flags;
  const platform = flags.platform === undefined ? platformKey(named) : platformArgument(named);
  const terms = { platform, ...(payee && { payee }), ...(version !== undefined && { version }) };
  return { listing: await listingOf(context, report, terms), platformName: named };
}

/**
 * Has the consent signed with the key that the flags name.
 * @throws {MinerError} SIGNER_DIFFERS, DEADLINE_EARLY
 */
async function signHere(
  flags: ListingFlags,
  listing: DecoderListing,
  window: ExecutionWindow,
): Promise<DecoderConsent> {
  const [{ signConsent }, { toolError }, { utc }] = await Promise.all([
    import('../../../registry/index.ts'),
    import('../../../errors/index.ts'),
    import('../../../dip/index.ts'),
  ]);
  const { context, sender } = await openSending(flags, author);
  if (sender.address.toLowerCase() !== listing.author.toLowerCase()) {
    const what = `the consent to list ${listing.id}`;
    throw toolError('SIGNER_DIFFERS', { what, expected: `its author ${listing.author}`, got: sender.address });
  }
  const days = flags.consentDays;
  const deadline = days === undefined ? window.latest + 14 * daySeconds : window.now + days * daySeconds;
  if (deadline < window.earliest) {
    const facts = { what: 'the consent', at: utc(deadline), earliest: utc(window.earliest) };
    throw toolError('DEADLINE_EARLY', facts);
  }
  return signConsent(context.clients, context.deployment, listing, sender, BigInt(deadline));
}

async function consentOnly(pack: string, flags: ListingFlags & { out: string; force?: boolean }): Promise<void> {
  const applicants = await import('../../../applicants/index.ts');
  expectFree([flags.out], flags.force);
  const context = await openContext(flags);
  const gate = applicants.runGate(pack, { onStep: tellStep });
  const { listing } = await listingFor(context, gate, flags);
  const consent = await signHere(flags, listing, await applicants.executionWindow(context));
  const { chainId, addresses } = context.deployment;
  writeFile(flags.out, applicants.formatConsent({ chainId, registry: addresses.DecoderRegistry, listing, consent }));
  const { utc } = await import('../../../dip/index.ts');
  process.stdout.write(
    flags.json
      ? jsonLine({ file: flags.out, listing, ...consent })
      : `${listing.author} consents to the listing of ${listing.id} until ${utc(Number(consent.deadline))}\nwritten: ${flags.out}\n`,
  );
}

async function newDecoder(pack: string, flags: DecoderFlags): Promise<void> {
  const [applicants, { formatDipFile, parseDipFile, toDip }, { utc }, { sha256Hex }] = await Promise.all([
    import('../../../applicants/index.ts'),
    import('../../../dip/file/index.ts'),
    import('../../../dip/index.ts'),
    import('../../../dbc/index.ts'),
  ]);
  const context = await openContext(flags);
  const window = await applicants.executionWindow(context);
  const replaced = flags.replaces === undefined ? undefined : await openReplaced(context, flags.replaces);
  const gate = applicants.runGate(pack, { ...(replaced?.bytes && { replaced: replaced.bytes }), onStep: tellStep });
  const { id, version } = gate.report.package;
  const output = flags.out ?? `${id}-${version}.md`;
  const reportFile = flags.report ?? `${output.replace(/\.md$/, '')}.gate.json`;
  expectFree([output, reportFile], flags.force);

  const { listing, platformName } = await listingFor(context, gate, flags);
  const bountyMin = flags.bounty === undefined ? undefined : await bountyFor(context, listing, flags.bounty, window);
  const consent = await consentFor(context, flags, listing, window);
  tellStep('benchmark');
  const report = applicants.benchmarkGate(gate, applicants.thisMachine());
  const reportText = applicants.gateReportText(report);
  const reportHash = sha256Hex(new TextEncoder().encode(reportText));
  const { motivation, discussion } = flags;
  const graceEnds = window.earliest + flags.graceDays * daySeconds;
  const file = applicants.decoderDip({
    ...{ report, reportHash, listing, consent, platformName, created: dayOf(window.now) },
    ...(bountyMin !== undefined && { bountyMin }),
    ...(replaced && { replaces: { contentHash: replaced.contentHash, graceEnds } }),
    ...(motivation !== undefined && { motivation }),
    ...(discussion !== undefined && { discussion }),
  });
  // Refuses what a DIP file or the chain would not take, before anything is written.
  const text = formatDipFile(file);
  toDip(parseDipFile(text, output), context.deployment);
  writeFile(reportFile, reportText);
  writeFile(output, text);
  if (replaced && graceEnds < window.latest) {
    process.stderr.write(
      `note: a DIP that executes after ${utc(graceEnds)} would fail, for the grace is over then; --grace-days\n`,
    );
  }
  const facts = { file: output, report: reportFile, reportHash, title: file.title, actions: file.actions.length };
  process.stdout.write(
    flags.json
      ? jsonLine({ ...facts, listing })
      : `${file.title}, version ${listing.version} of ${listing.id}\n` +
          `gate passed: ${report.golden.frames} golden frames, ${report.golden.backEnds.join(', ')}\n` +
          `report ${reportHash}: ${reportFile}\nwritten: ${output}\nnext: miner dip check ${output}\n`,
  );
}

/** @throws {MinerError} DECODER_STATUS when there is nothing to deprecate; FILE_UNREADABLE */
async function openReplaced(context: Context, wanted: string) {
  const applicants = await import('../../../applicants/index.ts');
  const contentHash = applicants.decoderHash(wanted);
  await applicants.expectDecoder(context, contentHash, ['listed']);
  const bytes = existsSync(wanted) ? applicants.decoderBytes(wanted) : undefined;
  return { contentHash, ...(bytes && { bytes }) };
}

/**
 * The least that the DIP may pay.
 * @throws {MinerError} BOUNTY_NONE, BOUNTY_TAKEN, DEADLINE_EARLY
 */
async function bountyFor(
  context: Context,
  listing: DecoderListing,
  least: true | bigint,
  window: ExecutionWindow,
): Promise<bigint> {
  const { expectAward } = await import('../../../applicants/index.ts');
  return expectAward(context, listing, { ...(least !== true && { amountMin: least }), window });
}

async function consentFor(
  context: Context,
  flags: DecoderFlags,
  listing: DecoderListing,
  window: ExecutionWindow,
): Promise<DecoderConsent> {
  const applicants = await import('../../../applicants/index.ts');
  const { chainId, addresses } = context.deployment;
  if (flags.consent === undefined) {
    const consent = await signHere(flags, listing, window);
    await applicants.expectConsent(context, { listing, consent }, { window, where: 'the consent made here' });
    return consent;
  }
  const file = applicants.readConsent(flags.consent);
  applicants.expectSameListing(flags.consent, file, { chainId, registry: addresses.DecoderRegistry, listing });
  await applicants.expectConsent(context, file, { window, where: flags.consent });
  return file.consent;
}
