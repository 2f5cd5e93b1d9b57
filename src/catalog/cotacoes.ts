/**
 * The columns of the table of quotes, which joins stocks and funds, and where each one comes from.
 */

import type { AssetKind } from './asset.ts';
import type { Column } from './column.ts';
import { oscillationColumns, priceColumns } from './shared-columns.ts';

/** A column of the quotes and the column of each kind's typed table that feeds it. */
interface QuoteColumn extends Column {
  /** A column with one name for both kinds, or a name a kind; absent for `tipo_ativo`. */
  readonly from?: string | Readonly<Record<AssetKind, string>>;
}

export const quoteColumns: readonly QuoteColumn[] = [
  {
    name: 'codigo_ticker_ativo',
    type: 'string',
    description: 'Código de negociação do ativo na B3',
    from: { acoes: 'nome_papel', fiis: 'fii' },
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
    from: { acoes: 'nome_empresa', fiis: 'nome_fii' },
  },
  {
    name: 'nome_setor_segmento',
    type: 'string',
    description: 'Setor da empresa ou segmento do fundo',
    from: { acoes: 'nome_setor', fiis: 'segmento' },
  },
  ...[...priceColumns, ...oscillationColumns].map(
    ({ name, type, description }): QuoteColumn => ({ name, type, description, from: name }),
  ),
];
