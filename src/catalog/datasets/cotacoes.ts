/** The data set of quotes, which joins stocks and funds. */

import type { Column } from '../column.ts';
import { defineDataset } from '../dataset.ts';
import { byDay } from '../partition.ts';
import { stocks } from './acoes.ts';
import { funds } from './fiis.ts';
import { oscillationColumns, priceColumns } from './shared-indicators.ts';

/** What both kinds of asset call by the same name. */
const sharedColumns: readonly Column[] = [...priceColumns, ...oscillationColumns].map(
  ({ name, type, description }) => ({ name, type, description }),
);
const sharedSources = Object.fromEntries(sharedColumns.map(({ name }) => [name, name]));

/**
 * Whether a quote was collected from the site, or computed from B3's history, which a collected one always replaces.
 */
export const ORIGIN_COLUMN = 'origem';
export const B3_ORIGIN = 'b3';
const COLLECTED_ORIGIN = 'fundamentus';

export const quotes = defineDataset({
  id: 'cotacoes',
  keyColumns: ['codigo_ticker_ativo'],
  partition: byDay,
  tables: {
    spec: {
      name: 'tbspec_fundamentus_cotacao_ativos',
      description: 'Cotações de ações e fundos imobiliários, uma linha por ativo e dia',
      columns: [
        {
          name: 'codigo_ticker_ativo',
          type: 'string',
          description: 'Código de negociação do ativo na B3',
        },
        {
          name: 'tipo_ativo',
          type: 'string',
          description: 'Tipo do ativo: "Ação" ou "Fundo Imobiliário"',
        },
        {
          name: 'nome_ativo',
          type: 'string',
          description: 'Nome da empresa ou do fundo',
        },
        {
          name: 'nome_setor_segmento',
          type: 'string',
          description: 'Setor da empresa ou segmento do fundo',
        },
        ...sharedColumns,
        {
          name: ORIGIN_COLUMN,
          type: 'string',
          description:
            'Origem da linha: "fundamentus" se coletada do site, "b3" se calculada do histórico da B3; nula em arquivos antigos',
          assumed: COLLECTED_ORIGIN,
        },
      ],
      substitute: { column: ORIGIN_COLUMN, value: B3_ORIGIN },
    },
  },
  derivations: [
    {
      from: stocks,
      columns: {
        codigo_ticker_ativo: 'nome_papel',
        nome_ativo: 'nome_empresa',
        nome_setor_segmento: 'nome_setor',
        ...sharedSources,
      },
      constants: { tipo_ativo: 'Ação', [ORIGIN_COLUMN]: COLLECTED_ORIGIN },
    },
    {
      from: funds,
      columns: {
        codigo_ticker_ativo: 'fii',
        nome_ativo: 'nome_fii',
        nome_setor_segmento: 'segmento',
        ...sharedSources,
      },
      constants: { tipo_ativo: 'Fundo Imobiliário', [ORIGIN_COLUMN]: COLLECTED_ORIGIN },
    },
  ],
});
