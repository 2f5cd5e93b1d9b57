/**
 * The columns of indicators that stocks and funds share, and how a table of them is made in each layer.
 */
import type { Column, IndicatorColumn } from '../column.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { byDay } from '../partition.ts';

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

interface IndicatorDefinition<Id extends string> {
  readonly id: Id;
  /** The assets that the pages are about, in Portuguese. */
  readonly subject: string;
  readonly tickerColumn: string;
  readonly columns: readonly IndicatorColumn[];
}

/** The indicators of one kind of asset: one row a ticker and day, raw as on the page, and typed. */
export function defineIndicators<Id extends string>({
  id,
  subject,
  tickerColumn,
  columns,
}: IndicatorDefinition<Id>): Dataset<Id> {
  // Each edition begins with all columns of the one before: `doctor` tells an older file by that.
  const inOrder = (toColumn: (column: IndicatorColumn) => Column): Column[] => [
    ...columns
      .filter(({ secondEdition, addedLater }) => !secondEdition && !addedLater)
      .map(toColumn),
    readAt,
    ...columns.filter(({ secondEdition }) => secondEdition).map(toColumn),
    others,
    ...columns.filter(({ addedLater }) => addedLater).map(toColumn),
  ];
  return defineDataset({
    id,
    source: 'fundamentus',
    keyColumns: [tickerColumn],
    versionColumn: READ_AT_COLUMN,
    partition: byDay,
    tables: {
      sor: {
        name: `tbsor_fundamentus_indicadores_${id}_raw`,
        description: `Indicadores de ${subject}: o texto da página do Fundamentus, como impresso`,
        columns: inOrder(toRawColumn),
      },
      sot: {
        name: `tbsot_fundamentus_indicadores_${id}_prep`,
        description: `Indicadores de ${subject}: valores com tipo; percentuais em fração`,
        columns: inOrder(({ name, type, description }) => ({ name, type, description })),
      },
    },
    typing: {
      notation: 'brazilian',
      fractions: columns.filter(({ fraction }) => fraction).map(({ name }) => name),
      copied: [READ_AT_COLUMN, OTHERS_COLUMN],
    },
  });
}

function toRawColumn({ name, description, fraction }: IndicatorColumn): Column {
  // As printed it is no fraction yet.
  const printed = fraction
    ? `${description.replace(/, em fração.*$/, '')} — texto como na página, em %`
    : `${description} — texto como na página`;
  return { name, type: 'string', description: printed };
}

export const tradedVolumeColumn: IndicatorColumn = {
  name: 'vol_med_neg_2m',
  type: 'bigint',
  label: 'Vol $ méd (2m)',
  description: 'Volume financeiro médio negociado por dia nos últimos 2 meses, em reais (R$)',
};

export const priceColumns: readonly IndicatorColumn[] = [
  {
    name: 'vlr_cot',
    type: 'double',
    label: 'Cotação',
    description: 'Cotação de fechamento no último pregão, em reais (R$)',
  },
  {
    name: 'dt_ult_cot',
    type: 'date',
    label: 'Data últ cot',
    description: 'Data do último pregão com negócios do ativo (data)',
  },
  {
    name: 'vlr_min_52_sem',
    type: 'double',
    label: 'Min 52 sem',
    description: 'Menor cotação das últimas 52 semanas, em reais (R$)',
  },
  {
    name: 'vlr_max_52_sem',
    type: 'double',
    label: 'Max 52 sem',
    description: 'Maior cotação das últimas 52 semanas, em reais (R$)',
  },
];

const YEARS = [
  'no ano da partição',
  'no ano anterior ao da partição',
  'no ano dois anos antes do da partição',
  'no ano três anos antes do da partição',
  'no ano quatro anos antes do da partição',
  'no ano cinco anos antes do da partição',
];

export const oscillationColumns: readonly IndicatorColumn[] = [
  {
    name: 'pct_var_dia',
    type: 'double',
    fraction: true,
    label: 'Dia',
    description: 'Variação da cotação no dia do último pregão, em fração',
  },
  {
    name: 'pct_var_mes',
    type: 'double',
    fraction: true,
    label: 'Mês',
    description: 'Variação da cotação no mês corrente, em fração',
  },
  {
    name: 'pct_var_30d',
    type: 'double',
    fraction: true,
    label: '30 dias',
    description: 'Variação da cotação nos últimos 30 dias, em fração',
  },
  {
    name: 'pct_var_12m',
    type: 'double',
    fraction: true,
    label: '12 meses',
    description: 'Variação da cotação nos últimos 12 meses, em fração',
  },
  ...YEARS.map(
    (year, yearsBack): IndicatorColumn => ({
      name: `pct_var_ano_a${yearsBack}`,
      type: 'double',
      fraction: true,
      label: { yearsBack },
      description: `Variação da cotação ${year} (a${yearsBack}), em fração`,
    }),
  ),
];
