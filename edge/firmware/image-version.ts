/** Versions as the image header holds them. */
import { edgeError } from '../errors/index.ts';

/** major and minor up to 255, revision up to 65535, build up to 2^32 - 1. */
export interface ImageVersion {
  major: number;
  minor: number;
  revision: number;
  build: number;
}

const form = /^(\d{1,3})(?:\.(\d{1,3})(?:\.(\d{1,5})(?:\+(\d{1,10}))?)?)?$/;

/**
 * Reads 1, 1.2, 1.2.3 or 1.2.3+4, as imgtool does.
 * @throws {MinerError} IMAGE_VERSION
 */
export function parseImageVersion(text: string): ImageVersion {
  const [major, minor, revision, build] = (form.exec(text) ?? []).slice(1).map((part) => Number(part ?? 0));
  const isGood = major <= 0xff && minor <= 0xff && revision <= 0xffff && build <= 0xffffffff;
  // imgtool takes no leading zeros: 1.02 is not 1.2 there.
  if (!isGood || /(^|[.+])0\d/.test(text)) throw edgeError('IMAGE_VERSION', { version: JSON.stringify(text) });
  return { major, minor, revision, build };
}

/** As imgtool writes it: 1.2.3+7. */
export function versionText({ major, minor, revision, build }: ImageVersion): string {
  return `${major}.${minor}.${revision}${build > 0 ? `+${build}` : ''}`;
}

export function readImageVersion(view: DataView, offset: number): ImageVersion {
  return {
    major: view.getUint8(offset),
    minor: view.getUint8(offset + 1),
    revision: view.getUint16(offset + 2, true),
    build: view.getUint32(offset + 4, true),
  };
}

export function writeImageVersion(view: DataView, offset: number, version: ImageVersion): void {
  view.setUint8(offset, version.major);
  view.setUint8(offset + 1, version.minor);
  view.setUint16(offset + 2, version.revision, true);
  view.setUint32(offset + 4, version.build, true);
}

/** What imgtool makes of `--security-counter auto`: the version without its build number. */
export function securityCounterOfVersion({ major, minor, revision }: ImageVersion): number {
  return major * 2 ** 24 + minor * 2 ** 16 + revision;
}
