/** `miner dip gate`: what a decoder DIP claims of its package, run again by anyone; needs no chain and no key. */
import type { Command } from 'commander';
import { jsonLine } from '../../chain-context.ts';
import { expectFree, writeFile } from './applicant-files.ts';

interface GateFlags {
  replaces?: string;
  against?: string;
  out?: string;
  force?: boolean;
  json?: boolean;
}

const differencesShown = 20;

/** @param dip `miner dip` */
export function registerDipGate(dip: Command): void {
  dip
    .command('gate')
    .argument('<package>', 'a decoder package, as folder or file')
    .description('run the gate of a decoder DIP, as its author did; exit 1 when a report says otherwise')
    .option('--replaces <decoder>', 'the DBC or package of the decoder that is replaced')
    .option('--against <report>', "the author's report, whose SHA-256 stands in the DIP")
    .option('-o, --out <file>', 'write a report, with a benchmark of this machine')
    .option('--force', 'replace a file that is there')
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner dip gate my-car.dimopkg --against my-car.gate.json')
    .action(gate);
}

async function gate(pack: string, flags: GateFlags): Promise<void> {
  const [applicants, { sha256Hex }] = await Promise.all([
    import('../../../applicants/index.ts'),
    import('../../../dbc/index.ts'),
  ]);
  if (flags.out !== undefined) expectFree([flags.out], flags.force);
  const theirs = flags.against === undefined ? undefined : applicants.readGateReport(flags.against);
  const replaced = flags.replaces === undefined ? undefined : applicants.decoderBytes(flags.replaces);
  const onStep = (step: string) => process.stderr.write(`gate: ${step} ...\n`);
  const passed = applicants.runGate(pack, { ...(replaced && { replaced }), onStep });
  const { report } = passed;
  const differences = theirs ? applicants.compareReports(theirs.report, report) : [];
  if (differences.length > 0) process.exitCode = 1;
  if (flags.out !== undefined) {
    onStep('benchmark');
    writeFile(flags.out, applicants.gateReportText(applicants.benchmarkGate(passed, applicants.thisMachine())));
  }
  const sha256 = theirs && sha256Hex(theirs.bytes);
  if (flags.json) {
    process.stdout.write(
      jsonLine({ agrees: differences.length === 0, ...(sha256 && { sha256 }), differences, report }),
    );
    return;
  }
  const { printable } = await import('../../../dbc/index.ts');
  const lines = [`gate passed: ${report.golden.frames} golden frames, ${report.golden.backEnds.join(', ')}`];
  for (const { at, theirs: given, ours } of differences.slice(0, differencesShown)) {
    lines.push(printable(`${at}: the report says ${given.slice(0, 200)}, expected ${ours.slice(0, 200)}`));
  }
  if (differences.length > differencesShown)
    lines.push(`... and ${differences.length - differencesShown} more; --json lists them all`);
  if (sha256)
    lines.push(`report ${sha256}: ${differences.length === 0 ? 'agrees, but for its benchmark' : 'does NOT agree'}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
