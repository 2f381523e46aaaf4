/** Reads inputs, turns their rows about, and prints the hashes of the inputs and leaves that follow. */
import { writeFileSync } from 'node:fs';
import { computeEpoch, hashOfText, readInputs } from '../../../tools/rewards/index.ts';
import { formatLeaves } from '../../../tools/rewards/publish.ts';

const { inputs } = readInputs(process.argv[2]!);
const vehicles = inputs.vehicles.map((vehicle, index) => ({ vehicle, key: (index * 7919) % inputs.vehicles.length }));
vehicles.sort((a, b) => a.key - b.key);
const shuffled = { ...inputs, vehicles: vehicles.map(({ vehicle }) => vehicle) };
const computed = computeEpoch(shuffled)!;
writeFileSync(1, `${computed.inputsHash}\n${hashOfText(formatLeaves(shuffled, computed))}\n`);
