/**
 * The data sets of corporate events as their two sources print them. The ledger (`events` in b3.ts) is derived from
 * both.
 *
 * A row is what a source printed, word for word. A later answer about the same key replaces the rows: those that it no
 * longer has stay, and are marked.
 */
import type { Column } from '../column.ts';
import { defineDataset } from '../dataset.ts';
import { byYearOfEvent, type Partition } from '../partition.ts';

const text = (name: string, description: string): Column => ({ name, type: 'string', description });

const type = text('tipo_evento', 'Tipo do evento, como impresso');
const comDay = text('dt_com', 'Último dia com o direito, a data com (texto DD/MM/AAAA)');
const paymentDay = text('dt_pagamento', 'Dia do pagamento (texto DD/MM/AAAA)');
const others = text('outros_campos', 'Campos da fonte sem coluna própria, em JSON');
const occurrence: Column = {
  name: 'num_ocorrencia',
  type: 'bigint',
  description: 'Ordem entre linhas iguais da mesma resposta, em unidades a partir de 1',
};
const status = text('situacao', '"vigente", ou "ausente" se a fonte não mostra mais a linha');
const readAt = text(
  'datetime_exec',
  'Data e hora da primeira leitura que mostrou a linha, em São Paulo (texto ISO 8601)',
);

/** The cash dividends of one asset's page on the site. */
export const dividends = defineDataset({
  id: 'proventos',
  source: 'fundamentus',
  keyColumns: [
    ...(['codigo_ticker_ativo', 'dt_com', 'tipo_evento', 'vlr_provento', 'dt_pagamento'] as const),
    ...(['qtd_unidades', 'outros_campos', 'num_ocorrencia'] as const),
  ],
  versionColumn: 'datetime_exec',
  partition: byYearOfEvent('dt_com'),
  tables: {
    sor: {
      name: 'tbsor_fundamentus_proventos',
      description: 'Proventos em dinheiro do Fundamentus, como impressos, uma linha por provento',
      columns: [
        text('codigo_ticker_ativo', 'Código de negociação do ativo cuja página foi lida'),
        text('tipo_pagina', 'Página lida: acoes ou fiis'),
        comDay,
        type,
        text('vlr_provento', 'Valor bruto em reais (R$), por qtd_unidades unidades, como impresso'),
        paymentDay,
        text('qtd_unidades', 'Quantidade de unidades a que o valor se refere, como impressa'),
        others,
        occurrence,
        status,
        readAt,
      ],
    },
  },
});

/** The events of one issuer in B3's company service. */
export const companyEvents = defineDataset({
  id: 'eventosB3',
  source: 'b3',
  keyColumns: [
    ...(['codigo_emissor', 'codigo_isin', 'categoria', 'tipo_evento', 'dt_com'] as const),
    ...(['dt_aprovacao', 'dt_pagamento', 'vlr_provento', 'vlr_fator'] as const),
    ...(['codigo_isin_emitido', 'outros_campos', 'num_ocorrencia'] as const),
  ],
  versionColumn: 'datetime_exec',
  partition: byYearOfEvent('dt_com'),
  tables: {
    sor: {
      name: 'tbsor_b3_eventos',
      description: 'Eventos corporativos da B3, como impressos, uma linha por evento',
      columns: [
        text('codigo_emissor', 'Código do emissor na B3, as quatro primeiras posições do código'),
        text('codigo_isin', 'Código ISIN do papel com o direito'),
        text('categoria', 'Lista da resposta: cashDividends, stockDividends ou subscriptions'),
        type,
        comDay,
        text('dt_aprovacao', 'Dia da aprovação (texto DD/MM/AAAA)'),
        paymentDay,
        text('vlr_provento', 'Valor bruto por unidade em reais (R$), como impresso'),
        text('vlr_fator', 'Fator ou percentual, como impresso'),
        text('codigo_isin_emitido', 'Código ISIN do papel entregue'),
        others,
        occurrence,
        status,
        readAt,
      ],
    },
  },
});

/** A cash dividend as printed; null where the page has no such column. */
export interface PrintedDividend {
  /** The last day with the right. */
  readonly comDay: string;
  readonly type: string;
  readonly amount: string;
  readonly paymentDay: string | null;
  /** How many units the amount is for; the pages of funds have no such column. */
  readonly unitCount: string | null;
  /** What the columns have that pynvest does not know, by their headings. */
  readonly others: Readonly<Record<string, string>>;
}

/** The lists of an answer: dividends in cash, changes of the number of units, and rights to subscribe. */
export type EventCategory = 'cashDividends' | 'stockDividends' | 'subscriptions';

/** An event as printed; null where the answer has no such field. */
export interface PrintedEvent {
  readonly category: EventCategory;
  /** The paper that has the right. */
  readonly isin: string;
  readonly type: string;
  /** The last day with the right; 31/12/9999 where there is none. */
  readonly comDay: string;
  readonly approvalDay: string | null;
  readonly paymentDay: string | null;
  /** The amount for one unit, of `cashDividends`. */
  readonly amount: string | null;
  /** Of `stockDividends`, and the percentage of `subscriptions`. */
  readonly factor: string | null;
  /** The paper that is given. */
  readonly issuedIsin: string | null;
  /** All other fields, by their names. */
  readonly others: Readonly<Record<string, string>>;
}

/** The partition of rows that no date of theirs places in a year. */
export const UNDATED_YEAR = 1900 as Partition;
