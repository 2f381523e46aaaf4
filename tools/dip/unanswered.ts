/** Tells a chain that did not answer from one that answered no. */
import { BaseError, HttpRequestError, LimitExceededRpcError, TimeoutError } from 'viem';

const kinds = [HttpRequestError, TimeoutError, LimitExceededRpcError];

/**
 * Why a question had no answer: nobody there, too slow, a gateway's error page, too many questions.
 * @returns undefined for an answer, also when it is an error of the node or of a contract
 */
export function isUnanswered(error: unknown): string | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const found = error.walk((inner) => kinds.some((kind) => inner instanceof kind));
  if (!found) return undefined;
  const { shortMessage, details, status } = found as HttpRequestError;
  return [shortMessage, status === undefined ? details : `status ${status}`].filter(Boolean).join(' ');
}
