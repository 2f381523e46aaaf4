/** The Miner's tables in docs/benchmarks.md. */
import { type EdgeReport, edgeParts, type Figure, isReached } from './figures.ts';
import { partTitles, spreadText, valueText } from './text.ts';

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Every figure with its goal; a goal that is missed stands out. */
export function edgeTables(report: EdgeReport | undefined): string {
  if (report === undefined) return 'Not measured yet: `npx miner bench edge` prints them.';
  const { machine, options, parts } = report;
  const commit = machine.commit === undefined ? '' : `, commit ${machine.commit}`;
  const run =
    `Run of ${machine.date.slice(0, 10)}${commit}: ${machine.cpu}, ${machine.cores} cores, ${machine.runtime}. ` +
    `Medians of ${options.rounds} rounds; ${options.seconds} s of a saturated bus.`;
  const sections = edgeParts.flatMap((name) => {
    const part = parts[name];
    if (part === undefined) return [];
    const heading = [
      line([partTitles[name], '', '', 'spread', 'goal', '']),
      line(['---', '--:', '---', '--:', '--:', '---']),
    ];
    const rows = part.figures.map((figure) =>
      line([figure.label, valueText(figure, figure.value), figure.unit, spreadText(figure), ...goalCells(figure)]),
    );
    const words = [...part.notes, ...part.skipped.map((reason) => `Not measured: ${reason}.`)].join(' ');
    const faults = part.faults.map((fault) => `**${fault}**`);
    return [[...heading, ...rows].join('\n'), ...(words === '' ? [] : [words]), ...faults];
  });
  return [run, ...sections].join('\n\n');
}

function goalCells(figure: Figure): [string, string] {
  const { goal, better = 'more' } = figure;
  if (goal === undefined) return ['', ''];
  const bound = goal === 0 ? 'none' : `${better === 'more' ? '≥' : '≤'} ${goal.toLocaleString('en')}`;
  return [bound, isReached(figure) ? 'reached' : '**missed**'];
}
