/** What an ECU says to a request. */

/** Codes of refusals (ISO 14229-1, annex A) that these ECUs use. */
export const Refusal = {
  serviceNotSupported: 0x11,
  subFunctionNotSupported: 0x12,
  incorrectLength: 0x13,
  responseTooLong: 0x14,
  busyRepeatRequest: 0x21,
  conditionsNotCorrect: 0x22,
  requestOutOfRange: 0x31,
  responsePending: 0x78,
} as const;

/** Bytes of an answer, or the code of a refusal, and how long the ECU needs for it. */
export type Answer = { bytes: number[]; delayMs?: number } | { refusal: number } | 'silence';

/** A request to all is no question to those that lack what it asks for (ISO 14229-1, 7.5). */
const unsaidToAll: readonly number[] = [
  Refusal.serviceNotSupported,
  Refusal.subFunctionNotSupported,
  Refusal.requestOutOfRange,
];

/** The bytes that go out for an answer to a request of `service`; undefined when nothing does. */
export function answerBytes(service: number, answer: Answer, isFunctional: boolean): Uint8Array | undefined {
  if (answer === 'silence') return undefined;
  if ('bytes' in answer) return Uint8Array.from(answer.bytes);
  if (isFunctional && unsaidToAll.includes(answer.refusal)) return undefined;
  return Uint8Array.of(0x7f, service, answer.refusal);
}
