/** Packs as SenML (RFC 8428, JSON): one SenML Pack, an array of records, a line. */

import { toolError } from '../errors/index.ts';
import {
  type ExportedPack,
  type Exporter,
  type ExportOptions,
  hasNoValue,
  isFlag,
  jsonNumber,
  stateLabel,
} from './export.ts';
import { type NamedSample, unixMsAt } from './samples.ts';
import { senmlUnit } from './senml-units.ts';

/** RFC 9100: version 10 and the feature "Secondary Units", 2^4. */
const secondaryUnitsVersion = 26;
/** RFC 8428, 4.5.3: a smaller time is relative to now. */
const absoluteSecondsMin = 2 ** 28;

/**
 * Base name `urn:dev:org:<enterprise number>-<address>_`, base time t0 in seconds, and a record per sample: `v`, `vb` for
 * flags, `vs` for texts and labelled states; `u` where IANA has the unit. Readers before RFC 9100 refuse the version
 * that secondary units such as km/h ask for, as the standard wants it; it is written only where one is used.
 * @see RFC 8428; RFC 8798, 3; RFC 9039, 4.3; RFC 9100
 */
export function createSenml({ names, enterpriseNumber }: ExportOptions): Exporter {
  let left = 0;
  const recordOf = (sample: NamedSample, startMs: number): { text: string; isSecondary: boolean } | undefined => {
    const { name, unit } = names.of(sample);
    const value = valueText(sample);
    if (value === undefined) {
      left++;
      return undefined;
    }
    const registered = value.startsWith('"v"') ? senmlUnit(unit) : undefined;
    const parts = [`"n":${JSON.stringify(senmlName(name))}`];
    if (registered) parts.push(`"u":${JSON.stringify(registered.symbol)}`);
    if (sample.timeMs !== startMs) parts.push(`"t":${(sample.timeMs - startMs) / 1000}`);
    parts.push(value);
    return { text: parts.join(), isSecondary: registered?.isSecondary ?? false };
  };
  return {
    header: '',
    get left() {
      return left;
    },
    *write(pack) {
      const { body, device } = pack;
      const baseSeconds = baseTime(pack);
      const records: string[] = [];
      let hasSecondary = false;
      for (const sample of pack.samples) {
        const record = recordOf(sample, body.startMs);
        if (record === undefined) continue;
        hasSecondary ||= record.isSecondary;
        records.push(record.text);
      }
      if (records.length === 0) return;
      const baseName = `urn:dev:org:${enterpriseNumber}-${device.slice(2)}_`;
      const version = hasSecondary ? `"bver":${secondaryUnitsVersion},` : '';
      yield `[{"bn":"${baseName}","bt":${baseSeconds},${version}`;
      for (const [i, record] of records.entries()) yield i === 0 ? `${record}}` : `,{${record}}`;
      yield ']\n';
    },
  };
}

function baseTime(pack: ExportedPack): number {
  const { body, bootedUnixMs, name } = pack;
  const unixMs = unixMsAt(body, body.startMs, bootedUnixMs);
  if (unixMs === undefined || unixMs / 1000 < absoluteSecondsMin) {
    throw toolError('PACK_CLOCK_UNKNOWN', { pack: name, format: 'SenML' });
  }
  return unixMs / 1000;
}

function valueText(sample: NamedSample): string | undefined {
  const { value, raw } = sample;
  if (hasNoValue(sample)) return undefined;
  if (typeof value === 'string') return `"vs":${JSON.stringify(value)}`;
  if (isFlag(sample)) return `"vb":${Number(raw) === 1}`;
  const label = stateLabel(sample);
  if (label !== undefined) return `"vs":${JSON.stringify(label)}`;
  const number = jsonNumber(value);
  return number === undefined ? undefined : `"v":${number}`;
}

/**
 * A name that both RFC 8428, 4.5.1 and the components of RFC 9039, 3.2 allow: an empty component, as in `A__B`, becomes
 * `-`, and a character that neither has its code point between two of them. DBC names have no `-`: none collide.
 */
export function senmlName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._]/gu, (char) => `-${char.codePointAt(0)!.toString(16)}-`);
  return plain
    .split('_')
    .map((part) => part || '-')
    .join('_');
}
