/**
 * `npm run coverage:contracts`: runs the Solidity tests on instrumented contracts and prints, for each source, the share
 * of its lines that were reached and the numbers of those that were not. Exits with 1 below 98 %, when a test fails, or
 * when a source with statements was not measured. The governor is instrumented too: the tests take it from the artifact
 * that this run has built. A file that Hardhat lists by statements is in coverage/html.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { coverageReport, hasStatements, readLcov } from './support/line-coverage.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const trace = path.join(root, 'coverage/lcov.info');
rmSync(trace, { force: true });
rmSync(path.join(root, 'coverage/data'), { recursive: true, force: true });

process.stderr.write('Running the Solidity tests on instrumented contracts (a minute or two) ...\n');
const hardhat = path.join(root, 'node_modules/hardhat/dist/src/cli.js');
const args = [hardhat, 'test', 'solidity', '--coverage', '--test-profile', 'coverage'];
const run = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
if (run.signal) process.exit(130);
if (run.status !== 0) {
  process.stderr.write(`${run.stdout}${run.stderr}\n`);
  process.stdout.write('coverage: the Solidity tests failed; nothing is said of lines\n');
  process.exit(1);
}
const expected = globSync('contracts/**/*.sol', { cwd: root }).filter((file) =>
  hasStatements(readFileSync(path.join(root, file), 'utf8')),
);
const report = coverageReport(readLcov(readFileSync(trace, 'utf8')), { expected, wantedPercent: 98 });
process.stdout.write(`${report.text}\n`);
process.exitCode = report.good ? 0 : 1;
