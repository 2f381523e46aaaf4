/** Vehicle identification numbers: ISO 3779; the check digit as 49 CFR 565.15 and GB 16735 compute it. */

export interface VinInspection {
  /** As read: upper case, without what filled it up. */
  vin: string;
  /** 17 characters, digits and letters without I, O, Q. */
  isWellFormed: boolean;
  /**
   * `holds`; `wrong` where the maker's region demands one (North America, China); else `none`: in Europe and
   * elsewhere the ninth character is the maker's own, and says nothing against the VIN.
   */
  checkDigit: 'holds' | 'wrong' | 'none';
}

/** What a letter counts; I, O and Q are in no VIN. */
const letterValues: Readonly<Record<string, number>> = Object.fromEntries([
  ...[...'ABCDEFGH'].map((letter, i) => [letter, i + 1]),
  ...[...'JKLMN'].map((letter, i) => [letter, i + 1]),
  ['P', 7],
  ['R', 9],
  ...[...'STUVWXYZ'].map((letter, i) => [letter, i + 2]),
]);

/** By position; the check digit itself counts nothing. */
const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** Regions of the first character whose makers must set a check digit: North America, and China. */
const demandsCheckDigit = /^[1-5L]/;

/** What a VIN's other characters ask the ninth one to be; undefined when it is not well formed. */
export function vinCheckDigit(vin: string): string | undefined {
  if (!/^[0-9A-HJ-NPR-Z]{17}$/.test(vin)) return undefined;
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += weights[i] * (letterValues[vin[i]] ?? Number(vin[i]));
  return sum % 11 === 10 ? 'X' : String(sum % 11);
}

/**
 * Says what is to be held of a VIN. None is refused for its check digit.
 * @example inspectVin('1M8GDM9AXKP042788') // { vin: '1M8GDM9AXKP042788', isWellFormed: true, checkDigit: 'holds' }
 */
export function inspectVin(text: string): VinInspection {
  const vin = text.toUpperCase();
  const expected = vinCheckDigit(vin);
  if (expected === undefined) return { vin, isWellFormed: false, checkDigit: 'none' };
  if (vin[8] === expected) return { vin, isWellFormed: true, checkDigit: 'holds' };
  return { vin, isWellFormed: true, checkDigit: demandsCheckDigit.test(vin) ? 'wrong' : 'none' };
}

/** ASCII out of an answer, without the zeros, 0xFF and blanks that some control units fill up with. */
export function readText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
  return text.trim();
}
