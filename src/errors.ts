/**
 * Every error that pynvest raises on purpose.
 *
 *     PynvestError                 what happened, and in `hint` what to do next
 *     ├─ UsageError                the command was asked for something that cannot be (exit status 2)
 *     ├─ SiteError                 the site did not give what was asked of it
 *     │  ├─ TickerNotFoundError    the site has no such ticker; asking again changes nothing
 *     │  ├─ TransientSiteError     may pass with time; these alone are asked for again
 *     │  │  ├─ SiteBlockedError    the site refuses us for now (403, 429, a page without its tables)
 *     │  │  └─ SiteUnavailableError no answer, a server error, or a page cut short
 *     │  ├─ LayoutChangedError     a whole page came that this version cannot read
 *     │  └─ LaterDayError          the page shows a later day than the one that it was wanted for
 *     ├─ LakeError                 the lake cannot be read or written
 *     │  ├─ LakeLockedError        another run holds the lake
 *     │  ├─ BrokenFileError        a Parquet file cannot be read
 *     │  │  ├─ UnreadableCodecError because its pages cannot be unpacked; it may be whole
 *     │  │  └─ MissingFileError    because it is not there, or no longer
 *     │  ├─ FileChangedError       another writer changed a file between our look and our write
 *     │  └─ UnstorableValueError   a value that its column's type cannot hold exactly
 *     ├─ QueueError                a queue did not take its messages
 *     ├─ DeployError               the system in AWS could not be built, changed or taken down
 *     │  ├─ StackFailedError       CloudFormation gave up, and undid what it had begun
 *     │  └─ AwsAccessError         AWS does not let us ask
 *     │     ├─ NoRegionError       no region was named
 *     │     ├─ NoCredentialsError  nobody said who asks
 *     │     └─ ExpiredTokenError   who asks has to log in again
 *     ├─ QueryError                the query could not be answered
 *     ├─ OutputError               the answer could not be written to its file
 *     └─ SettingsError             a file of the person's settings cannot be read or written
 *
 * Anything else that is thrown is a bug of ours, and is shown as one.
 */
export class PynvestError extends Error {
  /** What the person can do next, as a sentence; absent where nothing helps. */
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
  }
}

export class UsageError extends PynvestError {}

export class SiteError extends PynvestError {
  /** A stable word for reports and logs. */
  get kind(): SiteFailureKind {
    return 'unavailable';
  }
}

export type SiteFailureKind =
  | 'not-found'
  | 'blocked'
  | 'unavailable'
  | 'layout-changed'
  | 'later-day';

export class TickerNotFoundError extends SiteError {
  override get kind(): SiteFailureKind {
    return 'not-found';
  }
}

/** An outcome that may pass with time: the only kinds of site failure that are asked for again. */
export class TransientSiteError extends SiteError {
  /** How long the site asked us to wait, in milliseconds, where it said so (Retry-After). */
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

export class SiteUnavailableError extends TransientSiteError {}

export class LayoutChangedError extends SiteError {
  override get kind(): SiteFailureKind {
    return 'layout-changed';
  }
}

export class LaterDayError extends SiteError {
  override get kind(): SiteFailureKind {
    return 'later-day';
  }
}

export class LakeError extends PynvestError {}
export class LakeLockedError extends LakeError {}
export class BrokenFileError extends LakeError {}
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

export class OutputError extends PynvestError {}

export class SettingsError extends PynvestError {}

/** What went wrong, and what to do about it, as one text. */
export function formatErrorWithHint({ message, hint }: PynvestError): string {
  return hint === undefined ? message : `${message}. ${hint}`;
}
