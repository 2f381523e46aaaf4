/** `miner dbc golden` and `miner dbc package`: what a decoder must give, and everything about it in one file. */
import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { GoldenFrame, GoldenReport, PackageProblem } from '../../dbc/package/index.ts';
import { toolError } from '../../errors/index.ts';
import { readInput } from '../../files.ts';
import { integerBetween } from '../options.ts';
import { table } from '../table.ts';

interface GoldenFlags {
  generate?: number;
  seed: number;
  output: string;
  check?: string;
  withC?: boolean;
  json?: boolean;
}

export function addPackage(dbc: Command): void {
  dbc
    .command('golden')
    .argument('<dbc>', 'a DBC file')
    .argument('[log]', 'a log to pick frames from, in any format that is read; - is standard input')
    .description('frames that show what a decoder must give, with their values; or check decoders against them')
    .option('--generate <n>', 'make up n frames (more when covering everything takes more)', integerBetween(1, 200_000))
    .option('--seed <s>', 'the same seed gives the same frames', integerBetween(0, 2 ** 32 - 1), 1)
    .option('-o, --output <file>', 'where to write the frames, one JSON object a line; - is standard output', '-')
    .option('--check <file>', 'decode these frames with every back end; exit 1 with the differences')
    .option('--with-c', 'with --check: compile the emitted C with gcc and check that too')
    .option('--json', 'with --check: one object')
    .addHelpText(
      'after',
      `
Examples
  $ miner dbc golden car.dbc drive.log -o golden.jsonl
  $ miner dbc golden car.dbc --generate 1000 --seed 7 -o golden.jsonl
  $ miner dbc golden car.dbc --check golden.jsonl`,
    )
    .action(golden);
  addPackageGroup(dbc.command('package').description('a decoder with all that voters need to judge it'));
}

function addPackageGroup(group: Command): void {
  group
    .command('init')
    .argument('<folder>', 'where to put the files; made when missing')
    .description('write a manifest and a signal mapping to fill in')
    .option('--dbc <file>', 'copy this DBC into it, with generated golden frames')
    .addHelpText('after', '\nExample\n  $ miner dbc package init my-car --dbc car.dbc')
    .action(init);
  group
    .command('build')
    .argument('<folder>', 'with manifest.json, decoder.dbc, golden.jsonl and, if wanted, vss.json')
    .description('check the folder and make one file of it: the same folder gives the same bytes everywhere')
    .requiredOption('-o, --output <file>', 'the package')
    .option('--json', 'one object: sha256, contentHash, semanticHash, moduleHash')
    .addHelpText('after', '\nExample\n  $ miner dbc package build my-car -o my-car.dimopkg')
    .action(build);
  group
    .command('check')
    .argument('<path>', 'a folder or a built file')
    .description('everything that can be wrong with a package, with its place; exit 1 when something is')
    .option('--sha256 <hex>', 'of a file: what its SHA-256 must be')
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner dbc package check my-car.dimopkg')
    .action(check);
}

async function golden(dbc: string, log: string | undefined, flags: GoldenFlags): Promise<void> {
  const sources = { LOG: log, '--generate': flags.generate, '--check': flags.check };
  const given = Object.entries(sources).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given.length !== 1) throw toolError('GOLDEN_SOURCE', { given: given.join(' and ') || 'none' });
  const [{ parseDbc }, { compilePlan }, work] = await Promise.all([
    import('../../../edge/dbc/index.ts'),
    import('../../../edge/decode/index.ts'),
    import('../../dbc/package/index.ts'),
  ]);
  const { database } = parseDbc(readInput(dbc));
  if (database.messages.length === 0) throw toolError('DECODER_EMPTY', { path: dbc });
  const plan = compilePlan(database);
  if (flags.check !== undefined) {
    const { frames, lines, problems } = work.readGolden(new TextDecoder().decode(readInput(flags.check)));
    const report = work.checkGolden(plan, frames, { withC: flags.withC });
    const isGood = report.differenceCount === 0 && problems.length === 0 && frames.length > 0;
    process.exitCode = isGood ? 0 : 1;
    if (flags.json) process.stdout.write(`${JSON.stringify({ ok: isGood, ...report, malformed: problems })}\n`);
    else process.stdout.write(checkText(flags.check, { frames, lines, problems }, report));
    return;
  }
  const { frames, unseen } =
    log === undefined
      ? work.generateGolden(plan, { count: flags.generate!, seed: flags.seed })
      : await work.goldenFromLog(plan, log);
  await writeOutput(flags.output, frames.map((frame) => `${work.goldenLine(frame)}\n`).join(''));
  const missing = unseen.length === 0 ? '' : `; not seen: ${nameSome(unseen.map(({ name }) => name))}`;
  process.stderr.write(
    `${frames.length} golden frames of ${plan.messages.length - unseen.length} messages${missing}\n`,
  );
  if (frames.length === 0) process.exitCode = 1;
}

function nameSome(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return `${names.slice(0, 5).join(', ')}${more}`;
}

