/** The factors and the ledger of a made-up exchange, held against its known truth; the exchange is no part of this project. */

import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { groupBy } from '../../src/collections.ts';
import { type AuditFinding, computeAdjustments } from '../../src/transform/adjust.ts';
import { buildLedger } from '../../src/transform/ledger.ts';
import {
  type Asset,
  joinTickers,
  type SecurityIdentity,
  type TickerSessions,
} from '../../src/transform/lineage.ts';
import { createMarketDays } from '../../src/transform/market-days.ts';
import type { RightEvent } from '../../src/transform/right-events.ts';
import { companyRow, siteRow } from '../support/event-rows.ts';

const reference = process.env['PYNVEST_REFERENCE'];

interface MarketEvent {
  readonly id: string;
  readonly asset: string;
  readonly ticker: string;
  readonly isin: string;
  readonly root: string;
  readonly com: string;
  readonly type: string;
  readonly pay: string;
  readonly value?: number;
  readonly factor?: number;
  readonly multiplier?: number;
}

interface MarketAsset {
  readonly ticker: string;
  readonly renamedTo: string | undefined;
  readonly kind: 'acoes' | 'fiis';
  readonly name: string;
  readonly rows: readonly {
    readonly day: string;
    readonly ticker: string;
    readonly isin: string;
    readonly close: number;
    readonly number: number;
    readonly index: number;
  }[];
}

interface Market {
  readonly assets: readonly MarketAsset[];
  readonly events: readonly MarketEvent[];
  readonly printed: readonly MarketEvent[];
  readonly hidden: readonly MarketEvent[];
  readonly phantoms: readonly MarketEvent[];
}

async function makeMarket(options: Record<string, number>): Promise<Market> {
  const { makeMarket: make } = await import(join(reference ?? '', 'b3', 'market.mjs'));
  return make(options);
}

const toDay = (iso: string): number => Number(iso.replaceAll('-', ''));

function toPaper(row: { readonly isin: string } | undefined, name: string): SecurityIdentity {
  return { isin: row?.isin ?? '', name };
}

function toTickers({ assets }: Market): TickerSessions[] {
  return assets.flatMap(({ kind, name, rows }) =>
    [...groupBy(rows, (row) => row.ticker)].flatMap(([ticker, own]) => {
      const sessions = own.map(({ day, close, number }) => ({
        ...{ ticker, day: toDay(day), close, distributionNumber: number, currency: 'R$' },
      }));
      const [first, last] = [sessions.at(0), sessions.at(-1)];
      if (first === undefined || last === undefined) return [];
      const shareClass =
        { 3: 'ON', 4: 'PN', 11: kind === 'fiis' ? 'CI' : 'UNT' }[ticker.slice(4)] ?? '';
      return [
        {
          ticker,
          first,
          last,
          firstClass: shareClass,
          lastClass: shareClass,
          ...{ firstSecurity: toPaper(own.at(0), name), lastSecurity: toPaper(own.at(-1), name) },
          sessions,
          days: sessions.map(({ day }) => day),
        },
      ];
    }),
  );
}

function toEvents({ printed }: Market): RightEvent[] {
  return printed.map(({ ticker, type, com, value, multiplier }) => ({
    ...{ ticker, type, comDay: toDay(com), cash: value, multiplier, sourceCount: 2, isShown: true },
  }));
}

function adjustAll(
  market: Market,
): { asset: Asset; factors: ReturnType<typeof computeAdjustments> }[] {
  const byTicker = groupBy(toEvents(market), ({ ticker }) => ticker);
  const tickers = toTickers(market);
  const { assets, doubtful } = joinTickers(tickers);
  expect(doubtful).toEqual([]);
  const days = createMarketDays(tickers);
  return assets.map((asset) => {
    const own = asset.parts.flatMap(({ ticker }) => byTicker.get(ticker) ?? []);
    return { asset, factors: computeAdjustments(asset, own, days) };
  });
}

/** As it is with all of its events shown, and no other. */
function tellTruth(market: Market): Market {
  const printed = market.events.toSorted((one, other) => (one.com < other.com ? 1 : -1));
  return { ...market, printed, hidden: [], phantoms: [] };
}

