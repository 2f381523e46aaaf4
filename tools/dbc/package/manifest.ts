/** The manifest: who says what about which vehicles. */
import { getAddress, isAddress } from 'viem/utils';
import { isObject, shown } from './json.ts';
import type { Problems } from './problem.ts';
import { spdxProblem } from './spdx.ts';

export interface Platform {
  make: string;
  model: string;
  /** First and last model year, both included. */
  years: [number, number];
  /** Which of the vehicle's buses: "powertrain", "body" ... */
  bus: string;
  /** Bit/s; of an FD bus that of the arbitration phase. */
  bitRate: number;
  /** Bit/s of an FD bus' data phase. */
  dataBitRate?: number;
}

export interface Manifest {
  /** Dotted lower-case name, chosen by the author and kept from version to version. */
  id: string;
  /** Semantic version 2.0.0. */
  version: string;
  /** Account, checksummed as EIP-55 says. */
  author: string;
  /** SPDX expression. */
  license: string;
  platform: Platform;
}

/** What `init` writes: well-formed, but with blanks that `check` asks to fill. */
export const manifestTemplate = {
  id: '',
  version: '0.1.0',
  author: '',
  license: 'CC0-1.0',
  platform: { make: '', model: '', years: [0, 0], bus: '', bitRate: 500_000 },
} as const;

const idGrammar = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const number = '(0|[1-9]\\d*)';
const prerelease = `(0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)`;
const semver = new RegExp(
  `^${number}\\.${number}\\.${number}(-${prerelease}(\\.${prerelease})*)?(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?$`,
);

type Check = (value: unknown) => string | undefined;

const text =
  (lengthMax: number, problem: (value: string) => string | undefined = () => undefined): Check =>
  (value) => {
    if (typeof value !== 'string') return 'expected a text';
    if (value === '') return 'expected a text that is not empty';
    if (value.length > lengthMax) return `expected at most ${lengthMax} characters`;
    return problem(value);
  };

const integer =
  (minimum: number, maximum: number, unit = ''): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum
      ? undefined
      : `expected a whole number${unit} from ${minimum} to ${maximum}`;

const printable = text(64, (value) =>
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value) || value !== value.trim() || !value.isWellFormed()
    ? 'expected printable characters, no blanks at the ends'
    : undefined,
);

const years: Check = (value) => {
  if (!Array.isArray(value) || value.length !== 2) return 'expected [first model year, last model year]';
  const problem = value.map(integer(1886, 2200)).find((one) => one !== undefined);
  return problem ?? (value[0] > value[1] ? 'the first year lies after the last' : undefined);
};

const manifestChecks: Record<string, Check> = {
  id: text(128, (value) => (idGrammar.test(value) ? undefined : 'expected names of a-z, 0-9 and -, joined by dots')),
  version: text(64, (value) => (semver.test(value) ? undefined : 'expected a semantic version such as 1.2.0')),
  author: text(42, addressProblem),
  license: text(512, spdxProblem),
  platform: (value) => (isObject(value) ? undefined : 'expected an object'),
};

const platformChecks: Record<string, Check> = {
  make: printable,
  model: printable,
  years,
  bus: printable,
  bitRate: integer(5_000, 1_000_000, ' of bit/s'),
  dataBitRate: integer(5_000, 20_000_000, ' of bit/s'),
};

function addressProblem(value: string): string | undefined {
  if (!isAddress(value, { strict: false })) return 'expected an address: 0x and 40 hex digits';
  const expected = getAddress(value);
  return value === expected ? undefined : `its letters' case is no EIP-55 checksum, expected ${expected}`;
}

/**
 * Checks a manifest as JSON gave it; every problem with its place.
 * @param file how problems call it
 * @returns the manifest when nothing is wrong with it
 */
export function checkManifest(value: unknown, problems: Problems, file = 'manifest.json'): Manifest | undefined {
  const errorsBefore = problems.errorCount;
  if (!isObject(value)) problems.error(file, `expected an object, found ${shown(value)}`);
  else {
    checkFields(value, manifestChecks, [], { problems, place: `${file} ` });
    if (isObject(value.platform))
      checkFields(value.platform, platformChecks, ['dataBitRate'], { problems, place: `${file} /platform` });
  }
  return problems.errorCount === errorsBefore ? (value as unknown as Manifest) : undefined;
}

/** Every field by its check; missing and unknown ones are reported. */
function checkFields(
  value: Record<string, unknown>,
  checks: Record<string, Check>,
  optional: readonly string[],
  { problems, place }: { problems: Problems; place: string },
): void {
  for (const [key, check] of Object.entries(checks)) {
    const isGiven = Object.hasOwn(value, key);
    if (!isGiven && !optional.includes(key)) problems.error(`${place}/${key}`, 'is missing');
    const problem = isGiven ? check(value[key]) : undefined;
    if (problem !== undefined) problems.error(`${place}/${key}`, `${shown(value[key])}: ${problem}`);
  }
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(checks, key))
      problems.error(`${place}/${key}`, `unknown key, expected ${Object.keys(checks).join(', ')}`);
  }
}
