/**
 * A strict reader of Prometheus' text format, written from its description alone, so that what we print is judged by
 * something that does not share our code.
 */
export interface ReadFamily {
  type: string;
  help: string;
  /** By the labels as JSON, names sorted. */
  values: Map<string, number>;
}

export function readExposition(text: string): Map<string, ReadFamily> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line must end in a line feed');
  const families = new Map<string, ReadFamily>();
  let current: { name: string; family: ReadFamily } | undefined;
  let help: { name: string; text: string } | undefined;
  for (const line of text.split('\n').slice(0, -1)) {
    const meta = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (meta?.[1] === 'HELP') help = { name: meta[2], text: unescaped(meta[3], '\\n') };
    else if (meta) {
      if (families.has(meta[2])) throw new Error(`${meta[2]} comes twice`);
      if (help?.name !== meta[2]) throw new Error(`${meta[2]} has no help before its type`);
      if (!/^(counter|gauge)$/.test(meta[3])) throw new Error(`type ${meta[3]}`);
      current = { name: meta[2], family: { type: meta[3], help: help.text, values: new Map() } };
      families.set(current.name, current.family);
    } else readSample(line, current);
  }
  return families;
}

function readSample(line: string, current: { name: string; family: ReadFamily } | undefined): void {
  const parts = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (!parts || parts[1] !== current?.name) throw new Error(`not a sample of ${current?.name}: ${line}`);
  const labels: [string, string][] = [];
  let rest = parts[2] ?? '';
  while (rest !== '') {
    const pair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest);
    if (!pair) throw new Error(`not a label: ${rest}`);
    labels.push([pair[1], unescaped(pair[2], '"\\n')]);
    rest = rest.slice(pair[0].length);
  }
  const key = JSON.stringify(labels.sort(([a], [b]) => (a < b ? -1 : 1)));
  if (current.family.values.has(key)) throw new Error(`${line}: these labels come twice`);
  const special: Record<string, number> = { NaN: Number.NaN, '+Inf': Infinity, '-Inf': -Infinity };
  const value = special[parts[3]] ?? Number(parts[3]);
  if (Number.isNaN(value) && parts[3] !== 'NaN') throw new Error(`not a number: ${parts[3]}`);
  current.family.values.set(key, value);
}

function unescaped(text: string, allowed: string): string {
  return text.replace(/\\(.)/gs, (whole, letter: string) => {
    if (!allowed.includes(letter)) throw new Error(`unknown escape ${whole}`);
    return letter === 'n' ? '\n' : letter;
  });
}
