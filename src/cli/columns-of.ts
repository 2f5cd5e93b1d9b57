/** Whose columns `pynvest columns` lists; on its own so that the command line can be read without them. */
export const columnsOf = ['acoes', 'fiis', 'cotacoes'] as const;

export type ColumnsOf = (typeof columnsOf)[number];
