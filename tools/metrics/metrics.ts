/**
 * Counters and gauges in the text format that Prometheus scrapes. Nothing is counted here: each metric is a function
 * that reads, when somebody asks, what a part of the program counts anyway.
 * @see Prometheus exposition formats, "Text-based format", version 0.0.4
 */
export type Labels = Readonly<Record<string, string>>;

/** One value of a metric that has several, told apart by labels. */
export interface Sample {
  labels?: Labels;
  value: number;
}

/** Read at each scrape; `undefined` leaves the value out, because it is not known now. */
export type ReadMetric = () => number | undefined | Iterable<Sample>;

interface Family {
  type: 'counter' | 'gauge';
  help: string;
  series: { labels: Labels; read: ReadMetric }[];
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelPattern = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

export class Metrics {
  readonly #families = new Map<string, Family>();

  /**
   * A count that only grows while the process lives.
   * @param name ends in `_total`, with the unit before it: `dimo_miner_port_down_seconds_total`
   * @param labels the same name may be added again with other labels
   * @example metrics.counter('dimo_miner_frames_received_total', 'CAN frames read.', () => counters.framesReceived)
   */
  counter(name: string, help: string, read: ReadMetric, labels: Labels = {}): this {
    if (!name.endsWith('_total')) throw new TypeError(`counter ${name}: its name must end in _total`);
    return this.#add('counter', name, help, read, labels);
  }

  /** A value that goes up and down. @param name ends in its unit, where it has one */
  gauge(name: string, help: string, read: ReadMetric, labels: Labels = {}): this {
    return this.#add('gauge', name, help, read, labels);
  }

  /** All of it, as one scrape wants it. A name without any value now is left out. */
  text(): string {
    let text = '';
    for (const [name, { type, help, series }] of this.#families) {
      const lines = series.flatMap(({ labels, read }) => seriesLines(name, labels, read()));
      if (lines.length === 0) continue;
      text += `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    }
    return text;
  }

  #add(type: Family['type'], name: string, help: string, read: ReadMetric, labels: Labels): this {
    if (!namePattern.test(name)) throw new TypeError(`${name}: not a name of a metric`);
    for (const label of Object.keys(labels)) requireLabel(name, label);
    const family = this.#families.get(name);
    if (family && (family.type !== type || family.help !== help)) {
      throw new TypeError(`${name}: added before as another metric`);
    }
    if (family) family.series.push({ labels, read });
    else this.#families.set(name, { type, help, series: [{ labels, read }] });
    return this;
  }
}

function seriesLines(name: string, labels: Labels, value: ReturnType<ReadMetric>): string[] {
  if (value === undefined) return [];
  if (typeof value === 'number') return [sampleLine(name, labels, value)];
  return Array.from(value, (sample) => sampleLine(name, { ...labels, ...sample.labels }, sample.value));
}

function sampleLine(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => {
    requireLabel(name, label);
    return `${label}="${escapeLabel(text)}"`;
  });
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${numberText(value)}\n`;
}

function requireLabel(name: string, label: string): void {
  if (!labelPattern.test(label)) throw new TypeError(`${name}: ${JSON.stringify(label)} is not a name of a label`);
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
