/** Reads the positions that the assets of a report have in the named screens. */
import { readRanking } from '../analysis/ranking.ts';
import { type Reason, reasons } from '../analysis/reasons.ts';
import { type Screen, screens } from '../analysis/screens.ts';
import type { AssetKind } from '../catalog/asset.ts';
import type { Partition } from '../catalog/partition.ts';
import type { OutputValue, QueryEngine } from '../query/engine.ts';

/** What a named screen says of the assets. */
export interface ScreenPositions {
  readonly screen: Pick<Screen, 'name' | 'portuguese'>;
  readonly day: Partition;
  /** How many assets have a position. */
  readonly ranked: number;
  /** By ticker. */
  readonly positions: ReadonlyMap<string, RankedPosition>;
  /** By ticker, why it has none. */
  readonly reasons: ReadonlyMap<string, Reason>;
}

export interface RankedPosition {
  readonly position: number;
  /** What it rests on, by the names of columns. */
  readonly figures: Readonly<Record<string, OutputValue>>;
}

/** The named screens of any of these kinds. */
export async function readRankings(
  engine: QueryEngine,
  kinds: ReadonlySet<AssetKind>,
  asOf: Partition | undefined,
): Promise<ScreenPositions[]> {
  const found: ScreenPositions[] = [];
  for (const screen of screens.filter((each) => each.kinds.some((kind) => kinds.has(kind)))) {
    const ranking = await readRanking(engine, screen, { asOf });
    const at = (name: string): number => ranking.columns.indexOf(name);
    const figures = Object.keys(screen.figures);
    const positions = ranking.rows.map((row): readonly [string, RankedPosition] => {
      const values = figures.map((name) => [name, row[at(name)] ?? null]);
      const position = Number(row[at('posicao')]);
      return [
        String(row[at('codigo_ticker_ativo')]),
        { position, figures: Object.fromEntries(values) },
      ];
    });
    const [day] = [...ranking.days.values()].sort((a, b) => b - a);
    if (day === undefined) continue;
    found.push({
      ...{ screen, day, ranked: ranking.ranked },
      positions: new Map(positions),
      reasons: new Map([
        ...ranking.unranked.flatMap(({ reason, tickers }) =>
          tickers.map((ticker) => [ticker, reason] as const),
        ),
        ...ranking.otherPapers.map((ticker) => [ticker, reasons.otherPaper] as const),
      ]),
    });
  }
  return found;
}
