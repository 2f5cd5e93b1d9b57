/** Raw rows of corporate events, as the import stores them, and pages and answers that print them. */
import type { Row } from '../../src/catalog/column.ts';

/** A row of `tbsor_fundamentus_proventos`. */
export function siteRow(changes: Readonly<Record<string, string | number | null>> = {}): Row {
  return {
    codigo_ticker_ativo: 'TUCA3',
    tipo_pagina: 'acoes',
    dt_com: '17/12/2021',
    tipo_evento: 'DIVIDENDO',
    vlr_provento: '0,1334',
    dt_pagamento: '30/12/2021',
    qtd_unidades: '1',
    outros_campos: null,
    num_ocorrencia: 1,
    situacao: 'vigente',
    datetime_exec: '2026-11-20T10:00:00.000-03:00',
    ...changes,
  };
}

/** A row of `tbsor_b3_eventos`. */
export function companyRow(changes: Readonly<Record<string, string | number | null>> = {}): Row {
  return {
    codigo_emissor: 'TUCA',
    codigo_isin: 'BRTUCAACNOR1',
    categoria: 'cashDividends',
    tipo_evento: 'DIVIDENDO',
    dt_com: '17/12/2021',
    dt_aprovacao: '09/12/2021',
    dt_pagamento: '30/12/2021',
    vlr_provento: '0,13340000000',
    vlr_fator: null,
    codigo_isin_emitido: 'BRTUCAACNOR1',
    outros_campos: null,
    num_ocorrencia: 1,
    situacao: 'vigente',
    datetime_exec: '2026-11-20T10:00:00.000-03:00',
    ...changes,
  };
}

/** A page of dividends as the site prints it. */
export function dividendsPage(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const head = headings.map((heading) => `<th><a href="#">${heading}</a></th>`).join('');
  const body = rows.map(
    (cells) => `<tr>${cells.map((text) => `<td>${text}\t</td>`).join('')}</tr>`,
  );
  return (
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1"><title>Proventos</title></head>' +
    `<body><h1>Proventos:</h1><table id="resultado"><thead><tr>${head}</tr></thead>` +
    `<tbody>${body.join('')}</tbody></table></body></html>`
  );
}

export const STOCK_HEADINGS = ['Data', 'Valor', 'Tipo', 'Data de Pagamento', 'Por quantas ações'];
export const FUND_HEADINGS = ['Última Data Com', 'Tipo', 'Data de Pagamento', 'Valor'];
