/** Addresses and names that people take for others. */

/** Letters that look like a Latin one: Greek and Cyrillic twins, and digits. */
const twins: Record<string, string> = Object.fromEntries(
  (
    [
      ['a', 'аαɑ'],
      ['b', 'Ьвβ'],
      ['c', 'сϲ'],
      ['d', 'ԁ'],
      ['e', 'еєҽε'],
      ['g', 'ɡ'],
      ['h', 'һн'],
      ['i', 'іιıɩ'],
      ['j', 'јϳ'],
      ['k', 'кκ'],
      ['l', '1|Іӏɭ'],
      ['m', 'мμ'],
      ['n', 'пη'],
      ['o', '0оοσ'],
      ['p', 'рρ'],
      ['q', 'ԛ'],
      ['r', 'г'],
      ['s', 'ѕ'],
      ['t', 'тτ'],
      ['u', 'υս'],
      ['v', 'ѵν'],
      ['w', 'ԝω'],
      ['x', 'хχ'],
      ['y', 'уγү'],
      ['z', 'ᴢζ'],
    ] as const
  ).flatMap(([latin, others]) => [...others].map((other) => [other, latin])),
);

/**
 * What a hurried eye sees of a name: without case, accents, blanks and marks, twins as one letter.
 * @example skeleton('Аcme-Devices') === skeleton('acme devices')  // the first letter is Cyrillic
 */
export function skeleton(name: string): string {
  const letters = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}|]/gu, '');
  return [...letters]
    .map((letter) => twins[letter] ?? letter)
    .join('')
    .replaceAll('i', 'l')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}

/** The known name that this one looks like without being it. */
export function findTwinName(name: string, known: Iterable<string>): string | undefined {
  const seen = skeleton(name);
  if (seen === '') return undefined;
  for (const other of known) if (other !== name && skeleton(other) === seen) return other;
  return undefined;
}

const ends = (address: string) => address.toLowerCase().replace(/^0x(.{4}).*(.{4})$/, '$1$2');

/** The known address with the same first and last four digits that is yet another: people compare no more than these. */
export function findTwinAddress(address: string, known: Iterable<string>): string | undefined {
  for (const other of known) {
    if (other.toLowerCase() !== address.toLowerCase() && ends(other) === ends(address)) return other;
  }
  return undefined;
}

/** Every address that stands anywhere in a value, in the words of encoded calls too. */
export function addressesIn(value: unknown): string[] {
  if (typeof value === 'string') return /^0x[0-9a-fA-F]{40}$/.test(value) ? [value] : addressWords(value);
  if (Array.isArray(value)) return value.flatMap(addressesIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(addressesIn) : [];
}

/** Words of 32 bytes that could be addresses: the first 12 bytes are zero, and more than a number would need are not. */
function addressWords(data: string): string[] {
  const [, words = ''] = /^0x[0-9a-f]{8}((?:[0-9a-f]{64})+)$/i.exec(data) ?? [];
  const all = words.match(/.{64}/g) ?? [];
  return all.filter((word) => /^0{24}(?!0{8})/.test(word)).map((word) => `0x${word.slice(24)}`);
}
