/** A report made by rule, without a lake: of any number of assets and years, and with any names. */
import type { ProfileItem } from '../../src/analysis/profile.ts';
import { screens } from '../../src/analysis/screens.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import type { Report, ReportAsset } from '../../src/report/read-report.ts';
import { summarizeReturns } from '../../src/transform/returns.ts';
import { listWeekdays } from './long-history.ts';

interface Wanted {
  readonly assets: number;
  readonly years: number;
  /** Of the assets, their sectors and their events. */
  readonly name?: string;
}

const COLUMNS = [
  ...['vlr_mercado', 'vlr_ind_p_sobre_l', 'vlr_ind_p_sobre_vp', 'vlr_ind_ev_sobre_ebitda'],
  ...['vlr_ind_ev_sobre_ebit', 'vlr_ind_psr', 'vlr_ind_roe', 'vlr_ind_roic', 'vlr_ind_margem_ebit'],
  ...['vlr_ind_margem_liq', 'pct_cresc_rec_liq_ult_5a', 'vlr_ind_div_yield', 'vlr_patrim_liq'],
  ...['vlr_liquidez_corr', 'vlr_ind_divida_liq_sobre_patrim', 'vlr_receita_liq_ult_12m'],
  ...['vlr_lucro_liq_ult_12m', 'vol_med_neg_2m'],
];

export function createSyntheticReport({
  assets,
  years,
  name = 'Companhia de Exemplo SA',
}: Wanted): Report {
  const days = listWeekdays(`${2026 - years}-11-19`, '2026-11-19');
  const all = Array.from({ length: assets }, (_, at) => createAsset(at, days, name));
  return {
    assets: all,
    rates: days.map((day, at) => ({ day, percent: 0.04 + Math.floor(at / 33) / 10_000 })),
    madeAt: '2026-11-19T22:00:00.000Z',
    rankings: screens.map((screen) => ({
      ...{ screen, day: 20261119 as Partition, ranked: 310 },
      positions: new Map(
        all.map(({ ticker }, at) => [
          ticker,
          { position: 17 * at + 1, figures: { vlr_ind_roe: 0.123 + at } },
        ]),
      ),
      reasons: new Map(),
    })),
  };
}

function createAsset(at: number, days: readonly string[], name: string): ReportAsset {
  const ticker = parseTicker(`${'ABCDEFGHIJ'[at]}XYZ11`);
  const points = days.map((day, index) => ({
    day,
    // The noise of prices, whose differences are what takes room.
    value:
      (90 + 7 * at) *
      (1 + index / 2500) *
      (1 + 0.2 * Math.sin(index / 50 + at)) *
      (1 + 0.01 * Math.sin(index * index)),
  }));
  const [first, last] = [points[0], points.at(-1)];
  const summary = summarizeReturns(points.map(({ day, value }) => ({ day, price: value })));
  if (first === undefined || last === undefined || summary === undefined)
    throw new Error('no days');
  const sum = 8.4;
  return {
    ticker,
    profile: {
      ...{ ticker, kind: 'acoes', name, sector: name, sectorSize: 12, source: 'fundamentus' },
      ...{ day: 20261119 as Partition, readAt: '2026-11-19T18:45:00-03:00' },
      sections: [{ title: 'Indicadores', items: COLUMNS.map(createItem) }],
    },
    prices: {
      ...{ points, last, unprovedUntil: undefined },
      band: { low: first, high: last, from: days.at(-260) ?? first.day },
    },
    returns: {
      ...{ points: points.map(({ day, value }) => ({ day, value: (value / first.value) * 100 })) },
      ...{ summary, isProved: true, cdiReturn: 1.5 },
    },
    currencyChange: undefined,
    income: {
      lastYear: {
        ...{ ticker, start: '2025-11-20', end: last.day, count: 12, sum, price: last.value },
        ...{ priceDay: last.day, yield: sum / last.value, unproved: 0 },
        ...{ mayLackPayments: false, isProved: true },
      },
      years: [...new Set(days.map((day) => day.slice(0, 4)))].map((label) => ({
        label,
        values: [sum],
      })),
      unprovedYears: new Set<string>(),
      events: days
        .filter((day, index) => days[index + 1]?.slice(0, 7) !== day.slice(0, 7))
        .map((day, index) => ({
          ...{ day, ticker, type: name === 'Companhia de Exemplo SA' ? 'RENDIMENTO' : name },
          ...{ amount: 0.7 + (index % 9) / 100, adjustedAmount: 0.7 + (index % 9) / 100 },
          ...{ multiplier: undefined, paidOn: day, sources: 'b3,fundamentus', status: 'vigente' },
        })),
    },
  };
}

function createItem(column: string, at: number): ProfileItem {
  return {
    column,
    label: column.slice(0, 14),
    value: 0.1234567 * (at + 1),
    median: 0.0987654 * (at + 1),
    peers: 12,
  };
}
