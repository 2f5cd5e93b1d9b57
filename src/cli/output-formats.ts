/** The formats of `--format`. */
export const outputFormats = ['table', 'json', 'csv'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Of rows; Parquet is for files and pipes. */
export const rowFormats = [...outputFormats, 'parquet'] as const;
export type RowFormat = (typeof rowFormats)[number];