// To make an exchange takes longer than all else: each is made once.
describe.runIf(reference).each([
  [1, 1],
  [2, 0],
  [3, 2],
  [4, 2],
  [5, 3],
])('the made-up exchange of seed %d', (seed, shared) => {
  let market: Market;
  beforeAll(async () => {
    market = await makeMarket({ seed, hidden: 6, phantom: 4 });
  });

  test('its assets, and every return of every session', () => {
    const adjusted = adjustAll(tellTruth(market));
    expect(
      adjusted.map(({ asset }) => asset.parts.map(({ ticker }) => ticker).join()).sort(),
    ).toEqual(
      market.assets
        .map(({ ticker, renamedTo }) =>
          renamedTo === undefined ? ticker : `${ticker},${renamedTo}`,
        )
        .sort(),
    );
    for (const { asset, factors } of adjusted) {
      expect(factors.findings).toEqual([]);
      const rows =
        market.assets.find(({ ticker }) => ticker === asset.parts[0]?.ticker)?.rows ?? [];
      const prices = asset.parts.flatMap(({ sessions }) =>
        [...sessions].map(({ ticker, day, close }) => {
          const own = factors.adjustments.find(
            (each) => each.ticker === ticker && each.startDay <= day && day < each.day,
          );
          return close * (own?.accumulatedFactor ?? 1);
        }),
      );
      expect(prices).toHaveLength(rows.length);
      // One comparison of all sessions: an `expect` for each would take longer than all else.
      const wrong = rows.filter(({ index }, at) => {
        if (at === 0) return false;
        const is = (prices[at] ?? 0) / (prices[at - 1] ?? 0);
        const wanted = index / (rows[at - 1]?.index ?? 0);
        return !(Math.abs(is / wanted - 1) < 1e-9);
      });
      expect(wrong).toEqual([]);
    }
  });

  test(`what is hidden and what never took place; ${shared} hidden events share their day with one that is shown`, () => {
    const findings = adjustAll(market).flatMap(({ factors }) => factors.findings);
    const after = ({ asset, com }: MarketEvent): string => {
      const rows = market.assets.find(({ ticker }) => ticker === asset)?.rows ?? [];
      const row = rows.find(({ day }) => day > com);
      return `${row?.ticker} ${toDay(row?.day ?? '')}`;
    };
    // The number rises by one a day: of an event that shares its day with another it says nothing, whatever the amount.
    const isAlone = ({ asset, com }: MarketEvent): boolean =>
      !market.printed.some((each) => each.asset === asset && each.com === com);
    expect(market.hidden.filter((event) => !isAlone(event))).toHaveLength(shared);
    expect(findings).toHaveLength(10 - shared);
    const named = ({ ticker, day, code }: AuditFinding): string => `${ticker} ${day} ${code}`;
    expect(new Set(findings.map(named))).toEqual(
      new Set([
        ...market.hidden.filter(isAlone).map((event) => `${after(event)} right-without-event`),
        ...market.phantoms.map((event) => `${after(event)} event-without-right`),
      ]),
    );
  });

  test('its events are each one row of the ledger, of both sources', () => {
    const { printed } = tellTruth(market);
    const tickersByIsin = new Map(printed.map(({ isin, ticker }) => [isin, [ticker]]));
    const brazilian = (day: string): string => day.split('-').reverse().join('/');
    const decimal = (value: number | undefined, digits: number): string | null =>
      value?.toFixed(digits).replace('.', ',') ?? null;
    const numbered = (event: MarketEvent, at: number) => ({
      tipo_evento: event.type,
      dt_com: brazilian(event.com),
      num_ocorrencia: at,
    });
    const dividends = printed
      .filter(({ value }) => value !== undefined)
      .map((event, at) =>
        siteRow({
          ...numbered(event, at),
          codigo_ticker_ativo: event.ticker,
          vlr_provento:
            at % 8 === 7 ? decimal((event.value ?? 0) * 1000, 4) : decimal(event.value, 4),
          dt_pagamento: at % 9 === 8 ? '-' : brazilian(event.pay),
          qtd_unidades: at % 8 === 7 ? '1000' : '1',
        }),
      );
    const companyEvents = printed.map((event, at) =>
      companyRow({
        ...numbered(event, at),
        codigo_emissor: event.root,
        codigo_isin: event.isin,
        codigo_isin_emitido: event.isin,
        categoria: event.value === undefined ? 'stockDividends' : 'cashDividends',
        dt_pagamento: event.value === undefined ? null : brazilian(event.pay),
        vlr_provento: decimal(event.value, 11),
        vlr_fator: decimal(event.factor, 11),
      }),
    );
    const ledger = buildLedger({ dividends, companyEvents, tickersByIsin, assets: [] });
    expect(ledger.notices).toEqual([]);
    const expected = printed.map(({ ticker, com, type, pay, value, multiplier }) => [
      ...[ticker, com, type, value === undefined ? null : pay, value ?? null, multiplier ?? null],
      value === undefined ? 'b3' : 'b3,fundamentus',
    ]);
    const found = ledger.rows.map((row) => [
      ...[row['codigo_ticker_ativo'], row['dt_com'], row['tipo_evento'], row['dt_pagamento']],
      ...[row['vlr_provento'], row['vlr_multiplicador'], row['fontes']],
    ]);
    const sorted = (lines: readonly (readonly unknown[])[]): string[] =>
      lines.map((line) => JSON.stringify(line)).sort();
    expect(sorted(found)).toEqual(sorted(expected));
  });
});
