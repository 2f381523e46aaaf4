/** `miner dbc compile`: a decoder as a WebAssembly module, as JavaScript or as C. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { CompileTarget } from '../../../dbc/index.ts';
import { toolError } from '../../../errors/index.ts';
import { table } from '../../table.ts';

/** Those of `compileTargets`, here so that help needs no compiler. */
const targets = ['wasm', 'wasm-simd', 'c', 'js'] as const satisfies readonly CompileTarget[];

interface CompileFlags {
  output: string;
  target: CompileTarget[];
  json?: boolean;
}

export function addCompile(dbc: Command): void {
  dbc
    .command('compile')
    .argument('<file>', 'a DBC file, or its JSON form')
    .description('write the decoder as a WebAssembly module, a batch module, C or JavaScript, with sizes and hashes')
    .option('-o, --output <folder>', 'where to; it is made, and files of an earlier run are replaced', '.')
    .option('--target <names>', `${targets.join(',')}, or several with commas`, targetList, ['wasm'] as CompileTarget[])
    .option('--json', 'one object: files with path, bytes, sha256')
    .addHelpText(
      'after',
      `
wasm       WebAssembly 1.0 without imports, the module whose hash is registered
wasm-simd  decodes blocks of frames into columns, with a JSON file that names them; for hosts of their own
c          C99 source and header for firmware
js         one ECMAScript module, for browsers and Node, that exports decode(id, extended, data)
All give the same results, bit for bit.

Example
  $ miner dbc compile car.dbc --target wasm,c -o build`,
    )
    .action(compile);
}

function targetList(text: string): CompileTarget[] {
  const names = text.split(',');
  const unknown = names.find((name) => !targets.includes(name as CompileTarget));
  if (unknown === undefined) return [...new Set(names)] as CompileTarget[];
  throw new InvalidArgumentError(`${JSON.stringify(unknown)} is none; expected ${targets.join(' or ')}.`);
}

async function compile(file: string, { output, target, json }: CompileFlags): Promise<void> {
  const { emitFiles, sha256Hex } = await import('../../../dbc/index.ts');
  const { openDecoder, writeOutput } = await import('../../../dbc/open-node.ts');
  const { plan } = openDecoder(file);
  const name = path.basename(file).replace(/\.(dbc|json)$/i, '');
  const emitted = target.flatMap((each) => emitFiles(plan, each, name));
  makeFolder(output);
  const files = emitted.map(({ name: written, content }) => {
    const at = path.join(output, written);
    writeOutput(at, content, true);
    return { path: at, bytes: content.length, sha256: sha256Hex(content) };
  });
  if (json) process.stdout.write(`${JSON.stringify({ file, files })}\n`);
  else process.stdout.write(`${table(files.map((each) => [each.path, each.bytes, 'bytes', each.sha256]))}\n`);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw toolError('OUTPUT_UNWRITABLE', { path: folder, reason }, cause);
  }
}
