/** The time that an invocation has, and how much of it is kept for putting things away. */
import type { Context } from 'aws-lambda';

/** Enough to write what has come, with retries. */
const RESERVE_MS = 30_000;
/** A function with little time in all keeps this share of it instead. */
const RESERVE_SHARE = 0.25;

/** Aborted while there is still time to write what has come and to say what is left. */
export function deadlineOf(context: Context): AbortSignal {
  const remaining = context.getRemainingTimeInMillis();
  const reserve = Math.min(RESERVE_MS, remaining * RESERVE_SHARE);
  return AbortSignal.timeout(Math.max(0, Math.floor(remaining - reserve)));
}