function checkText(
  file: string,
  golden: { frames: GoldenFrame[]; lines: number[]; problems: { line: number; problem: string }[] },
  report: GoldenReport,
): string {
  const lines = golden.problems.slice(0, 20).map(({ line, problem }) => `${file}:${line}: ${problem}`);
  for (const { frame, backEnd, signal, expected, got } of report.differences.slice(0, 20)) {
    const { message } = golden.frames[frame];
    const what = signal === undefined ? message : `${message}.${signal}`;
    lines.push(`${file}:${golden.lines[frame]}: ${what}: expected ${expected}, ${backEnd} gives ${got}`);
  }
  for (const { backEnd, reason } of report.skipped) lines.push(`${backEnd} did not run: ${reason}`);
  if (golden.problems.length > 0) lines.push(`${golden.problems.length} lines are no golden frames`);
  lines.push(
    `${report.frameCount} frames, back ends ${report.backEnds.join(', ')}: ` +
      (report.differenceCount === 0
        ? 'no difference'
        : `${report.differingFrames} frames differ in ${report.differenceCount} values; the first of each signal is shown`),
  );
  return `${lines.join('\n')}\n`;
}

async function init(folder: string, flags: { dbc?: string }): Promise<void> {
  const { initFolder } = await import('../../dbc/package/index.ts');
  const written = initFolder(folder, flags.dbc);
  process.stdout.write(`${written.map((path) => `wrote ${path}\n`).join('')}`);
  process.stderr.write(`fill the manifest in, then: miner dbc package check ${folder}\n`);
}

async function build(folder: string, flags: { output: string; json?: boolean }): Promise<void> {
  const { Problems, readFolder, inspectPackage, encodePackage } = await import('../../dbc/package/index.ts');
  const problems = new Problems();
  const parts = readFolder(folder, problems);
  const inspected = parts && inspectPackage(parts, problems);
  if (inspected?.package === undefined) {
    process.stderr.write(problemsText(problems.list, process.stderr));
    throw toolError('PACKAGE_BAD', { path: folder, errors: problems.errorCount });
  }
  const bytes = encodePackage(inspected.package);
  await writeOutput(flags.output, bytes);
  const { contentHash } = await import('../../../edge/dbc/index.ts');
  const hashes = { sha256: contentHash(bytes), ...inspected.hashes };
  process.stdout.write(flags.json ? `${JSON.stringify(hashes)}\n` : hashTable(hashes));
  process.stderr.write(problemsText(problems.list, process.stderr));
}

async function check(path: string, flags: { sha256?: string; json?: boolean }): Promise<void> {
  const { openPackage } = await import('../../dbc/package/index.ts');
  const expected = flags.sha256?.toLowerCase();
  if (expected !== undefined && !/^(0x)?[0-9a-f]{64}$/.test(expected))
    throw toolError('OPTION_INVALID', { option: '--sha256', value: expected, expected: '64 hex digits' });
  const { problems, sha256, inspected } = openPackage(path, expected?.replace('0x', ''));
  const isGood = problems.errorCount === 0;
  process.exitCode = isGood ? 0 : 1;
  const hashes = { ...(sha256 && { sha256 }), ...inspected?.hashes };
  if (flags.json) {
    const facts = { ok: isGood, ...hashes, goldenFrames: inspected?.report.frameCount ?? 0 };
    const backEnds = inspected?.report.backEnds ?? [];
    process.stdout.write(
      `${JSON.stringify({ ...facts, backEnds, errorCount: problems.errorCount, problems: problems.list })}\n`,
    );
    return;
  }
  const { report } = inspected ?? {};
  const verdict = isGood
    ? `good: ${report!.frameCount} golden frames agree with ${report!.backEnds.join(', ')}`
    : `bad: ${problems.errorCount} ${problems.errorCount === 1 ? 'error' : 'errors'}`;
  process.stdout.write(`${problemsText(problems.list)}${hashTable(hashes)}${path}: ${verdict}\n`);
}

function problemsText(problems: readonly PackageProblem[], stream: NodeJS.WriteStream = process.stdout): string {
  const colours = { error: 'red', note: 'cyan' } as const;
  return problems
    .map(({ severity, place, message }) => {
      const word = styleText(colours[severity], severity, { stream });
      return `${place}${place && ': '}${word}: ${message}\n`;
    })
    .join('');
}

const explanations: Record<string, string> = {
  sha256: 'the exact bytes of the package',
  contentHash: 'the exact bytes of the DBC',
  semanticHash: 'what it means',
  moduleHash: 'the WebAssembly module that it compiles to',
};

function hashTable(hashes: Record<string, string | null>): string {
  const rows = Object.entries(hashes).map(([name, hash]) => [name, hash ?? 'none', explanations[name]]);
  return rows.length === 0 ? '' : `${table(rows)}\n`;
}

async function writeOutput(path: string, content: string | Uint8Array): Promise<void> {
  const { writeFileSync } = await import('node:fs');
  if (path === '-') {
    process.stdout.write(content);
    return;
  }
  try {
    writeFileSync(path, content);
  } catch (cause) {
    throw toolError('OUTPUT_UNWRITABLE', { path, reason: String((cause as NodeJS.ErrnoException).code) }, cause);
  }
}
