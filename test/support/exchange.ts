/**
 * The history of a small exchange: a stock that is split, pays, and changes its ticker, and one with an unexplained
 * right.
 */

import type { Row } from '../../src/catalog/column.ts';
import { getTable } from '../../src/catalog/dataset.ts';
import { events, history } from '../../src/catalog/datasets/b3.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import type { ColumnarLake } from '../../src/lake/lake.ts';
import { DEDUP_NAME } from '../../src/lake/names.ts';
import { computeLakeAdjustments, storeAdjustments } from '../../src/pipeline/derive-adjustments.ts';
import { readMarketHistory } from '../../src/pipeline/market-history.ts';
import { wholeRow } from './rows.ts';

const historyTable = getTable(history, 'sot');
const eventsTable = getTable(events, 'sot');

/** `day ticker close #number`, with a price for `factor` units. */
function session(text: string, values: Row = {}): Row {
  const [day = '', ticker = '', close = '', number = ''] = text.split(' ');
  const price = Number(close);
  return wholeRow(historyTable, {
    ...{ codigo_ticker_ativo: ticker, dt_pregao: day, codigo_mercado: '010', codigo_bdi: '02' },
    nome_resumido: ticker.slice(0, 4),
    ...{ especificacao_papel: 'ON  NM', moeda: 'R$', fator_cotacao: 1, codigo_isin: `BR${ticker}` },
    ...{ vlr_abertura: price, vlr_max: price + 1, vlr_min: price - 1, vlr_fechamento: price },
    ...{ qtd_titulos: 300, vlr_volume: 300 * price, num_distribuicao: Number(number.slice(1)) },
    ...values,
  });
}

function event(ticker: string, dtCom: string, values: Row): Row {
  return wholeRow(eventsTable, {
    ...{
      codigo_ticker_ativo: ticker,
      dt_com: dtCom,
      codigo_evento: `${dtCom}-${values['tipo_evento']}`,
    },
    ...{ fontes: 'b3', situacao: 'vigente' },
    ...values,
  });
}

/** Puts the exchange into a lake, with the factors that follow. */
export async function writeExchange(store: ColumnarLake): Promise<void> {
  const write = (table: typeof historyTable, year: number, rows: Row[]) =>
    store.write({ table, partition: year as Partition, name: DEDUP_NAME }, rows);
  const sort = (rows: Row[]) =>
    rows.toSorted((a, b) =>
      `${a['codigo_ticker_ativo']}` < `${b['codigo_ticker_ativo']}` ? -1 : 1,
    );
  await write(
    historyTable,
    2023,
    sort([
      session('2023-12-27 VELH3 40 #5'),
      session('2023-12-28 VELH3 20 #6'),
      session('2023-12-27 TUCA4 1234.56 #1', { fator_cotacao: 1000 }),
      session('2023-12-28 TUCA4 1234.56 #1', { fator_cotacao: 1000 }),
      session('2023-12-27 TUCAA24 1 #0', { codigo_mercado: '070' }),
    ]),
  );
  await write(
    historyTable,
    2024,
    sort([
      session('2024-01-02 NOVO3 18 #7'),
      session('2024-01-03 NOVO3 18.90 #7'),
      session('2024-01-02 TUCA4 1300 #2', { fator_cotacao: 1000 }),
      session('2024-01-03 TUCA4 1300 #2', { fator_cotacao: 1000 }),
    ]),
  );
  await write(eventsTable, 2023, [
    event('VELH3', '2023-12-27', {
      tipo_evento: 'DESDOBRAMENTO',
      vlr_fator: 100,
      vlr_multiplicador: 2,
    }),
    event('VELH3', '2023-12-28', { tipo_evento: 'DIVIDENDO', vlr_provento: 2 }),
  ]);
  await storeAdjustments(
    store,
    await computeLakeAdjustments(store, await readMarketHistory(store)),
  );
}
