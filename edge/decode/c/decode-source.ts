/** The C function that decodes one frame of a message with every status: the same rules as the other back ends. */
import { j1939Indicator } from '../indicator.ts';
import { bytesNeeded, canLeaveRange, isSigned } from '../layout.ts';
import { type Branch, branchesBySelector } from '../multiplexer.ts';
import type { PlanSignal, SignalStatus } from '../types.ts';
import { dispatchLines, indented } from './dispatch.ts';
import { doubleLiteral, maskLiteral } from './literals.ts';
import { type MessageNames, payloadBytesMax } from './message-names.ts';
import { apiMacro, numberText, physicalText, type SourceStyle } from './message-source.ts';
import { Words } from './read-bits.ts';
import { statusSuffixes } from './status-names.ts';

/**
 * `_cover` and `_decode`. A short frame is decoded as if zeros followed it; `_short` then takes back what that made up,
 * so that whole frames pay one comparison.
 */
export function decodeLines(names: MessageNames, style: SourceStyle): string[] {
  return new DecodeWriter(names, style).write();
}

class DecodeWriter {
  readonly #names: MessageNames;
  readonly #style: SourceStyle;
  readonly #branches: Map<number, Branch[]>;
  readonly #words = new Words();

  constructor(names: MessageNames, style: SourceStyle) {
    this.#names = names;
    this.#style = style;
    this.#branches = branchesBySelector(names.message);
  }

