// Compiled decoders: the JavaScript file gives what every back end gives, and no name of a file writes code.
import assert from 'node:assert/strict';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { compilePlan, createInterpreter, decodeToObject, type Plan } from '../../../edge/decode/index.ts';
import { compileTargets, emitFiles, emitJavaScript } from '../../../tools/dbc/index.ts';
import { anyMessage, anyPayload } from '../../edge/decode/support/arbitraries.ts';
import { database, message, signal } from '../../edge/decode/support/build.ts';
import { layouts, read, scratch } from './fixtures.ts';

interface Decoder {
  decode(
    id: number,
    extended: boolean,
    data: Uint8Array,
  ): { name: string; signals: object; status: object } | undefined;
  messages: { name: string }[];
}

const { file } = scratch();
let loaded = 0;

/** Written and imported as a user would. */
function load(plan: Plan): Promise<Decoder> {
  return import(pathToFileURL(file(`decoder${loaded++}.mjs`, emitJavaScript(plan, 'test'))).href);
}

async function agrees(plan: Plan, id: number, extended: boolean, payloads: readonly Uint8Array[]): Promise<void> {
  const decoder = await load(plan);
  const oracle = createInterpreter(plan);
  for (const payload of payloads) {
    const expected = decodeToObject(oracle, id, extended ? 1 : 0, payload);
    const { name, signals, status } = decoder.decode(id, extended, payload)!;
    assert.deepEqual(
      { name, signals, status },
      { name: expected!.message.name, signals: expected!.signals, status: expected!.status },
    );
  }
}

test('JavaScript: random databases and frames decode as the interpreter decodes them', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyMessage(0x100),
      fc.array(anyPayload, { minLength: 1, maxLength: 8 }),
      async (drawn, payloads) => {
        await agrees(compilePlan(database(drawn)), drawn.id, drawn.extended, payloads);
      },
    ),
    { numRuns: 60 },
  );
});

test('JavaScript: exact integers past 2^53, of either sign', async () => {
  const wide = [
    signal('U', { length: 64, offset: 1, scale: 3 }),
    signal('I', { length: 64, startBit: 64, signed: true }),
  ];
  const plan = compilePlan(database(message(1, wide, { length: 16 })));
  const full = new Uint8Array(16).fill(0xff);
  await agrees(plan, 1, false, [full, full.with(15, 0x7f), full.subarray(0, 8), new Uint8Array(0)]);
});

test('JavaScript: names that would write code, or vanish', async () => {
  const names = [
    '__proto__',
    "'); process.exit(7); ('",
    '`$' + '{process.exit(7)}`',
    '*/',
    '</script>',
    '$&',
    '\u2028',
    'MESSAGES',
    'OK',
  ];
  const plan = compilePlan(
    database(
      message(
        1,
        names.map((name, i) => signal(name, { startBit: i * 4, length: 4 })),
      ),
    ),
  );
  const decoder = await load(plan);
  assert.deepEqual(Object.keys(decoder.decode(1, false, new Uint8Array(8))!.signals).sort(), names.toSorted());
});

test('JavaScript: frames it does not know, and payloads longer than any', async () => {
  const { decode, messages } = await load(compilePlan(read(layouts)));
  assert.equal(messages.length, 5);
  assert.equal(decode(0x7ff, false, new Uint8Array(8)), undefined);
  assert.equal(decode(100, false, new Uint8Array(100))?.name, 'Overlap');
  assert.equal(decode(100, true, new Uint8Array(8))?.name, 'Twin');
});

test('the same plan gives the same files, and each target says what it wrote', () => {
  const emit = () => compileTargets.map((target) => emitFiles(compilePlan(read(layouts)), target, 'car'));
  assert.deepEqual(emit(), emit());
  assert.deepEqual(
    emit()
      .flat()
      .map(({ name }) => name),
    ['car.wasm', 'car.simd.wasm', 'car.simd.json', 'car.h', 'car.c', 'car.mjs'],
  );
});

test('the batch module comes with the names of its columns', () => {
  const [module, description] = emitFiles(compilePlan(read(layouts)), 'wasm-simd', 'car');
  assert.ok(WebAssembly.validate(module.content as Uint8Array<ArrayBuffer>));
  const tables = JSON.parse(new TextDecoder().decode(description.content));
  const branch = tables.find((table: { selector?: string }) => table.selector === 'Mode');
  assert.deepEqual(Object.keys(branch), ['message', 'id', 'extended', 'selector', 'ranges', 'columns']);
});
