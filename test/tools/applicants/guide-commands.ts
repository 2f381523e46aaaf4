/** The commands that a guide shows, as a shell would split them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const docs = new URL('../../../docs/', import.meta.url);

export const guideText = (name: string) => readFileSync(fileURLToPath(new URL(name, docs)), 'utf8');

/** Lines of the guide's `sh` blocks in order, without the program's name. @param values what stands for a word */
export function guideCommands(name: string, values: Readonly<Record<string, string>>): string[][] {
  const blocks = [...guideText(name).matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text!);
  return blocks
    .flatMap((text) => text.trim().split('\n'))
    .map((line) => {
      const [program, ...words] = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
      assert.equal(program, 'miner', line);
      return words.map((word) => values[word] ?? word);
    });
}
