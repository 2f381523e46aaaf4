/** `miner pack decode`: packs into rows or messages that other programs read, with the decoder they name or a newer one. */
import { MinerError } from '../../edge/errors/index.ts';
import { toolError } from '../errors/index.ts';
import { decodersOf, type LoadedDecoder, loadDecoder, placeOf } from './decoders.ts';
import type { Exporter, ExportOptions } from './export.ts';
import { createCloudEvents } from './export-cloud-event.ts';
import { createCsv, createJsonLines } from './export-lines.ts';
import { createSenml } from './export-senml.ts';
import { dbcNames, readNames } from './names.ts';
import { Redecoding, type RedecodingSummary, type SignalChange, summaryOf, unknownFrames } from './redecode.ts';
import { type NamedSample, SampleReader, type SampleSource } from './samples.ts';
import { readPacks } from './source.ts';
import { openUnverified, type UnverifiedPack } from './unverified.ts';

export const formats = ['jsonl', 'csv', 'senml', 'cloudevent'] as const;
export type Format = (typeof formats)[number];

export interface DecodeOptions extends Omit<ExportOptions, 'names'> {
  /** Files; the first is the one that `with` replaces. */
  dbc: readonly string[];
  with?: string;
  format: Format;
  /** A mapping file. */
  names?: string;
  /** When the device booted, for packs without a clock. */
  bootedUnixMs?: number;
}

const exporters: Record<Format, (options: ExportOptions) => Exporter> = {
  jsonl: createJsonLines,
  csv: createCsv,
  senml: createSenml,
  cloudevent: createCloudEvents,
};

export interface DecodeOutcome {
  packs: number;
  /** Packs that were refused: reported through `note`. */
  refused: number;
  samples: number;
  /** Samples that the format cannot hold. */
  left: number;
  redecoding?: { summary: RedecodingSummary; changes: SignalChange[] };
}

/** What the run may do outside. */
export interface DecodeSurroundings {
  /** Takes a piece of the output. */
  write(text: string): void;
  /** Between packs and within large ones: to let the output drain, and to stop when it rejects. */
  pause(): Promise<void>;
  /** A line for a person, about one pack. */
  note(text: string): void;
  /** After each pack. @param bytes of packs so far */
  progress?(bytes: number, packs: number): void;
  /** Leave out the samples: only what a newer decoder changes is wanted. */
  onlyCount?: boolean;
}

const samplesBetweenPauses = 4096;

/**
 * Decodes packs in the order given. Of several, one that is malformed is noted and passed over.
 * @throws {MinerError} what is wrong with the one pack given; PACK_DECODER_MISSING, PACK_NAMES, FILE_UNREADABLE
 */
export async function decodePacks(
  paths: readonly string[],
  options: DecodeOptions,
  surroundings: DecodeSurroundings,
): Promise<DecodeOutcome> {
  const { note, write, pause, progress = () => {}, onlyCount = false } = surroundings;
  const names = options.names === undefined ? dbcNames : readNames(options.names);
  const exporter = exporters[options.format]({ ...options, names });
  const run = new Run(options);
  const outcome: DecodeOutcome = { packs: 0, refused: 0, samples: 0, left: 0 };
  const fail = (name: string, error: unknown): void => {
    // A decoder that is missing is the caller's to mend, not the pack's fault.
    if (!(error instanceof MinerError) || error.exitCode !== 1) throw error;
    if (paths.length === 1 && name === paths[0]) throw error;
    note(`${error.message.startsWith(name) ? '' : `${name}: `}${error.message}`);
    outcome.refused++;
  };
  let bytesDone = 0;
  if (!onlyCount) write(exporter.header);
  for (const item of readPacks(paths)) {
    if (item.kind === 'damage') {
      note(`${item.name}: ${item.bytes} bytes that are no whole record`);
      continue;
    }
    try {
      const pack = openUnverified(item.name, item.bytes);
      const source = run.sourceOf(pack);
      const counted = run.counted(source);
      const { device, hash, body, name } = pack;
      const samples = tallied(counted, outcome);
      if (onlyCount) for (const _ of samples);
      else {
        const { bootedUnixMs } = options;
        const exported = { name, device, hash, body, samples, ...(bootedUnixMs !== undefined && { bootedUnixMs }) };
        let pieces = 0;
        for (const piece of exporter.write(exported)) {
          write(piece);
          if (++pieces % samplesBetweenPauses === 0) await pause();
        }
      }
      outcome.packs++;
    } catch (error) {
      fail(item.name, error);
    }
    bytesDone += item.bytes.length;
    progress(bytesDone, outcome.packs + outcome.refused);
    await pause();
  }
  outcome.left = exporter.left;
  if (run.redecoding) {
    const { redecoding } = run;
    const summary = summaryOf(redecoding, outcome.packs, run.framesUnknown);
    outcome.redecoding = { summary, changes: redecoding.changes };
  }
  return outcome;
}

function* tallied(samples: Iterable<NamedSample>, outcome: DecodeOutcome): Generator<NamedSample> {
  for (const sample of samples) {
    outcome.samples++;
    yield sample;
  }
}

/** The decoders of one run, and how packs are read with them. */
class Run {
  readonly #loaded: readonly LoadedDecoder[];
  readonly #reader = new SampleReader();
  readonly redecoding: Redecoding | undefined;
  framesUnknown = 0;

  constructor({ dbc, with: newer }: DecodeOptions) {
    this.#loaded = dbc.map(loadDecoder);
    if (newer === undefined) return;
    if (this.#loaded.length === 0) {
      const reason = 'it says which signals the numbers in the packs mean';
      throw toolError('OPTION_MISSING', { option: '--dbc', reason });
    }
    this.redecoding = new Redecoding(this.#loaded[0], loadDecoder(newer), this.#reader);
  }

  /** @throws {MinerError} PACK_DECODER_MISSING */
  sourceOf({ name, device, body }: UnverifiedPack): SampleSource {
    const { redecoding } = this;
    const decoders = decodersOf(name, body, this.#loaded);
    const plans = this.#loaded.map((decoder) => (decoder === redecoding?.older ? redecoding.newer.plan : decoder.plan));
    if (redecoding) {
      decoders.forEach((decoder, index) => {
        if (decoder === redecoding.older) redecoding.countColumns(name, body, index);
      });
      this.framesUnknown += unknownFrames(body, redecoding.newer.plan);
    }
    return {
      pack: name,
      stream: `${device} ${body.bootCount}`,
      body,
      plans,
      place(decoder, signalIndex) {
        // decodersOf made sure that every decoder with a column is there.
        const loaded = decoders[decoder]!;
        if (loaded === redecoding?.older) return redecoding.place(name, signalIndex);
        return placeOf(name, loaded, signalIndex);
      },
    };
  }

  *counted(source: SampleSource): Generator<NamedSample> {
    const newer = this.redecoding?.newer.plan;
    for (const sample of this.#reader.samples(source)) {
      if (sample.from === 'frame' && newer?.signals[sample.signal.signalIndex] === sample.signal) {
        this.redecoding?.countFrameSample(sample);
      }
      yield sample;
    }
  }
}
