/** From a firmware file and what the command line says of it to a signed image. */
import {
  type FirmwareManifest,
  type ImageDependency,
  type ImageSigner,
  type ImageUuids,
  type ImageVersion,
  licenceUuids,
  manifestOfBody,
  modelIdOf,
  modelText,
  padToSlot,
  parseImageVersion,
  requireFitsSlot,
  type SlotLayout,
  securityCounterOfVersion,
  signImage,
} from '../../edge/firmware/index.ts';
import { equalBytes } from '../../edge/pack/index.ts';
import type { Deployment } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import { classUuidOf, vendorUuidOf } from './image-arguments.ts';
import { licenceName } from './image-chain.ts';

export interface SignRequest {
  path: string;
  /** With the header's room of zeros at its beginning, unless `padHeader`. */
  firmware: Uint8Array;
  /** The manifest's, unless told. */
  version?: ImageVersion;
  headerBytes: number;
  padHeader?: boolean;
  erasedByte: number;
  loadAddress?: number;
  securityCounter?: number | 'auto';
  dependencies?: ImageDependency[];
  keyFormat?: 'hash' | 'full';
  /** Checked against when given, and filled when `pad`. */
  slot?: SlotLayout;
  pad?: boolean;
  confirm?: boolean;
  /** Names as imgtool takes them, or a licence of a deployment and a model. */
  vendor?: string;
  class?: string;
  licence?: { deployment: Deployment; licenceId: bigint };
  model?: string;
}

/**
 * @throws {MinerError} IMAGE_HEADER_ROOM, IMAGE_OVER_SLOT, IMAGE_CONTENT, OPTION_MISSING, OPTION_INVALID,
 *   MANIFEST_INVALID
 */
export function signFirmware(request: SignRequest, signer: ImageSigner): Uint8Array {
  const { firmware, headerBytes, erasedByte, loadAddress, dependencies, keyFormat, slot, pad, confirm } = request;
  const manifest = manifestOfBody(firmware);
  const isPadded = request.padHeader || manifest !== undefined;
  if (!isPadded) requireRoom(request);
  const version = request.version ?? versionOf(manifest);
  const { securityCounter } = request;
  const image = signImage(
    {
      body: isPadded ? firmware : firmware.subarray(headerBytes),
      version,
      headerLength: headerBytes,
      headerFill: isPadded ? erasedByte : 0,
      loadAddress,
      securityCounter: securityCounter === 'auto' ? securityCounterOfVersion(version) : securityCounter,
      dependencies,
      uuids: uuidsFor(request, manifest),
      keyFormat,
    },
    signer,
  );
  if (slot) requireFitsSlot(image.length, slot);
  return pad && slot ? padToSlot(image, slot, confirm ?? false) : image;
}

function requireRoom({ path, firmware, headerBytes }: SignRequest): void {
  const room = firmware.subarray(0, headerBytes);
  if (room.length === headerBytes && room.every((byte) => byte === 0)) return;
  throw toolError('IMAGE_HEADER_ROOM', { path, headerBytes });
}

function versionOf(manifest: FirmwareManifest | undefined): ImageVersion {
  if (manifest) return parseImageVersion(manifest.version);
  throw toolError('OPTION_MISSING', { option: '--image-version', reason: 'the firmware has no manifest with one' });
}

function uuidsFor(request: SignRequest, manifest: FirmwareManifest | undefined): ImageUuids {
  const { licence, vendor: vendorName, class: className } = request;
  if (licence) {
    const { deployment, licenceId } = licence;
    return licenceUuids(licenceName(deployment, licenceId), modelFor(request, manifest));
  }
  const vendor = vendorName === undefined ? undefined : vendorUuidOf(vendorName);
  const class_ = className === undefined ? undefined : classUuidOf(className, vendor);
  if (className !== undefined && !class_)
    throw toolError('OPTION_MISSING', { option: '--vid', reason: 'the name in --cid is one within its vendor' });
  return { ...(vendor && { vendor }), ...(class_ && { class: class_ }) };
}

function modelFor({ model }: SignRequest, manifest: FirmwareManifest | undefined): Uint8Array {
  const named = model === undefined ? manifest?.model : modelIdOf(model);
  if (!named) throw toolError('OPTION_MISSING', { option: '--model', reason: 'the firmware has no manifest with one' });
  if (manifest && !equalBytes(manifest.model, named)) {
    const expected = `${modelText(manifest.model)}, as the firmware's manifest has it`;
    throw toolError('OPTION_INVALID', { option: '--model', value: String(model), expected });
  }
  return named;
}
