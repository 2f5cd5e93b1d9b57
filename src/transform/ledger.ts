/**
 * The ledger of corporate events: the raw rows of the site and of B3 become one row an event. Pure; a function of the
 * set of rows alone, so that the order of imports does not matter. `source-events.ts` reads the rows,
 * `reconcile-events.ts` finds the events behind them.
 */
import type { Row } from '../catalog/column.ts';
import { groupBy } from '../collections.ts';
import { toNumber } from './decimal.ts';
import { deduplicate } from './deduplicate.ts';
import type { Asset } from './lineage.ts';
import {
  compareSourceEvents,
  compareTexts,
  joinSourceEvents,
  type LedgerEvent,
} from './reconcile-events.ts';
import {
  ABSENT,
  companyTable,
  dividendsTable,
  getDay,
  getGroup,
  readCompanyRow,
  readSiteRow,
  SHOWN,
  type SourceEvent,
} from './source-events.ts';

interface LedgerInput {
  /** The rows of `tbsor_fundamentus_proventos`. */
  readonly dividends: readonly Row[];
  /** The rows of `tbsor_b3_eventos`. */
  readonly companyEvents: readonly Row[];
  /** The tickers under which each ISIN was traded, in that order. */
  readonly tickersByIsin: ReadonlyMap<string, readonly string[]>;
  /** The assets with the tickers of each; a ticker that is in none is an asset of its own. */
  readonly assets: readonly Asset[];
}

/** Text that could not be read, so that a value is null or a row is left out. */
export interface LedgerNotice {
  /** A ticker, or the code of an issuer and an ISIN. */
  readonly subject: string;
  readonly reason: string;
  readonly text: string;
}

export interface Ledger {
  /** The rows of `tbsot_eventos_corporativos`, in the order of their keys. */
  readonly rows: readonly Row[];
  readonly notices: readonly LedgerNotice[];
}
export function buildLedger(input: LedgerInput): Ledger {
  const notices: LedgerNotice[] = [];
  const notice = (subject: string, reason: string, text: string): void => {
    notices.push({ subject, reason, text });
  };
  const siteSourceEvents = deduplicate(input.dividends, dividendsTable).flatMap(
    (row) => readSiteRow(row, notice) ?? [],
  );
  const siteGroups = groupBy(siteSourceEvents, getGroup);
  const siteDays = new Set(siteSourceEvents.map(getDay));
  const companySourceEvents = deduplicate(input.companyEvents, companyTable).flatMap(
    (row) => readCompanyRow(row, { ...input, siteGroups, siteDays }, notice) ?? [],
  );
  const place = createPlacing(input.assets);
  const days = groupBy([...siteSourceEvents, ...companySourceEvents].map(place), getDay);
  const events = [...days.values()].flatMap(joinSourceEvents);
  const rows = [...groupBy(events, ({ best }) => getGroup(best)).values()].flatMap(toRows);
  return { rows: rows.sort(compareRows), notices };
}

/** Moves a source event to the ticker under which its asset was traded on the day. */
function createPlacing(assets: readonly Asset[]): (sourceEvent: SourceEvent) => SourceEvent {
  const byTicker = new Map(
    assets.flatMap(({ parts }) => parts.map(({ ticker }) => [ticker, parts] as const)),
  );
  return (sourceEvent) => {
    const parts = byTicker.get(sourceEvent.ticker) ?? [];
    const day = Number(sourceEvent.comDay.replaceAll('-', ''));
    const traded = parts.findLast(({ first }) => first.day <= day) ?? parts[0];
    const pageOrder = parts.findIndex(({ ticker }) => ticker === sourceEvent.ticker);
    return { ...sourceEvent, ticker: traded?.ticker ?? sourceEvent.ticker, pageOrder };
  };
}

/** The rows of the events of one ticker, day and kind, numbered. */
function toRows(events: readonly LedgerEvent[]): Row[] {
  return events
    .toSorted((a, b) => compareSourceEvents(a.best, b.best))
    .map((event, at) => toRow(event, at + 1));
}

function toRow({ sourceEvents, best, others, isContradicted }: LedgerEvent, order: number): Row {
  const shown = sourceEvents.filter(({ isShown }) => isShown);
  // The other pieces of an equal total confirm these.
  const confirming = isContradicted ? [] : others;
  const sources = (shown.length > 0 ? shown : sourceEvents)
    .concat(confirming)
    .map(({ source }) => source);
  return {
    codigo_ticker_ativo: best.ticker,
    codigo_evento: `${best.comDay.replaceAll('-', '')} ${best.type} ${order}`,
    codigo_isin: best.isin,
    tipo_evento: best.type,
    dt_com: best.comDay,
    dt_pagamento: best.paymentDay,
    vlr_provento: best.amount === undefined ? null : toNumber(best.amount),
    vlr_fator: best.factor === undefined ? null : toNumber(best.factor),
    vlr_multiplicador: best.multiplier === undefined ? null : toNumber(best.multiplier),
    fontes: [...new Set(sources)].sort().join(','),
    situacao: shown.length > 0 ? SHOWN : ABSENT,
    divergencia: others.length === 0 ? null : describeSourceEvents(others),
    valor_divergente: isContradicted,
  };
}

/** Such as `fundamentus: DIVIDENDO 0.5 + JRS CAP PROPRIO 0.4`. */
function describeSourceEvents(sourceEvents: readonly SourceEvent[]): string {
  return [...groupBy(sourceEvents.toSorted(compareSourceEvents), ({ source }) => source)]
    .map(([source, own]) => {
      const values = own.map(({ type, amount, factor }) => {
        const value = amount ?? factor;
        return `${type} ${value ? toNumber(value) : '?'}`;
      });
      return `${source}: ${values.join(' + ')}`;
    })
    .join('; ');
}

function compareRows(a: Row, b: Row): number {
  return (
    compareTexts(String(a['codigo_ticker_ativo']), String(b['codigo_ticker_ativo'])) ||
    compareTexts(String(a['codigo_evento']), String(b['codigo_evento']))
  );
}
