/** Dead letters, each with its reason and with what may be done about it. */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { AssetKind } from '../catalog/asset.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { type DeadLetter, readDeadLetters } from './dead-letters.ts';
import { type Reason, reasonsOf } from './letter-reasons.ts';
import { logGroups } from './log-groups.ts';
import type { RunningSystem } from './running-system.ts';
import { isTooLate } from './too-late.ts';

/**
 * What sending a letter back would do:
 *
 *     ready       collect its page for its day
 *     too-late    store the page of another day as its day's
 *     unreadable  nothing: it is no message of ours, and would fail again
 */
export type Standing = 'ready' | 'too-late' | 'unreadable';

export interface ExplainedLetter extends DeadLetter {
  readonly standing: Standing;
  readonly why: Reason | undefined;
}

export interface ExplainedLetters {
  readonly letters: readonly ExplainedLetter[];
  readonly held: number;
}

export async function explainDeadLetters(
  system: RunningSystem,
  kinds: readonly AssetKind[],
  now: Date,
): Promise<ExplainedLetters> {
  const { letters, held } = await readDeadLetters(system, kinds);
  const client = new CloudWatchLogsClient(system.aws.clientSettings);
  const reasons = await reasonsOf(client, await logGroups(system), letters);
  const explained = letters.map(
    (letter): ExplainedLetter => ({
      ...letter,
      standing: standingOf(letter, now),
      why: letter.parsed.ok
        ? reasons.get(letter.id)
        : { kind: 'unreadable', reason: letter.parsed.reason },
    }),
  );
  return { letters: explained.sort(byDayAndTicker), held };
}

export function standingOf({ parsed }: DeadLetter, now: Date): Standing {
  if (!parsed.ok) return 'unreadable';
  return isTooLate(parsed.message.partition, now) ? 'too-late' : 'ready';
}

export function tickerOf({ parsed }: DeadLetter): Ticker | undefined {
  return parsed.ok ? parsed.message.ticker : undefined;
}

/** Which of the letters a person chose can be sent back, and which not. Pure. */
export function sortOut(
  chosen: readonly ExplainedLetter[],
  late: boolean,
): { readonly sendable: readonly ExplainedLetter[]; readonly left: readonly ExplainedLetter[] } {
  const canBe = ({ standing }: ExplainedLetter): boolean =>
    standing === 'ready' || (late && standing === 'too-late');
  return { sendable: chosen.filter(canBe), left: chosen.filter((letter) => !canBe(letter)) };
}

function byDayAndTicker(a: DeadLetter, b: DeadLetter): number {
  return sortKey(a) < sortKey(b) ? -1 : 1;
}

function sortKey({ parsed, id }: DeadLetter): string {
  return parsed.ok ? `${parsed.message.partition} ${parsed.message.ticker} ${id}` : `9 ${id}`;
}
