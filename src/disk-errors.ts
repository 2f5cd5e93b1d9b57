/** Why a disk does not take a file, in plain words. Pure. */

const DISK_ERROR_REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would be larger than a file may be here',
  EROFS: 'the disk is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a part of the path is a file, not a folder',
};

export function describeDiskError(error: unknown): string {
  return (
    DISK_ERROR_REASONS[getDiskErrorCode(error)] ??
    (error instanceof Error ? error.message : String(error))
  );
}

/** Whether more room is what helps. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(getDiskErrorCode(error));
}

/** The system's own word for it, such as `ENOSPC`; empty where it has none. */
export function getDiskErrorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
