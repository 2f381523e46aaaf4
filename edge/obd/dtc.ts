/** Diagnostic trouble codes: two bytes on the bus, five characters for people (SAE J2012). */

/**
 * @param code 0 to 0xFFFF: two bits of system, two of the first digit, then three hexadecimal digits
 * @example dtcText(0x0143) // 'P0143'
 */
export function dtcText(code: number): string {
  const digits = (code & 0x3fff).toString(16).toUpperCase().padStart(4, '0');
  return `${'PCBU'[(code >> 14) & 3]}${digits}`;
}

/**
 * Reads an answer of service 03, 07 or 0A on CAN: the service, how many codes, two bytes for each.
 * @returns the codes; undefined when the answer is shorter than it says. Padding codes of 0 are left out.
 */
export function readObdDtcs(answer: Uint8Array): string[] | undefined {
  const count = answer[1];
  if (count === undefined || answer.length < 2 + 2 * count) return undefined;
  const codes = Array.from({ length: count }, (_, i) => (answer[2 + 2 * i] << 8) | answer[3 + 2 * i]);
  return codes.filter((code) => code !== 0).map(dtcText);
}
