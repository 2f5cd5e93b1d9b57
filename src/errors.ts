import { joinSentences } from './text.ts';

/**
 * Every error that pynvest raises on purpose.
 *
 *     PynvestError                 what happened, and in `hint` what to do next
 *     ├─ UsageError                the command line or a setting is not valid (exit status 2)
 *     ├─ SiteError                 the site did not give what was asked for
 *     │  ├─ TickerNotFoundError    it has no such ticker; not retried
 *     │  ├─ TransientSiteError     may pass with time; the only site errors that are retried
 *     │  │  ├─ SiteBlockedError    it refuses us for now: a 4xx status, or a page such as a captcha
 *     │  │  ├─ RedirectedError     it sends us to another site, which is not asked; not retried in the same run
 *     │  │  └─ SiteUnavailableError no answer, a 5xx status, an error page, or a page that is cut short
 *     │  │     └─ SiteUnreachableError no connection to it, or one that broke
 *     │  ├─ LayoutChangedError     a complete page that this version cannot read, or none at the address
 *     │  ├─ NotAPageError          the answer is too large, or too deep, to be a page of the site; not retried
 *     │  └─ LaterDayError          the page shows a later day than the requested one
 *     ├─ InvalidFileError          a file of a source breaks the rules of its layout; nothing of it is stored
 *     ├─ LakeError                 the lake cannot be read or written
 *     │  ├─ LakeLockedError        another run holds the lock of the lake
 *     │  ├─ BrokenFileError        a Parquet file cannot be read
 *     │  │  ├─ UnreadableCodecError its pages cannot be decompressed here; it may be intact
 *     │  │  └─ MissingFileError    it does not exist, or no longer
 *     │  ├─ FileChangedError       another writer changed a file between our read and our write
 *     │  └─ UnstorableValueError   a value that its column's type cannot hold exactly
 *     ├─ QueueError                a queue did not accept its messages
 *     ├─ DeployError               the system in AWS could not be created, changed or deleted
 *     │  ├─ StackFailedError       the stack operation failed and was rolled back
 *     │  └─ AwsAccessError         AWS does not accept our requests
 *     │     ├─ NoRegionError       no region is configured
 *     │     ├─ NoCredentialsError  no credentials were found
 *     │     └─ ExpiredTokenError   the credentials have expired
 *     ├─ QueryError                the query could not be answered
 *     │  └─ RefusedFileError       it names a file that it may not read
 *     ├─ OutputError               the output could not be written to its file
 *     └─ SettingsError             a settings file of the user cannot be read or written
 *
 * Anything else that is thrown is a bug of ours, and is shown as one.
 */
export class PynvestError extends Error {
  /** What the user can do next, as a sentence; undefined if there is nothing to do. */
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
  }
}

export class UsageError extends PynvestError {}

export class SiteError extends PynvestError {
  /** Stable: reports and logs contain it. */
  get kind(): SiteFailureKind {
    return 'unavailable';
  }
}

export type SiteFailureKind =
  | 'not-found'
  | 'blocked'
  | 'redirected'
  | 'unavailable'
  | 'layout-changed'
  | 'not-a-page'
  | 'later-day';

export class TickerNotFoundError extends SiteError {
  override get kind(): SiteFailureKind {
    return 'not-found';
  }
}

/** May pass with time: the only site errors that are retried. */
export class TransientSiteError extends SiteError {
  /** The wait that the site asked for (Retry-After), in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: { hint?: string; cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

export class SiteBlockedError extends TransientSiteError {
  override get kind(): SiteFailureKind {
    return 'blocked';
  }
}

export class RedirectedError extends TransientSiteError {
  override get kind(): SiteFailureKind {
    return 'redirected';
  }
}

export class SiteUnavailableError extends TransientSiteError {}

export class SiteUnreachableError extends SiteUnavailableError {}

export class LayoutChangedError extends SiteError {
  override get kind(): SiteFailureKind {
    return 'layout-changed';
  }
}

/** The source has nothing at an address: it may have moved, or there is no such file. */
export class MissingAddressError extends LayoutChangedError {}

export class NotAPageError extends SiteError {
  /**
   * @param subject what was asked for
   * @param reason which limit the answer exceeds, in words
   */
  constructor(subject: string, reason: string) {
    super(`${subject}: the answer is not a page of the site: ${reason}`, {
      hint: 'Nothing of it is stored, and another attempt does not help today.',
    });
  }

  override get kind(): SiteFailureKind {
    return 'not-a-page';
  }
}

export class LaterDayError extends SiteError {
  override get kind(): SiteFailureKind {
    return 'later-day';
  }
}

export class InvalidFileError extends PynvestError {
  /** Counted from 1; undefined where the file as a whole is at fault. */
  readonly line: number | undefined;

  constructor(file: string, reason: string, line?: number, options: { cause?: unknown } = {}) {
    super(line === undefined ? `${file}: ${reason}` : `${file}: line ${line}: ${reason}`, {
      hint: 'Nothing of this file was stored. Fetch it again: it may have been damaged on its way.',
      ...options,
    });
    this.line = line;
  }
}

export class LakeError extends PynvestError {}
export class LakeLockedError extends LakeError {}
export class BrokenFileError extends LakeError {
  /** The day of the file as YYYYMMDD; undefined where it is not known. */
  readonly partition: number | undefined;

  constructor(
    message: string,
    options: { hint?: string | undefined; cause?: unknown; partition?: number | undefined } = {},
  ) {
    super(message, options);
    this.partition = options.partition;
  }
}
export class UnreadableCodecError extends BrokenFileError {}
export class MissingFileError extends BrokenFileError {}
export class FileChangedError extends LakeError {}
export class UnstorableValueError extends LakeError {}

export class QueueError extends PynvestError {}

export class DeployError extends PynvestError {}
export class StackFailedError extends DeployError {}
export class AwsAccessError extends DeployError {}
export class NoRegionError extends AwsAccessError {}
export class NoCredentialsError extends AwsAccessError {}
export class ExpiredTokenError extends AwsAccessError {}

export class QueryError extends PynvestError {}

export class RefusedFileError extends QueryError {}

export class OutputError extends PynvestError {}

export class SettingsError extends PynvestError {}

/** The message and the hint as one text. */
export function formatErrorWithHint({ message, hint }: PynvestError): string {
  return joinSentences(message, hint ?? '');
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be too large for this file system',
  EROFS: 'the disk is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a part of the path is a file, not a folder',
  EMFILE: 'this process has too many files open',
  ENFILE: 'the system has too many files open',
};

/** Why a file could not be written. */
export function describeDiskError(error: unknown): string {
  return REASONS[getErrorCode(error)] ?? (error instanceof Error ? error.message : String(error));
}

/** Whether more free space would help. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(getErrorCode(error));
}

/** The system's code for the error, such as `ENOSPC`; empty if it has none. */
export function getErrorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
