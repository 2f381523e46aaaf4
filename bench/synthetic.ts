/** A database for the bench whose 29 messages are all multiplexed: the case that is hardest to make fast. */
import { seededRandom } from './random.ts';

const messageCount = 29;
const selectorBits = 8;

/**
 * Writes the database: a selector in the first byte, a rolling counter and four to sixteen branches in each message;
 * every fifth message nests a second multiplexer, every seventh selects by ranges (SG_MUL_VAL_). Both byte orders,
 * signed and unsigned, usual scales and offsets.
 * @returns DBC text, always the same
 */
export function multiplexedDbc(): string {
  const random = seededRandom(29);
  const below = (limit: number): number => random() % limit;
  const messages: string[] = [];
  const ranges: string[] = [];
  for (let index = 0; index < messageCount; index++) {
    const id = 0x100 + index * 0x11;
    const lines = [`BO_ ${id} Multiplexed_${index}: 8 Vector__XXX`];
    const add = (name: string, mark: string, place: string): void => {
      lines.push(` SG_ ${name}${mark && ` ${mark}`} : ${place} Vector__XXX`);
    };
    add('Selector', 'M', `0|${selectorBits}@1+ (1,0) [0|255] ""`);
    add('Counter', '', '8|4@1+ (1,0) [0|15] ""');
    const branchCount = 4 + below(13);
    for (let branch = 0; branch < branchCount; branch++) {
      const isNested = index % 5 === 4 && branch === 0;
      if (isNested) nest(index, add, ranges, id, below);
      else for (const signal of fields(below)) add(`B${branch}_${signal.name}`, `m${branch}`, signal.place);
    }
    if (index % 7 === 6) {
      add('Wide', `m${branchCount}`, '32|16@1- (0.5,-100) [0|0] "V"');
      ranges.push(`SG_MUL_VAL_ ${id} Wide Selector ${branchCount}-99, 128-255;`);
    }
    messages.push(lines.join('\n'));
  }
  return `VERSION ""\n\nNS_ :\n\nBS_:\n\nBU_: Vector__XXX\n\n${messages.join('\n\n')}\n\n${ranges.join('\n')}\n`;
}

/** Branch 0 holds a selector of four bits of its own, with three branches. */
function nest(
  index: number,
  add: (name: string, mark: string, place: string) => void,
  ranges: string[],
  id: number,
  below: (limit: number) => number,
): void {
  add('Inner', 'm0M', '12|4@1+ (1,0) [0|15] ""');
  ranges.push(`SG_MUL_VAL_ ${id} Inner Selector 0-0;`);
  for (let branch = 0; branch < 3; branch++) {
    for (const { name, place } of fields(below)) {
      add(`N${index}_${branch}_${name}`, `m${branch}`, place);
      ranges.push(`SG_MUL_VAL_ ${id} N${index}_${branch}_${name} Inner ${branch}-${branch};`);
    }
  }
}

const scales = ['1', '0.1', '0.01', '0.5', '0.125', '2'];
const offsets = ['0', '0', '-40', '-273.15', '100'];

/** Two to five signals side by side in the last six bytes. */
function fields(below: (limit: number) => number): { name: string; place: string }[] {
  const count = 2 + below(4);
  const bits = Math.floor(48 / count);
  return Array.from({ length: count }, (_, i) => {
    const sign = below(3) === 0 ? '-' : '+';
    const factor = `(${scales[below(scales.length)]},${offsets[below(offsets.length)]}) [0|0] ""`;
    const first = 16 + i * bits;
    if (below(2) === 0) return { name: `F${i}`, place: `${first}|${bits}@1${sign} ${factor}` };
    // Motorola names the most significant bit: within the byte where the field begins, counted downwards.
    const start = first - (first % 8) + 7 - (first % 8);
    return { name: `F${i}`, place: `${start}|${bits}@0${sign} ${factor}` };
  });
}
