/** How image management's own errors are told in the protocol. */
import type { MinerError } from '../errors/index.ts';
import { ImageError, SmpGroup } from './protocol.ts';
import { SmpRefusal } from './refusal.ts';

const codes: Readonly<Record<string, number>> = {
  SLOT_BUSY: ImageError.noFreeSlot,
  IMAGE_TOO_LARGE: ImageError.imageTooLarge,
  IMAGE_UNKNOWN: ImageError.hashNotFound,
  IMAGE_DOWNGRADE: ImageError.currentVersionIsNewer,
  IMAGE_INVALID: ImageError.invalidImageHeader,
  /** The protocol has no word for a signature that does not hold: what does not verify has no valid hash. */
  IMAGE_UNVERIFIED: ImageError.invalidHash,
  UPLOAD_NONE: ImageError.invalidOffset,
  UPLOAD_OFFSET: ImageError.invalidOffset,
  UPLOAD_HASH: ImageError.invalidHash,
};

export function imageErrorOf({ code }: MinerError, flashFailure: number): number {
  return codes[code] ?? (code.startsWith('FLASH_') ? flashFailure : ImageError.unknown);
}

export function imageError(rc: number, cause?: Error): SmpRefusal {
  return new SmpRefusal(SmpGroup.image, rc, cause);
}
