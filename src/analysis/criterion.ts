/**
 * What assets are ranked by: the form that named screens share with columns of a person's choice, and the parser of
 * these.
 *
 *     dy:desc,pl:asc    by the yield, and of equal yields by P/L: a comma parts keys
 *     dy+pl:asc         by the sum of the positions in each: a plus joins the columns of a key
 *
 * Without a direction the highest is first. Pure.
 */
import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import { UsageError } from '../errors.ts';
import { findSharedColumn } from '../query/column-names.ts';
import { findColumn, getColumn, getResultColumns, type ResultColumn } from '../query/columns.ts';
import type { OutputValue } from '../query/engine.ts';
import type { AssetRow } from './market-day.ts';
import { createAbsence, createNotPositive, type Reason } from './reasons.ts';
import type { AssetUnits, EarlierBalance, IncomeFacts } from './screen-facts.ts';

/** A figure that positions follow from. */
export interface RankTerm {
  readonly figure: string;
  readonly descending: boolean;
}

/** By one figure, or by the sum of the positions in several. */
export interface RankKey {
  readonly terms: readonly RankTerm[];
}

export type Figures = Readonly<Record<string, OutputValue>>;

/** The figures of an asset, or why there are none. */
type Evaluation =
  | { readonly figures: Figures; readonly reason?: undefined }
  | { readonly figures?: undefined; readonly reason: Reason };

/** Facts beside the rows of the day, which are read only for screens that need them. */
export interface ScreenFacts {
  readonly units?: AssetUnits;
  readonly income?: IncomeFacts;
  readonly earlier?: ReadonlyMap<string, EarlierBalance>;
}

/** How assets are ranked: a named screen, or columns of a person's choice. */
export interface Criterion {
  readonly kinds: readonly AssetKind[];
  /** The columns of an asset's row that it needs. */
  readonly inputs: readonly string[];
  /** The figures of an answer, in order, with their types. */
  readonly figures: Readonly<Record<string, ResultColumn['type']>>;
  /** The first key decides; ties of all keys share a position. */
  readonly order: readonly RankKey[];
  readonly needs?: 'income' | 'earlier-balances';
  /** The figures of an asset, or the reason why there are none. */
  compute(row: AssetRow, facts: ScreenFacts): Evaluation;
}

/** A column of a person's choice: of each kind of asset that has it, its own. */
interface ChosenColumn {
  /** As it was typed. */
  readonly word: string;
  readonly columns: Readonly<Partial<Record<AssetKind, ResultColumn>>>;
  readonly descending: boolean;
}

/**
 * @param kinds the kinds of asset that were asked for; undefined for all that have the columns
 * @param screen the named screen that may be meant by a word that is no column
 * @throws UsageError
 */
export function parseColumnsCriterion(
  text: string,
  kinds: readonly AssetKind[] = assetKinds,
  screen?: string,
): Criterion {
  const keys = text
    .split(/[,;]/)
    .map((key) => key.split('+').flatMap((part) => part.trim() || []))
    .filter((key) => key.length > 0)
    .map((key) => key.map((part) => parseChosenColumn(part, kinds, screen)));
  if (keys.length === 0) {
    throw new UsageError('--by names no column', {
      hint: 'Such as dy:desc or pl:asc, or a screen of `pynvest rank --list`.',
    });
  }
  const chosen = keys.flat();
  const common = kinds.filter((kind) => chosen.every(({ columns }) => columns[kind]));
  if (common.length > 0) return createColumnsCriterion(common, keys);
  const owners = chosen.map(
    ({ word, columns }) => `${word} belongs to ${Object.keys(columns).join()}`,
  );
  throw new UsageError('--by: no kind of asset has all of these columns', {
    hint: `${owners.join(', ')}.`,
  });
}

function parseChosenColumn(
  part: string,
  kinds: readonly AssetKind[],
  screen: string | undefined,
): ChosenColumn {
  const known = kinds.flatMap((kind) => getResultColumns(assets[kind].dataset));
  const { word, direction } = splitDirection(part, known);
  if (word === '') {
    throw new UsageError('--by names no column', { hint: 'Such as dy:desc or pl:asc.' });
  }
  if (!/^(asc|desc)$/i.test(direction)) {
    throw new UsageError(`--by: ${JSON.stringify(part)} names no direction`, {
      hint: `Write ${word}:asc for the lowest first, or ${word}:desc.`,
    });
  }
  // Only to say what may be meant by a word that is no column.
  getColumn(word, known, screen === undefined ? undefined : `Did you mean the screen ${screen}?`);
  const columns = kinds.flatMap((kind) => {
    const column = findColumn(word, getResultColumns(assets[kind].dataset));
    return column === undefined ? [] : [[kind, column] as const];
  });
  return {
    word,
    columns: Object.fromEntries(columns),
    descending: direction.toLowerCase() === 'desc',
  };
}

/** A label may have spaces. */
function splitDirection(
  part: string,
  known: readonly ResultColumn[],
): { readonly word: string; readonly direction: string } {
  if (findColumn(part, known) !== undefined) return { word: part, direction: 'desc' };
  const [, word = part, direction = 'desc'] = /^(.*?)(?:\s*:\s*|\s+)([^:\s]*)$/.exec(part) ?? [];
  return { word, direction };
}

/** The name of a figure in the answer: of columns that are each kind's own, the one that they share. */
function getFigureName({ columns, word }: ChosenColumn, kinds: readonly AssetKind[]): string {
  const names = [...new Set(kinds.flatMap((kind) => columns[kind]?.name ?? []))];
  const [only = word, ...others] = names;
  return others.length === 0 ? only : (findSharedColumn(names)?.name ?? word);
}

/** Multiples of a profit or of a book value: below zero they tell of a loss, and not of a low price. */
const MULTIPLES: ReadonlySet<string> = new Set([
  ...['vlr_ind_p_sobre_l', 'vlr_ind_p_sobre_vp', 'vlr_ind_p_sobre_ebit', 'vlr_ind_psr'],
  ...['vlr_ind_p_sobre_ativ', 'vlr_ind_p_sobre_cap_giro', 'vlr_ind_p_sobre_ativ_circ_liq'],
  ...['vlr_ind_ev_sobre_ebitda', 'vlr_ind_ev_sobre_ebit', 'vlr_p_sobre_vp'],
]);

/** Ranks assets by columns: the first key decides, and the columns of one key count by the sum of their positions. */
function createColumnsCriterion(
  kinds: readonly AssetKind[],
  keys: readonly (readonly ChosenColumn[])[],
): Criterion {
  const chosen = keys.flat().map((each) => ({ ...each, figure: getFigureName(each, kinds) }));
  const used = chosen.flatMap(({ figure, columns }) =>
    kinds.flatMap((kind) => {
      const column = columns[kind];
      return column === undefined ? [] : [{ figure, column }];
    }),
  );
  return {
    kinds,
    inputs: [...new Set(used.map(({ column }) => column.name))],
    figures: Object.fromEntries(used.map(({ figure, column }) => [figure, column.type])),
    order: keys.map((key) => ({
      terms: key.map((each) => ({
        figure: getFigureName(each, kinds),
        descending: each.descending,
      })),
    })),
    compute(row) {
      const values: Record<string, OutputValue> = {};
      for (const { figure, word, columns } of chosen) {
        const column = columns[row.kind]?.name ?? '';
        const value = row.values[column] ?? null;
        if (value === null) return { reason: createAbsence(word) };
        if (MULTIPLES.has(column) && Number(value) <= 0) {
          return { reason: createNotPositive(word) };
        }
        values[figure] = value;
      }
      return { figures: values };
    },
  };
}
