/**
 * The five tables of the lake: the one source that Parquet files, the catalogs and the docs follow.
 *
 * SoR holds the page's own text, SoT the same as typed values, Spec the quotes of both kinds.
 */

import { type AssetKind, assetKinds, assets } from './asset.ts';
import type { Column, IndicatorColumn } from './column.ts';
import { quoteColumns } from './cotacoes.ts';

export type Layer = 'sor' | 'sot' | 'spec';

export interface Table {
  readonly name: string;
  readonly layer: Layer;
  readonly database: string;
  readonly description: string;
  /** In the order of the files. New columns go last: readers by position depend on it. */
  readonly columns: readonly Column[];
  /** The column that names a row: one row a ticker and partition. */
  readonly tickerColumn: string;
}

/** When the page was read, ISO 8601 with offset. */
export const READ_AT_COLUMN = 'datetime_exec';
/** JSON text of the labels on the page that no column knows. */
export const OTHERS_COLUMN = 'outros_indicadores';

const readAt: Column = {
  name: READ_AT_COLUMN,
  type: 'string',
  description: 'Data e hora em que a página foi lida (texto ISO 8601 com fuso horário)',
};
const others: Column = {
  name: OTHERS_COLUMN,
  type: 'string',
  description:
    'Rótulos da página sem coluna própria, com o texto de cada um (objeto JSON em texto)',
};

function createIndicatorTables(kind: AssetKind): { readonly sor: Table; readonly sot: Table } {
  const { columns, tickerColumn } = assets[kind];
  const inOrder = (asColumn: (column: IndicatorColumn) => Column): Column[] => [
    ...columns.filter((column) => !column.addedLater).map(asColumn),
    readAt,
    ...columns.filter((column) => column.addedLater).map(asColumn),
    others,
  ];
  const of = kind === 'acoes' ? 'ações' : 'fundos imobiliários (FIIs)';
  return {
    sor: {
      name: `tbsor_fundamentus_indicadores_${kind}_raw`,
      layer: 'sor',
      database: 'db_pynvest_sor',
      description: `Indicadores de ${of}: o texto da página do Fundamentus, como impresso`,
      tickerColumn,
      columns: inOrder(({ name, description, fraction }) => ({
        name,
        type: 'string',
        // As printed it is no fraction yet.
        description: fraction
          ? `${description.replace(/, em fração.*$/, '')} — texto como na página, em %`
          : `${description} — texto como na página`,
      })),
    },
    sot: {
      name: `tbsot_fundamentus_indicadores_${kind}_prep`,
      layer: 'sot',
      database: 'db_pynvest_sot',
      description: `Indicadores de ${of}: valores com tipo; percentuais em fração`,
      tickerColumn,
      columns: inOrder(({ name, type, description }) => ({ name, type, description })),
    },
  };
}

const acoes = createIndicatorTables('acoes');
const fiis = createIndicatorTables('fiis');

export const sorTables: Readonly<Record<AssetKind, Table>> = { acoes: acoes.sor, fiis: fiis.sor };
export const sotTables: Readonly<Record<AssetKind, Table>> = { acoes: acoes.sot, fiis: fiis.sot };

export const specTable: Table = {
  name: 'tbspec_fundamentus_cotacao_ativos',
  layer: 'spec',
  database: 'db_pynvest_spec',
  description: 'Cotações de ações e fundos imobiliários, uma linha por ativo e dia',
  tickerColumn: 'codigo_ticker_ativo',
  columns: quoteColumns.map(({ name, type, description }) => ({ name, type, description })),
};

export const tables: readonly Table[] = [
  ...assetKinds.map((kind) => sorTables[kind]),
  ...assetKinds.map((kind) => sotTables[kind]),
  specTable,
];

/** What the tables call the column of the ticker, each name once. */
export const tickerColumns: readonly string[] = [
  ...new Set(tables.map(({ tickerColumn }) => tickerColumn)),
];

/** One bucket, or one database, a layer; two layers may share one. */
export type ByLayer = Readonly<Record<Layer, string>>;
