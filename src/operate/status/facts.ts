/** All that was found out, before anybody judges it. */
import type { AssetKind } from '../../catalog/asset.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import type { Due } from './due-day.ts';
import type { LastRunFound } from './last-run.ts';
import type { FolderFacts } from './read-folder.ts';
import type { SystemFacts } from './read-system.ts';
import type { TablesRead } from './read-tables.ts';
import type { Told } from './told.ts';

/** What the site lists, or why nobody knows. */
export type Listed =
  | { readonly kind: 'listed'; readonly tickers: Readonly<Record<AssetKind, readonly Ticker[]>> }
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'no-answer'; readonly reason: string };

export interface StatusFacts extends TablesRead {
  readonly now: Date;
  readonly place: string;
  readonly due: Due;
  readonly listed: Listed;
  readonly lastRun: Told<LastRunFound>;
  readonly at:
    | { readonly target: 'local'; readonly folder: FolderFacts }
    | { readonly target: 'aws'; readonly system: SystemFacts };
}
