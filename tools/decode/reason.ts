const reasons: Record<string, string> = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'the folder it should be in does not exist',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of the path is no folder',
  EFBIG: 'the file would become too large',
  EEXIST: 'something of that name is there',
};

/** Why a file could not be written, in words. */
export function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return reasons[code ?? ''] ?? message;
}
