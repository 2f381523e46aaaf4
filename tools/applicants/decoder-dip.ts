/** The DIP that asks holders to list a decoder, pay its bounty, and let the one that it replaces run out. */
import { formatUnits, type Hex } from 'viem';
import type { DipFile, NamedAction } from '../dip/file/index.ts';
import { type DecoderConsent, type DecoderListing, utc } from '../dip/index.ts';
import { platformKey } from '../registry/platform-key.ts';
import type { GateReport } from './gate.ts';
import { inlineCode } from './inline-code.ts';

export interface DecoderDipParts {
  report: GateReport;
  /** SHA-256 of the report's text. */
  reportHash: string;
  listing: DecoderListing;
  consent: DecoderConsent;
  /** Name of the platform where it is known: it is easier to read than its key. */
  platformName?: string;
  /** Pays the platform's bounty, at least so much (base units). */
  bountyMin?: bigint;
  /** Deprecates this decoder in favour of the new one until then (unix seconds). */
  replaces?: { contentHash: Hex; graceEnds: number };
  /** `2026-03-01` */
  created: string;
  /** In its author's own words, below what is said of every decoder. */
  motivation?: string;
  discussion?: string;
}

/** Puts the file together; `formatDipFile` writes it. */
export function decoderDip(parts: DecoderDipParts): DipFile {
  const { report, listing, discussion, created } = parts;
  const { id, version } = report.package;
  return {
    title: `List the decoder ${id} ${version}`,
    authors: [listing.author],
    ...(discussion !== undefined && { discussion }),
    created,
    copyright: 'CC0-1.0',
    actions: actionsOf(parts),
    body: bodyOf(parts),
  };
}

function actionsOf({ listing, consent, platformName, bountyMin, replaces }: DecoderDipParts): NamedAction[] {
  const { contentHash, payee } = listing;
  const platform = readableName(listing.platform, platformName) ?? listing.platform;
  const texts = { version: `${listing.version}`, sizeBytes: `${listing.sizeBytes}`, platform };
  const signed = { nonce: `${consent.nonce}`, deadline: moment(consent.deadline), signature: consent.signature };
  const actions: NamedAction[] = [{ action: 'list-decoder', ...listing, ...texts, consent: signed }];
  if (bountyMin !== undefined) {
    const amountMin = `${formatUnits(bountyMin, 18)} DIMO`;
    actions.push({ action: 'award-bounty', platform, decoder: contentHash, payee, amountMin });
  }
  if (replaces) {
    const graceEnds = moment(replaces.graceEnds);
    actions.push({ action: 'deprecate-decoder', decoder: replaces.contentHash, successor: contentHash, graceEnds });
  }
  return actions;
}

/** The name, where a DIP file takes it and it is that of the key. */
function readableName(key: Hex, name: string | undefined): string | undefined {
  return name !== undefined && /^[\w .-]{1,100}$/.test(name) && platformKey(name) === key ? name : undefined;
}

/** Unix seconds as a DIP file has them: to the second, for signatures depend on it. */
const moment = (seconds: bigint | number) => `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 19)}Z`;

function bodyOf(parts: DecoderDipParts): string {
  const { report, reportHash, listing, bountyMin, replaces, motivation, consent } = parts;
  const { package: packed, decoder, golden } = report;
  const { make, model, years, bus } = packed.platform as {
    make: string;
    model: string;
    years: [number, number];
    bus: string;
  };
  const vehicles = `${make} ${model} of ${years[0]} to ${years[1]}, bus "${bus}"`;
  const paid =
    bountyMin === undefined
      ? ''
      : ` The bounty of its platform, at least ${amount(bountyMin)}, is paid to ${listing.payee}.`;
  const ended = replaces ? ` The decoder ${replaces.contentHash} runs out on ${utc(replaces.graceEnds)}.` : '';
  return [
    '## Abstract',
    `Miners may decode ${inlineCode(vehicles)} with \`${packed.id}\`, version ${packed.version}.${paid}${ended}`,
    '## Motivation',
    motivation ??
      'Without a listed decoder, what these vehicles send is not counted. Golden frames show what this one makes of it.',
    '## Specification',
    [
      `- decoder: SHA-256 \`${decoder.contentHash}\`, ${decoder.sizeBytes} bytes, licence ${packed.license}`,
      `- meaning: \`${decoder.semanticHash}\`; compiled module: \`${decoder.moduleHash}\``,
      `- listed as version ${listing.version} of \`${packed.id}\`, platform \`${listing.platform}\``,
      `- author ${listing.author}, who consents until ${utc(Number(consent.deadline))}; payee ${listing.payee}`,
      `- ${golden.frames} golden frames come out right of: ${golden.backEnds.join(', ')}`,
      ...(packed.sha256 ? [`- package: SHA-256 \`${packed.sha256}\``] : []),
      ...speedOf(report),
    ].join('\n'),
    ...differencesOf(report, replaces?.contentHash),
    '## Implementation',
    `The report of the gate is attached by its SHA-256, \`${reportHash}\`. Anyone who has the package and the report runs ` +
      'the gate again with `miner dip gate --against`: all of it but the benchmark comes out the same.',
    '## Copyright',
    'This text is in the public domain (CC0-1.0). The decoder is under its own licence, named above.',
  ].join('\n\n');
}

function speedOf({ benchmark }: GateReport): string[] {
  if (!benchmark) return [];
  return [`- decoded in batches, ${benchmark.ratio} times as fast as by the interpreter (${benchmark.runtime})`];
}

const changesShown = 30;

function differencesOf({ replaces }: GateReport, replaced: Hex | undefined): string[] {
  if (!replaces)
    return replaced ? ['The differences from the replaced decoder were not looked at: its file was not given.'] : [];
  const { meaningDiffers, changes, values } = replaces;
  const head = meaningDiffers
    ? `Against the decoder that it replaces: of ${values.compared} values of the golden frames ${values.changed} change, ` +
      `${values.relabelled} keep their number with another label, unit or status, ${values.appeared} appear and ${values.disappeared} disappear.`
    : 'It means the same as the decoder that it replaces: every value comes out as before.';
  const more = changes.length > changesShown ? [`- and ${changes.length - changesShown} more, in the report`] : [];
  const lines = [...changes.slice(0, changesShown).map((change) => `- ${inlineCode(change)}`), ...more];
  return lines.length === 0 ? [head] : [head, lines.join('\n')];
}

const amount = (units: bigint) => `${formatUnits(units, 18)} DIMO`;
