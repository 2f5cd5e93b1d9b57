/** What a column of the lake is: its name, its type and what it means. */

/** The types of the lake, in the words of Glue and Athena. `date` is a day without a time. */
export type ColumnType = 'string' | 'double' | 'bigint' | 'date' | 'boolean';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** What the value is, in Portuguese, with its unit: shown in the catalogs of Glue and Athena. */
  readonly description: string;
  /** What a null means, as in files from before the column: rows that differ only by it are the same. */
  readonly assumed?: string;
}

/** The year that a column of yearly variation means, counted back from the partition's year. */
interface YearsBack {
  readonly yearsBack: number;
}

/** A column that is read off the page of one asset. */
export interface IndicatorColumn extends Column {
  /** The label on the page, word for word; for a yearly variation the label is the year itself. */
  readonly label: string | YearsBack;
  /** The heading that tells two equal labels apart ("Últimos 12 meses" and "Últimos 3 meses"). */
  readonly section?: string;
  /** The value is a fraction: the site prints it with %. */
  readonly fraction?: true;
  /** The site no longer prints this label; its absence is expected. */
  readonly retired?: true;
  /** The column came with `outros_indicadores`, after the tables' first edition: it is between the two. */
  readonly secondEdition?: true;
  /** The column is newer than those: it comes after all of them, in the order of the list. New columns are such. */
  readonly addedLater?: true;
}

/** A cell in memory. A `date` is text, `YYYY-MM-DD`; a `bigint` is a safe integer. */
export type Cell = string | number | boolean | null;

/** A row in memory: every column of its table by name, absent values as null. */
export type Row = Readonly<Record<string, Cell>>;

/**
 * Creates rows of these columns, to be filled in. Each is a copy of one row: an object to which seventy columns are
 * added one by one is moved in memory twenty times, which took a third of the time of a backfill.
 */
export function createRowFactory(
  columns: readonly Pick<Column, 'name'>[],
): () => Record<string, Cell> {
  const template: Readonly<Record<string, Cell>> = Object.fromEntries(
    columns.map(({ name }) => [name, null]),
  );
  return () => ({ ...template });
}

/** Texts by their position among the different ones: of 340,000 tickers of a year only some hundred differ. */
export interface TextCodes {
  readonly values: readonly (string | null)[];
  readonly codes: Uint32Array;
}

/**
 * Many rows as columns: as objects, the 340,000 rows of a year would take ten times the memory and the time.
 *
 *     texts     of a `string`; `null` where it is absent. To be written, they may also be `TextCodes`
 *     numbers   of every other type; `NaN` where it is absent. A `date` is the number of days since 1970, a `boolean` 0 or 1
 */
export interface ColumnBatch<Text = readonly (string | null)[]> {
  readonly rowCount: number;
  readonly texts: Readonly<Record<string, Text>>;
  readonly numbers: Readonly<Record<string, Float64Array>>;
}

export type WritableColumnBatch = ColumnBatch<readonly (string | null)[] | TextCodes>;

const DAY_MS = 86_400_000;

/** A day of a column batch as `YYYY-MM-DD`. */
export function formatDayNumber(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