  write(): string[] {
    const { stem, message } = this.#names;
    const head = [
      `${apiMacro(this.#style)} void ${stem}_decode(const uint8_t *data, size_t size, double *physical, uint64_t *raw, uint8_t *status)`,
      '{',
    ];
    if (message.signals.length === 0) {
      const unused = ['data', 'size', 'physical', 'raw', 'status'].map((name) => `(void)${name};`);
      return [...head, ...indented(unused), '}'];
    }
    return [...this.#cover(), '', ...head, ...indented(this.#body()), '}'];
  }

  /** Per slot: the selector's slot or -1, and the bytes a frame must have. */
  #cover(): string[] {
    const { file } = this.#style;
    const rows = this.#names.message.signals.map(
      (signal) => `    {${signal.selectorSlot}, ${Math.min(bytesNeeded(signal), payloadBytesMax + 1)}},`,
    );
    return [`static const struct ${file}_cover ${this.#names.stem}_cover[] = {`, ...rows, '};'];
  }

  #body(): string[] {
    const { message, stem } = this.#names;
    const { file } = this.#style;
    const { signals } = message;
    const needed = signals.map(bytesNeeded);
    const most = needed.reduce((longest, bytes) => Math.max(longest, bytes), 0);
    const isReachable = most <= payloadBytesMax;
    const reach = needed.reduce((longest, bytes) => (bytes <= payloadBytesMax ? Math.max(longest, bytes) : longest), 0);
    const decoded = this.#signals();
    const words = this.#words.all.map(({ name, motorola, firstByte }) => {
      const [order, bytes] = [motorola ? 'be' : 'le', Math.min(8, reach - firstByte)];
      return (
        `const uint64_t ${name} = whole ? ${file}_word_${order}(data + ${firstByte}, ${bytes}u)` +
        ` : ${file}_part_${order}(data, size, ${firstByte}u);`
      );
    });
    return [
      ...(isReachable ? [] : [`if (size > ${payloadBytesMax}u) {`, `    size = ${payloadBytesMax}u;`, '}']),
      `const bool whole = size >= ${Math.min(most, payloadBytesMax + 1)}u;`,
      ...words,
      ...(this.#words.all.length === 0 ? ['(void)data;'] : []),
      ...decoded,
      'if (!whole) {',
      `    ${file}_short(${stem}_cover, ${signals.length}u, size, physical, raw, status);`,
      '}',
    ];
  }

  #signals(): string[] {
    const { signals } = this.#names.message;
    const selectors = signals.filter((signal) => this.#branches.has(signal.slot) && isReachable(signal));
    const lines: string[] = [];
    for (const signal of selectors) {
      lines.push(`${isSigned(signal) ? 'int64_t' : 'uint64_t'} selector${signal.slot} = 0;`);
      if (signal.selectorSlot >= 0) lines.push(`bool active${signal.slot} = false;`);
    }
    const first = signals.findIndex((signal) => signal.selectorSlot >= 0);
    const plain = first < 0 ? signals : signals.slice(0, first);
    for (const signal of plain) lines.push(...this.#signal(signal));
    if (first >= 0) lines.push(...this.#reset(first));
    for (const selector of selectors) lines.push(...this.#dispatch(selector));
    return lines;
  }

  /** Multiplexed signals stand together behind the others, and begin each frame inactive. */
  #reset(first: number): string[] {
    return [
      `for (size_t slot = ${first}u; slot < ${this.#names.signals.length}u; slot++) {`,
      `    physical[slot] = ${this.#style.file}_nan.value;`,
      '    raw[slot] = 0;',
      `    status[slot] = ${this.#status('inactive')};`,
      '}',
    ];
  }

  #signal(signal: PlanSignal): string[] {
    const { slot } = signal;
    // No frame holds it; `_short` marks it absent.
    if (!isReachable(signal)) return [`status[${slot}] = ${this.#status('ok')};`];
    const lines = [`const ${isSigned(signal) ? 'int64_t' : 'uint64_t'} r = ${this.#words.read(signal)};`];
    lines.push(`const double n = ${this.#number(signal)};`, `const double p = ${physicalText(signal)};`);
    lines.push(`physical[${slot}] = p;`, `raw[${slot}] = ${isSigned(signal) ? '(uint64_t)r' : 'r'};`);
    lines.push(`status[${slot}] = (uint8_t)(${this.#judge(signal)});`);
    if (this.#branches.has(slot)) {
      lines.push(`selector${slot} = r;`);
      if (signal.selectorSlot >= 0) lines.push(`active${slot} = true;`);
    }
    return ['{', ...indented(lines), '}'];
  }

  #number(signal: PlanSignal): string {
    if (signal.valueType === 'float32') return `(double)${this.#style.file}_float((uint32_t)r)`;
    return signal.valueType === 'float64' ? `${this.#style.file}_double(r)` : numberText(signal, 'r');
  }

  #judge(signal: PlanSignal): string {
    const outside = `p < ${doubleLiteral(signal.minimum)} || p > ${doubleLiteral(signal.maximum)}`;
    let text = canLeaveRange(signal)
      ? `(${outside}) ? ${this.#status('outOfRange')} : ${this.#status('ok')}`
      : this.#status('ok');
    const indicator = j1939Indicator(this.#names.message, signal);
    if (indicator === undefined) return text;
    const shifted = indicator.shift === 0 ? '(uint64_t)r' : `((uint64_t)r >> ${indicator.shift})`;
    const top = `(${shifted} & ${maskLiteral(Math.min(8, signal.length))})`;
    text = `${top} == ${indicator.error}u ? ${this.#status('error')} : ${text}`;
    return `${top} == ${indicator.notAvailable}u ? ${this.#status('notAvailable')} : ${text}`;
  }

  #dispatch(selector: PlanSignal): string[] {
    const lines = dispatchLines({
      selector,
      value: `selector${selector.slot}`,
      branches: this.#branches.get(selector.slot)!,
      body: ({ signals }) => signals.flatMap((signal) => this.#signal(signal)),
      otherwise: [`status[${selector.slot}] = ${this.#status('unknownMultiplexer')};`],
    });
    return selector.selectorSlot < 0 ? lines : [`if (active${selector.slot}) {`, ...indented(lines), '}'];
  }

  #status(name: keyof typeof SignalStatus): string {
    return `${this.#style.file.toUpperCase()}_${statusSuffixes[name]}`;
  }
}

const isReachable = (signal: PlanSignal): boolean => bytesNeeded(signal) <= payloadBytesMax;
