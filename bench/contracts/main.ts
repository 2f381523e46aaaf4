/**
 * `npm run bench:contracts`: what each call costs, how large each contract is, how long deploying and one DIP take.
 * Prints the tables, writes bench/results/contracts.json, which the tests hold new figures against, and redraws
 * docs/benchmarks.md. Running it accepts the figures as they are: look at the difference before you commit it.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { freshPlatform } from '../../test/tools/support/platform.ts';
import { carryDip, grantLicence } from '../../tools/dip/index.ts';
import { packageRoot } from '../../tools/package-root.ts';
import { describeMachine } from '../machine.ts';
import { publishPage } from '../results-page.ts';
import type { ContractFigures } from './figures.ts';
import { measureGas } from './gas.ts';
import { gasTable, runWords, sizeTable } from './page.ts';
import { contractSizes } from './sizes.ts';

const figures: ContractFigures = {
  machine: describeMachine(),
  gas: await measureGas(),
  sizes: contractSizes(),
  seconds: await measureTimes(),
};
process.stdout.write(`${[gasTable, sizeTable, runWords].map((draw) => draw(figures)).join('\n\n')}\n`);
const file = path.join(packageRoot, 'bench/results/contracts.json');
writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
publishPage();
const over = figures.gas.filter(({ gas, plan }) => plan !== undefined && gas > plan).length;
const { deploy, dip } = figures.seconds;
process.stdout.write(
  `\ncontracts: ${figures.gas.length} gas figures, ${over} over the plan; deployment ${deploy.toFixed(1)} s and a DIP ` +
    `${dip.toFixed(1)} s, wanted under 5 s together\n`,
);

/** Wall time of what a user waits for; the chain itself is started beforehand. */
async function measureTimes(): Promise<ContractFigures['seconds']> {
  await using platform = await freshPlatform();
  const { clients, deployment, holders, stranger, advance, deploySeconds } = platform;
  const licence = { owner: stranger.address, name: 'Acme', bondRequired: 0n, deviceCap: 1 };
  const actions = [grantLicence(deployment, { ...licence, attestationSigner: stranger.address })];
  const voters = holders.map((voter) => ({ voter, support: 'for' as const }));
  const started = performance.now();
  await carryDip(clients, deployment, { title: 'A', text: 'B', actions, voters }, { advanceTime: advance });
  const seconds = (performance.now() - started) / 1_000;
  return { deploy: Number(deploySeconds.toFixed(2)), dip: Number(seconds.toFixed(2)) };
}
