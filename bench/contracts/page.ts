/** The tables of contracts in docs/benchmarks.md. */
import { type ContractFigures, number, sizeBytesMax } from './figures.ts';

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function markdown(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(heading), line(heading.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** Every call with what the plan wanted; a figure over it is shown as such. */
export function gasTable({ gas }: ContractFigures): string {
  const rows = gas.map(({ name, gas: used, plan }) => [
    name,
    number(used),
    plan === undefined ? '' : number(plan),
    plan === undefined ? '' : used <= plan ? 'kept' : `**over by ${number(used - plan)}**`,
  ]);
  return markdown(['call', 'gas', 'plan', ''], rows);
}

/** Largest first. */
export function sizeTable({ sizes }: ContractFigures): string {
  const rows = sizes
    .toSorted((a, b) => b.bytes - a.bytes)
    .map(({ name, bytes }) => [name, number(bytes), `${Math.round((100 * bytes) / sizeBytesMax)} %`]);
  return markdown(['contract', 'bytes', `of ${number(sizeBytesMax)}`], rows);
}

/** One paragraph: where, when, and how long. */
export function runWords({ machine, seconds }: ContractFigures): string {
  const commit = machine.commit === undefined ? '' : `, commit ${machine.commit}`;
  return (
    `Run of ${machine.date.slice(0, 10)}${commit}: ${machine.cpu}, ${machine.runtime}. Deploying everything and proving ` +
    `the wiring took ${seconds.deploy.toFixed(1)} s, one DIP from proposal to execution ${seconds.dip.toFixed(1)} s, ` +
    'on the chain inside the process.'
  );
}
