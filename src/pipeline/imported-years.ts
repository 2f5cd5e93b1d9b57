/** The notes by which a later import knows which years of B3's history the lake has whole. */
import type { Markets } from '../sources/b3/cotahist.ts';

/** Small texts beside the tables, by which a later import knows what an earlier one has done. */
export interface ImportNotes {
  read(name: string): Promise<string | undefined>;
  write(name: string, text: string): Promise<void>;
}

/**
 * A note without it is of an earlier version, which did not see whether the file had its whole year: it counts as none.
 */
const WHOLE_MARK = 'whole';

/** The markets of which the lake has a whole year. */
export async function readWholeMarkets(
  notes: Pick<ImportNotes, 'read'>,
  year: number,
): Promise<Markets> {
  const note = await notes.read(getNoteName(year));
  const [list = '', mark] = note?.split('\n') ?? [];
  const markets = mark === WHOLE_MARK ? list.split(',').filter((market) => market !== '') : [];
  return markets.includes('all') ? 'all' : new Set(markets);
}

/** Notes that the lake has these markets of a year, beside those that it had before. */
export async function noteWholeYear(
  notes: ImportNotes,
  year: number,
  markets: Markets,
): Promise<void> {
  const known = await readWholeMarkets(notes, year);
  const isAll = known === 'all' || markets === 'all';
  const all = isAll ? ['all'] : [...new Set([...known, ...markets])].sort();
  await notes.write(getNoteName(year), `${all.join(',')}\n${WHOLE_MARK}\n`);
}

function getNoteName(year: number): string {
  return `cotahist-${year}.imported`;
}
