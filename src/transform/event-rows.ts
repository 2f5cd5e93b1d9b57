/**
 * The raw rows of corporate events: what a source prints as rows, and what of the stored rows a new answer replaces.
 * Pure.
 */
import type { AssetKind } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import type { Table } from '../catalog/dataset.ts';
import {
  type PrintedDividend,
  type PrintedEvent,
  UNDATED_YEAR,
} from '../catalog/datasets/corporate-events.ts';
import { formatInSaoPaulo, type Partition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { getRowKey } from './deduplicate.ts';
import { ABSENT, SHOWN } from './source-events.ts';
import { parseValue } from './values.ts';

/** The rows of one page of the site. */
export function toDividendRows(
  ticker: Ticker,
  kind: AssetKind,
  printed: readonly PrintedDividend[],
  readAt: Date,
): Row[] {
  const state = createState(readAt);
  return numberEqualRows(
    printed.map((each) => ({
      codigo_ticker_ativo: ticker,
      tipo_pagina: kind,
      dt_com: each.comDay,
      tipo_evento: each.type,
      vlr_provento: each.amount,
      dt_pagamento: each.paymentDay,
      qtd_unidades: each.unitCount,
      outros_campos: formatOthers(each.others),
      ...state,
    })),
  );
}

/** The rows of one answer of B3's company service. */
export function toCompanyEventRows(
  issuer: string,
  printed: readonly PrintedEvent[],
  readAt: Date,
): Row[] {
  const state = createState(readAt);
  return numberEqualRows(
    printed.map((each) => ({
      codigo_emissor: issuer,
      codigo_isin: each.isin,
      categoria: each.category,
      tipo_evento: each.type,
      dt_com: each.comDay,
      dt_aprovacao: each.approvalDay,
      dt_pagamento: each.paymentDay,
      vlr_provento: each.amount,
      vlr_fator: each.factor,
      codigo_isin_emitido: each.issuedIsin,
      outros_campos: formatOthers(each.others),
      ...state,
    })),
  );
}

/** Of all rows of an answer: to format a time in a zone takes longer than the rest of a row. */
function createState(readAt: Date): Row {
  return { situacao: SHOWN, datetime_exec: formatInSaoPaulo(readAt) };
}

function formatOthers(others: Readonly<Record<string, string>>): string | null {
  const fields = Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.length === 0 ? null : JSON.stringify(Object.fromEntries(fields));
}

/** Two equal rows of one answer are two events: their number tells them apart. */
function numberEqualRows(rows: readonly Row[]): Row[] {
  const counts = new Map<string, number>();
  return rows.map((row) => {
    const text = JSON.stringify(row);
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    return { ...row, num_ocorrencia: count };
  });
}

/** The partition of a row: the year of its last day with the right, or else of another date that it has. */
export function findEventPartition(row: Row): Partition {
  for (const column of ['dt_com', 'dt_aprovacao', 'dt_pagamento']) {
    const parsed = parseValue(String(row[column] ?? ''), 'date');
    const year = parsed.ok && parsed.value !== null ? Number(String(parsed.value).slice(0, 4)) : 0;
    // The year 9999 is how B3 writes that there is no such day.
    if (year >= 1000 && year < 9999) return year as Partition;
  }
  return UNDATED_YEAR;
}

/**
 * The rows of a partition after answers about some tickers or issuers. What an answer has is shown; what it no longer
 * has stays, and is marked. A row that was stored before keeps the time of its first reading, so that the same answer
 * changes nothing.
 *
 * @param answered the tickers or issuers that the answers are about
 * @param fresh the rows of those answers in this partition
 */
export function mergeEventRows(
  stored: readonly Row[],
  fresh: readonly Row[],
  answered: ReadonlySet<string>,
  table: Table,
): Row[] {
  const merged = new Map<string, Row>();
  for (const row of stored) {
    const isAnswered = answered.has(String(row[table.tickerColumn]));
    merged.set(getRowKey(row, table), isAnswered ? { ...row, situacao: ABSENT } : row);
  }
  for (const row of fresh) {
    const key = getRowKey(row, table);
    const before = merged.get(key);
    const readAt = before?.['datetime_exec'] ?? row['datetime_exec'] ?? null;
    merged.set(key, { ...row, datetime_exec: readAt });
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
