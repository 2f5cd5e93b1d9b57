/** The lake in AWS for `--remote`, and for how long what runs there is followed. */
import { UsageError } from '../errors.ts';
import { parseDuration } from '../operate/moments.ts';
import { type AwsLakeAtHand, openLake } from './lake-at-hand.ts';
import type { LakeOptions } from './options.ts';
import type { Terminal } from './terminal.ts';

const DEFAULT_WAIT = '30m';

/** @throws UsageError where the options and the environment mean the lake on this machine */
export async function openRemoteLake(
  terminal: Terminal,
  options: LakeOptions,
): Promise<AwsLakeAtHand> {
  const target = await openLake(terminal, options);
  if (target.kind === 'aws') return target;
  throw new UsageError(`--remote is for the lake in AWS, and this is the folder ${target.place}`, {
    hint: 'Leave --remote out, or say --target aws; `pynvest deploy` makes the lake in AWS.',
  });
}

/** Until when it is followed, in milliseconds since 1970. @throws UsageError */
export function deadlineIn({ wait }: { readonly wait?: string }): number {
  return Date.now() + parseDuration('--wait', wait ?? DEFAULT_WAIT);
}
