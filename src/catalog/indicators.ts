/** What the two data sets of indicators share: the tables that follow from the columns of a page. */

import type { Column, IndicatorColumn } from './column.ts';
import { type Dataset, defineDataset } from './dataset.ts';
import { byDay } from './partition-scheme.ts';

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
  const inOrder = (toColumn: (column: IndicatorColumn) => Column): Column[] => [
    ...columns.filter((column) => !column.addedLater).map(toColumn),
    readAt,
    ...columns.filter((column) => column.addedLater).map(toColumn),
    others,
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
