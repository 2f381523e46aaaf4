/**
 * What a boot loader answers while it waits for an image: few commands, errors in the old form whatever the version,
 * and `rc` in answers where MCUboot's serial recovery has it. An uploaded image is asked for at once, for good: there
 * may be no application that a client could ask afterwards. The boot loader still verifies it before it boots.
 */
import type { ImageManagement } from '../../boot/index.ts';
import type { SmpCommandGroup, SmpHandler } from '../command.ts';
import type { ImageUploads } from '../image-uploads.ts';
import { ImageCommand, ImageError, OsCommand, SmpGroup } from '../protocol.ts';
import { eraseHandler, slotInfoFields, stateFields, translated } from './image.ts';
import { type OsGroupOptions, osGroup } from './os.ts';

export function recoveryOsGroup({ device, ...rest }: OsGroupOptions): SmpCommandGroup {
  const { commands, ...group } = osGroup({
    ...rest,
    device: device.reset === undefined ? {} : { reset: device.reset },
  });
  const reset = commands[OsCommand.reset]?.write;
  return {
    ...group,
    commands: {
      [OsCommand.echo]: commands[OsCommand.echo],
      [OsCommand.consoleEcho]: { write: () => ({ rc: 0 }) },
      [OsCommand.reset]: reset && { write: (request) => ({ ...reset(request), rc: 0 }) },
      [OsCommand.mcumgrParameters]: commands[OsCommand.mcumgrParameters],
    },
  };
}

export function recoveryImageGroup(images: ImageManagement, uploads: ImageUploads): SmpCommandGroup {
  const upload: SmpHandler = ({ body, peer }) => {
    const { off } = uploads.take(body, peer);
    return { rc: 0, off };
  };
  const erase = eraseHandler(images, uploads);
  return {
    id: SmpGroup.image,
    name: 'img mgmt',
    commands: {
      [ImageCommand.state]: { read: () => ({ images: stateFields(images).images }) },
      [ImageCommand.upload]: { write: translated(upload, ImageError.flashWriteFailed) },
      [ImageCommand.erase]: {
        write: translated((request) => ({ ...erase(request), rc: 0 }), ImageError.flashEraseFailed),
      },
      [ImageCommand.slotInfo]: { read: () => slotInfoFields(images) },
    },
  };
}
