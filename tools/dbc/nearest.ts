/** Did you mean: names near a word that matches none. */

const namesMax = 3;

/**
 * Up to three names that a slip of the finger may have meant, nearest first.
 * @example nearest('Sped', ['Speed', 'Gear'])  // ['Speed']
 */
export function nearest(word: string, names: readonly string[]): string[] {
  const wanted = word.toLowerCase();
  // More slips are forgiven in longer words; a part of a name counts as near.
  const slipsMax = Math.max(1, Math.floor(wanted.length / 3));
  const scored = [...new Set(names)].map((name) => {
    const candidate = name.toLowerCase();
    const isPart = wanted.length >= 3 && candidate.includes(wanted);
    return { name, slips: isPart ? 0.5 : slips(wanted, candidate, slipsMax) };
  });
  return scored
    .filter(({ slips }) => slips <= slipsMax)
    .sort((a, b) => a.slips - b.slips)
    .slice(0, namesMax)
    .map(({ name }) => name);
}

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment); past `most`, Infinity. */
function slips(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
