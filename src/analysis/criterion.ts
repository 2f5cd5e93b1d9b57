/**
 * What assets are ranked by: the form that named screens share with columns of a person's choice, and the parser of these.
 *
 *     dy:desc,pl:asc    by the yield, and of equal yields by P/L: a comma parts keys
 *     dy+pl:asc         by the sum of the positions in each: a plus joins the columns of a key
 *
 * Without a direction the highest is first. Pure.
 */
import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import type { ColumnType } from '../catalog/column.ts';
import { UsageError } from '../errors.ts';
import {
  getColumn,
  getResultColumns,
  hasColumn,
  indicatorResultColumns,
  type ResultColumn,
} from '../query/columns.ts';
import type { OutputValue } from '../query/engine.ts';
import type { AssetRow } from './market-day.ts';
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

/** What is known beside the rows of the day. Read for the screens that need it alone. */
export interface ScreenFacts {
  /** The day of the rows, YYYY-MM-DD. */
  readonly day: string;
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
  readonly figures: Readonly<Record<string, ColumnType>>;
  /** The first key decides; ties of all keys share a position. */
  readonly order: readonly RankKey[];
  readonly needs?: 'income' | 'earlier-balances';
  /** The figures of an asset, or the reason why there are none. */
  compute(row: AssetRow, facts: ScreenFacts): Figures | string;
}

/** A column of a person's choice: of each kind of asset that has it, its own. */
interface ChosenColumn {
  /** The name of the figure in the answer. */
  readonly name: string;
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
  kinds: readonly AssetKind[] | undefined,
  screen?: string,
): Criterion {
  const keys = text
    .split(/[,;]/)
    .map((key) => key.split('+').flatMap((part) => part.trim() || []))
    .filter((key) => key.length > 0)
    .map((key) => key.map((part) => parseChosenColumn(part, screen)));
  if (keys.length === 0) {
    throw new UsageError('--by names no column', {
      hint: 'Such as dy:desc or pl:asc, or a screen of `pynvest rank --list`.',
    });
  }
  const chosen = keys.flat();
  const common = (kinds ?? assetKinds).filter((kind) =>
    chosen.every(({ columns }) => columns[kind] !== undefined),
  );
  if (common.length === 0) throw createOtherKindError(chosen, kinds);
  return createColumnsCriterion(common, keys);
}

function parseChosenColumn(part: string, screen: string | undefined): ChosenColumn {
  const [name = '', direction = 'desc', ...rest] = part.split(/\s*[:\s]\s*/);
  if (name === '') {
    throw new UsageError('--by names no column', { hint: 'Such as dy:desc or pl:asc.' });
  }
  if (rest.length > 0 || !/^(asc|desc)$/i.test(direction)) {
    throw new UsageError(`--by: ${JSON.stringify(part)} names no direction`, {
      hint: `Write ${name}:asc for the lowest first, or ${name}:desc.`,
    });
  }
  const column = getColumn(
    name,
    indicatorResultColumns,
    screen === undefined ? undefined : `Did you mean the screen ${screen}?`,
  );
  const owners = assetKinds.filter((kind) => hasColumn(assets[kind].dataset, column.name));
  const columns = owners.map((kind) => {
    const own = getResultColumns(assets[kind].dataset);
    return [kind, getColumn(column.name, own)] as const;
  });
  return {
    name: column.name,
    columns: Object.fromEntries(columns),
    descending: direction.toLowerCase() === 'desc',
  };
}

function createOtherKindError(
  chosen: readonly ChosenColumn[],
  kinds: readonly AssetKind[] | undefined,
): UsageError {
  const owners = chosen.map(
    ({ name, columns }) => `${name} is a column of ${Object.keys(columns).join(' and ')}`,
  );
  const asked = kinds === undefined ? 'of one kind of asset' : `of ${kinds.join(' and ')}`;
  return new UsageError(`--by: not all of these are columns ${asked}`, {
    hint: `${owners.join(', ')}.`,
  });
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
  const chosen = keys.flat();
  const figures = chosen.flatMap(({ name, columns }) => {
    const [column] = Object.values(columns);
    return column === undefined || column.type === 'integer' ? [] : [[name, column.type] as const];
  });
  return {
    kinds,
    inputs: [...new Set(chosen.flatMap(({ columns }) => Object.values(columns)))].map(
      ({ name }) => name,
    ),
    figures: Object.fromEntries(figures),
    order: keys.map((key) => ({
      terms: key.map(({ name, descending }) => ({ figure: name, descending })),
    })),
    compute(row) {
      const values: Record<string, OutputValue> = {};
      for (const { name, columns } of chosen) {
        const column = columns[row.kind]?.name ?? name;
        const value = row.values[column] ?? null;
        if (value === null) return `no ${name}`;
        if (MULTIPLES.has(column) && Number(value) <= 0) return `${name} is not positive`;
        values[name] = value;
      }
      return values;
    },
  };
}
