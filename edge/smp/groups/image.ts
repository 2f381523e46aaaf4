/** Group 1: the slots of the device's one image, and how another image gets into them. */
import type { ImageManagement, SlotState } from '../../boot/index.ts';
import { MinerError } from '../../errors/index.ts';
import { equalBytes } from '../../pack/index.ts';
import type { SmpCommandGroup, SmpHandler } from '../command.ts';
import { imageError, imageErrorOf } from '../image-errors.ts';
import type { ImageUploads } from '../image-uploads.ts';
import { ImageCommand, ImageError, SmpGroup } from '../protocol.ts';

export interface ImageGroupOptions {
  images: ImageManagement;
  uploads: ImageUploads;
}

export function imageGroup({ images, uploads }: ImageGroupOptions): SmpCommandGroup {
  return {
    id: SmpGroup.image,
    name: 'img mgmt',
    commands: {
      [ImageCommand.state]: {
        read: () => stateFields(images),
        write: translated(({ body }) => {
          choose(images, body.bytes('hash') ?? new Uint8Array(), body.boolean('confirm') ?? false);
          return stateFields(images);
        }, ImageError.flashWriteFailed),
      },
      [ImageCommand.upload]: {
        write: translated(({ body, peer }) => uploads.take(body, peer), ImageError.flashWriteFailed),
      },
      [ImageCommand.erase]: { write: translated(eraseHandler(images, uploads), ImageError.flashEraseFailed) },
      [ImageCommand.slotInfo]: { read: () => slotInfoFields(images) },
    },
  };
}

/** No key beyond these: some clients refuse an entry that has one they do not know. */
export function stateFields(images: ImageManagement) {
  return { images: images.state().map(entryOf), splitStatus: 0 };
}

function entryOf({ slot, version, hash, bootable, pending, confirmed, active, permanent }: SlotState) {
  return { slot, version: version.replace('+', '.'), hash, bootable, pending, confirmed, active, permanent };
}

/** Without a hash it is about the image that runs. */
function choose(images: ImageManagement, hash: Uint8Array, confirm: boolean): void {
  const state = images.state();
  if (hash.length === 0) {
    if (!confirm) throw imageError(ImageError.invalidHash);
    images.confirm();
    return;
  }
  if (hash.length !== 32) throw imageError(ImageError.invalidHash);
  const found = state.find((candidate) => equalBytes(candidate.hash, hash));
  if (found === undefined) throw imageError(ImageError.hashNotFound);
  if (found.active) {
    if (!confirm) throw imageError(ImageError.testOfActiveDenied);
    images.confirm();
  } else {
    try {
      images.setPending(hash, confirm);
    } catch (problem) {
      if (problem instanceof MinerError && problem.code === 'SLOT_BUSY') {
        throw imageError(ImageError.imageAlreadyPending, problem);
      }
      throw problem;
    }
  }
}

export function eraseHandler(images: ImageManagement, uploads: ImageUploads): SmpHandler {
  return ({ body, peer }) => {
    const slot = body.unsigned('slot') ?? 1;
    if (slot !== 0 && slot !== 1) throw imageError(ImageError.invalidSlot);
    uploads.giveUp(peer);
    images.erase(slot);
    return {};
  };
}

export function slotInfoFields(images: ImageManagement) {
  const slots = images.slotInfo();
  return {
    images: [
      {
        image: 0,
        slots: slots.map(({ slot, sizeBytes }) => ({
          slot,
          size: sizeBytes,
          upload_image_id: slot === 1 ? 0 : undefined,
        })),
        max_image_size: slots.find(({ slot }) => slot === 1)?.imageBytesMax,
      },
    ],
  };
}

/** Answers what the slots refuse with this group's errors. @param flashFailure for whatever the flash itself threw */
export function translated(handler: SmpHandler, flashFailure: number): SmpHandler {
  return (request) => {
    try {
      return handler(request);
    } catch (problem) {
      if (!(problem instanceof MinerError)) throw problem;
      throw imageError(imageErrorOf(problem, flashFailure), problem);
    }
  };
}
