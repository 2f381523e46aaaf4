/** A decoder as one JavaScript file that needs nothing else: the scalar module, and the names around it. */
import { emitScalarModule, type Plan, SignalStatus, statusNames } from '../../../edge/decode/index.ts';

/**
 * An ECMAScript module for browsers, Node, Deno and Bun. It exports `messages`, what the decoder knows, and
 * `decode(id, extended, data)`, which gives `{ name, signals, status }`: physical values by name (bigint past 2^53),
 * and of signals that are neither ok nor inactive the status' name; undefined for a frame it does not know.
 * @param title named in its first line
 * @throws {MinerError} `MESSAGE_TOO_LARGE`
 */
export function emitJavaScript(plan: Plan, title: string): string {
  const messages = plan.messages.map(({ name, id, extended, length, signals }) => ({
    name,
    id,
    extended,
    length,
    signals: signals.map((signal) => ({
      name: signal.name,
      unit: signal.unit,
      labels: signal.labels.map(({ raw, text }) => [`${raw}`, text]),
      // What an exact value past 2^53 is made of.
      ...(isInteger(signal) ? { scale: signal.scale, offset: signal.offset, unsigned: !signal.signed } : {}),
    })),
  }));
  return moduleText({
    title: title.replaceAll(/[^\w.-]/g, '_'),
    module: base64(emitScalarModule(plan)),
    messages: JSON.stringify(messages, undefined, 1),
  });
}

function isInteger({ valueType, scale, offset }: { valueType: string; scale: number; offset: number }): boolean {
  return valueType === 'integer' && Number.isSafeInteger(scale) && Number.isSafeInteger(offset);
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** A row of n signals is n f64, n i64 and n u8; payload and row stand behind what the module keeps for itself. */
function moduleText({ title, module, messages }: { title: string; module: string; messages: string }): string {
  const { ok, absent, inactive } = SignalStatus;
  return `// The decoder ${title}, compiled by miner. It needs nothing else.
const bytes = Uint8Array.from(atob('${module}'), (char) => char.charCodeAt(0));
const { memory, decode: run, heap_base, slot_count } = (await WebAssembly.instantiate(bytes)).instance.exports;

/** In the order of the module; signals in the order of its rows. */
export const messages = ${messages};

const statusNames = ${JSON.stringify(statusNames)};
const unread = new Set([${absent}, ${inactive}]);
const base = Math.ceil(heap_base.value / 8) * 8;
const payload = new Uint8Array(memory.buffer, base, 72);
const physical = new Float64Array(memory.buffer, base + 72, slot_count.value);
const raw = new BigInt64Array(memory.buffer, base + 72 + slot_count.value * 8, slot_count.value);
const status = new Uint8Array(memory.buffer, base + 72 + slot_count.value * 16, slot_count.value);

/**
 * @param {number} id arbitration id
 * @param {boolean} extended whether it has 29 bits
 * @param {Uint8Array} data up to 64 bytes
 */
export function decode(id, extended, data) {
  const length = Math.min(data.length, 64);
  payload.set(length < data.length ? data.subarray(0, length) : data);
  const key = extended ? id + 0x80000000 : id;
  const index = run(key | 0, payload.byteOffset, length, physical.byteOffset, raw.byteOffset, status.byteOffset);
  if (index < 0) return undefined;
  const { name, signals } = messages[index];
  const result = { name, signals: {}, status: {} };
  for (let slot = 0; slot < signals.length; slot++) {
    const at = status[slot];
    if (!unread.has(at)) put(result.signals, signals[slot].name, valueOf(signals[slot], slot));
    if (at !== ${ok} && at !== ${inactive}) put(result.status, signals[slot].name, statusNames[at]);
  }
  return result;
}

function valueOf(signal, slot) {
  const value = physical[slot];
  if (Number.isSafeInteger(value) || signal.scale === undefined || !Number.isFinite(value)) return value;
  const integer = signal.unsigned ? BigInt.asUintN(64, raw[slot]) : raw[slot];
  return integer * BigInt(signal.scale) + BigInt(signal.offset);
}

// A signal may be called __proto__.
function put(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
`;
}
