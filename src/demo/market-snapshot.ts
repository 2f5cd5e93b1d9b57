/**
 * The demo's market on a day: the assets of the list and some more of their sectors, each with the prices, the
 * variations and the dividends of its made-up history. The market of a year before has smaller balances. Pure.
 */
import { getYear, type Partition } from '../catalog/partition.ts';
import { findLastTradingDay } from '../catalog/trading-days.ts';
import {
  createDemoCalendar,
  createDemoListing,
  createRandom,
  type DemoListing,
} from './exchange.ts';
import { type DemoAsset, demoMarket, type PrintedValues } from './market.ts';
import peers from './peers.json' with { type: 'json' };
import { formatPrinted, formatPrintedShare, parsePrinted, scalePrinted } from './site-numbers.ts';

/** How the figures of one asset differ from those of another, or of an earlier day: what each is multiplied by. */
interface Scale {
  readonly price: number;
  /** The number of shares, or of a fund's units. */
  readonly shares: number;
  readonly revenue: number;
  /** Of a fund: what it earns and pays. */
  readonly profit: number;
  readonly balance: number;
  readonly debt: number;
  readonly grossMargin: number;
  readonly liquidity: number;
}

const UNCHANGED: Scale = {
  ...{ price: 1, shares: 1, revenue: 1, profit: 1, balance: 1, debt: 1 },
  ...{ grossMargin: 1, liquidity: 1 },
};

interface PeerOptions {
  readonly ticker: string;
  readonly name: string;
  readonly type?: string;
  /** In place of the model's sum, what the company is worth and does beside it. */
  readonly size: number;
  readonly price: string;
  /** Of the model's ratios: what is earned of the same revenue, and what the market pays for it. */
  readonly margin: number;
  readonly multiple: number;
  readonly years: readonly string[];
}

/** Assets that are like one of the list: a sector of one company has no median. */
const PEERS: Readonly<Record<string, readonly PeerOptions[]>> = peers;

/** The market with its peers, as of no day yet. */
function createWholeMarket(): readonly DemoAsset[] {
  return demoMarket.flatMap((model) => [
    model,
    ...(PEERS[model.ticker] ?? []).map((options) => createPeer(model, options)),
  ]);
}

function createPeer(
  model: DemoAsset,
  { ticker, name, type, size, price, margin, multiple, years }: PeerOptions,
): DemoAsset {
  const share = (parsePrinted(price) ?? 1) / (parsePrinted(model.values['Cotação']) ?? 1);
  const scaled = scaleAsset(model, {
    ...UNCHANGED,
    price: share,
    // Another paper of one company has its number of shares.
    shares: model.ticker.slice(0, 4) === ticker.slice(0, 4) ? 1 : (size * multiple) / share,
    revenue: size,
    profit: size * margin,
    balance: size,
    debt: size * (2 - margin > 0 ? 2 - margin : 1),
    grossMargin: 0.9 + margin / 10,
    liquidity: 0.7 + 0.3 * multiple,
  });
  const { extra: _extra, note: _note, ...asset } = scaled;
  const label = model.kind === 'acoes' ? 'Empresa' : 'Nome';
  return {
    ...asset,
    ticker,
    years,
    values: {
      ...asset.values,
      [label]: name,
      ...(type && { Tipo: type }),
      Cotação: price,
      'Vol $ méd (2m)': scalePrinted(model.values['Vol $ méd (2m)'] ?? '', size * 0.8),
    },
  };
}

/** What multiplies a label's number; a label that is not here keeps its text. */
type ScaleOf = (scale: Scale) => number;

const market: ScaleOf = ({ price, shares }) => price * shares;
const debt: ScaleOf = (scale) => scale.debt;
const balance: ScaleOf = (scale) => scale.balance;
const profit: ScaleOf = (scale) => scale.profit;
const revenue: ScaleOf = (scale) => scale.revenue;
const over =
  (top: ScaleOf, bottom: ScaleOf): ScaleOf =>
  (scale) =>
    top(scale) / bottom(scale);
const each = (top: ScaleOf): ScaleOf => over(top, ({ shares }) => shares);

const SCALES: Readonly<Record<string, ScaleOf>> = {
  Cotação: ({ price }) => price,
  'Valor de mercado': market,
  'Nro. Ações': ({ shares }) => shares,
  'Nro. Cotas': ({ shares }) => shares,
  'P/L': over(market, profit),
  'P/VP': over(market, balance),
  'P/EBIT': over(market, profit),
  PSR: over(market, revenue),
  'P/Ativos': over(market, balance),
  'P/Cap. Giro': over(market, balance),
  'P/Ativ Circ Liq': over(market, balance),
  LPA: each(profit),
  VPA: each(balance),
  'Marg. Bruta': ({ grossMargin }) => grossMargin,
  'Marg. EBIT': over(profit, revenue),
  'Marg. Líquida': over(profit, revenue),
  'EBIT / Ativo': over(profit, balance),
  ROIC: over(profit, balance),
  ROE: over(profit, balance),
  'Liquidez Corr': ({ liquidity }) => liquidity,
  'Dív Líq / Patrim': over(debt, balance),
  'Giro Ativos': over(revenue, balance),
  Ativo: balance,
  Ativos: balance,
  Disponibilidades: balance,
  'Ativo Circulante': balance,
  'Dív. Bruta': debt,
  'Patrim. Líq': balance,
  'Patrim Líquido': balance,
  Depósitos: balance,
  'Cart. de Crédito': balance,
  'Receita Líquida': revenue,
  EBIT: profit,
  'Lucro Líquido': profit,
  'Result Int Financ': revenue,
  'Rec Serviços': revenue,
  Receita: profit,
  'Venda de ativos': balance,
  FFO: profit,
  'Rend. Distribuído': profit,
  'FFO Yield': over(profit, market),
  'FFO/Cota': each(profit),
  'VP/Cota': each(balance),
  'Vacância Média': ({ liquidity }) => 1 / liquidity,
};

function scaleAsset(asset: DemoAsset, scale: Scale): DemoAsset {
  const apply = (values: PrintedValues): PrintedValues =>
    Object.fromEntries(
      Object.entries(values).map(([label, text]) => {
        const factor = SCALES[label]?.(scale);
        return [label, factor === undefined ? text : scalePrinted(text, factor)];
      }),
    );
  const scaledBalance = scaleNetDebt(apply(asset.balance));
  return {
    ...asset,
    values: scaleEnterpriseValue(asset, apply(asset.values), scaledBalance, scale),
    balance: scaledBalance,
    last12Months: apply(asset.last12Months),
    last3Months: apply(asset.last3Months),
  };
}

/** Net debt is what is left of the debt after the cash. */
function scaleNetDebt(balance: PrintedValues): PrintedValues {
  const [gross, cash] = [balance['Dív. Bruta'], balance['Disponibilidades']].map(parsePrinted);
  if (gross === undefined || cash === undefined) return balance;
  return { ...balance, 'Dív. Líquida': formatPrinted(Number((gross - cash).toPrecision(6)), 0) };
}

/** The value of the firm is that of the market and the net debt. */
function scaleEnterpriseValue(
  asset: DemoAsset,
  values: PrintedValues,
  balance: PrintedValues,
  { profit: earned }: Scale,
): PrintedValues {
  const before = parsePrinted(asset.values['Valor da firma']);
  const [worth, owed] = [values['Valor de mercado'], balance['Dív. Líquida']].map(parsePrinted);
  if (before === undefined || worth === undefined || owed === undefined) return values;
  const after = worth + owed;
  const factor = after / before / earned;
  return {
    ...values,
    'Valor da firma': formatPrinted(Number(after.toPrecision(6)), 0),
    'EV / EBITDA': scalePrinted(values['EV / EBITDA'] ?? '', factor),
    'EV / EBIT': scalePrinted(values['EV / EBIT'] ?? '', factor),
  };
}

/** The market, and the exchange that its prices are made on. */
export interface DemoMarket {
  /** The day of the collection. */
  readonly today: Partition;
  readonly listings: readonly DemoListing[];
  /** What the pages print after that session. */
  readonly assets: readonly DemoAsset[];
  /** A session about a year before, and what the pages printed after it. */
  readonly earlierDay: Partition;
  readonly earlierAssets: readonly DemoAsset[];
}

/** The market as it is at the end of a day. */
export function createDemoMarket(today: Partition): DemoMarket {
  const day = findLastTradingDay(today);
  const calendar = createDemoCalendar(day);
  const listings = createWholeMarket().map((asset) => createDemoListing(asset, calendar));
  const earlierDay = findLastTradingDay((day - 10_000) as Partition);
  const quarter = findLastQuarter(day);
  return {
    today,
    listings,
    assets: listings.map((listing) => printAsset(listing, day, quarter)),
    earlierDay,
    earlierAssets: listings.flatMap((listing) => printEarlierAsset(listing, earlierDay, quarter)),
  };
}

/** What an asset's page printed a year before: a company has grown since, and so have its figures. */
function printEarlierAsset(listing: DemoListing, day: Partition, quarter: Partition): DemoAsset[] {
  const at = listing.sessions.findLastIndex((session) => session.day <= day);
  const [session, newest] = [listing.sessions[at], listing.sessions.at(-1)];
  if (session === undefined || newest === undefined) return [];
  const random = createRandom(`${listing.asset.ticker} a year before`);
  const vary = (least: number, most: number): number => least + random() * (most - least);
  const earlier = scaleAsset(listing.asset, {
    price: session.close / newest.close,
    shares: 1 / (listing.units[at] ?? 1),
    revenue: vary(0.84, 1.02),
    profit: vary(0.75, 1.1),
    balance: vary(0.88, 1.01),
    debt: vary(0.85, 1.15),
    grossMargin: vary(0.94, 1.03),
    liquidity: vary(0.9, 1.08),
  });
  return [printAsset({ ...listing, asset: earlier }, day, (quarter - 10_000) as Partition)];
}

const DAY_MS = 86_400_000;

function toDay(date: Date): Partition {
  return Number(date.toISOString().slice(0, 10).replaceAll('-', '')) as Partition;
}

function toDate(day: Partition): Date {
  return new Date(Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100));
}

/** Companies publish a quarter some six weeks after its end. */
const DAYS_TO_PUBLICATION = 45;

function findLastQuarter(day: Partition): Partition {
  const published = new Date(toDate(day).getTime() - DAYS_TO_PUBLICATION * DAY_MS);
  const month = Math.floor(published.getUTCMonth() / 3) * 3;
  return toDay(new Date(Date.UTC(published.getUTCFullYear(), month, 0)));
}

function formatPrintedDay(day: Partition): string {
  const text = String(day);
  return `${text.slice(6)}/${text.slice(4, 6)}/${text.slice(0, 4)}`;
}

/** The labels of days, by which of them is printed: only where the asset has one. */
const PRINTED_DAY = /^\d{2}\/\d{2}\/\d{4}$/;

/** What the page prints after a session: what follows from the history in place of the asset's own texts. */
function printAsset(listing: DemoListing, day: Partition, quarter: Partition): DemoAsset {
  const { asset, sessions, adjustments } = listing;
  const last = sessions.findLastIndex((session) => session.day <= day);
  const newest = sessions[last];
  if (newest === undefined) return asset;
  const adjusted = (at: number): number | undefined => {
    const session = sessions[at];
    return session && (session.close * (adjustments[at] ?? 1)) / (adjustments[last] ?? 1);
  };
  const positionOf = (limit: number): number =>
    sessions.findLastIndex((session) => session.day <= limit);
  const change = (from: number, to = last): string | undefined => {
    const [before, after] = [adjusted(from), adjusted(to)];
    return before === undefined || after === undefined
      ? undefined
      : formatPrintedShare(after / before - 1, 2);
  };
  const year = getYear(day);
  const shifted = Math.max(0, getYear(sessions.at(-1)?.day ?? day) - year);
  const years = asset.years.map((_, back) => {
    const end = back === 0 ? last : positionOf((year - back) * 10_000 + 1231);
    const printed = change(positionOf((year - back - 1) * 10_000 + 1231), end);
    return printed ?? asset.years[back + shifted] ?? '-';
  });
  const yearAgo = day - 10_000;
  const first = positionOf(yearAgo) + 1;
  const range = sessions.slice(first, last + 1).map((session, index) => ({
    session,
    factor: (adjustments[first + index] ?? 1) / (adjustments[last] ?? 1),
  }));
  const income = sumIncome(listing, last, yearAgo);
  const isPaid = parsePrinted(asset.values['Div. Yield']) !== undefined;
  const days: Readonly<Record<string, Partition>> = {
    'Data últ cot': newest.day,
    'Últ balanço processado': quarter,
    'Últ Info Trimestral': quarter,
    Relatório: findLastTradingDay(toDay(new Date(toDate(day).getTime() - 30 * DAY_MS))),
  };
  const printed: Readonly<Record<string, string | undefined>> = {
    Cotação: formatPrinted(newest.close, 2),
    'Min 52 sem': formatPrinted(
      Math.min(...range.map((each) => each.session.low * each.factor)),
      2,
    ),
    'Max 52 sem': formatPrinted(
      Math.max(...range.map((each) => each.session.high * each.factor)),
      2,
    ),
    Dia: change(last - 1),
    Mês: change(positionOf(Math.floor(day / 100) * 100)),
    '30 dias': change(positionOf(toDay(new Date(toDate(day).getTime() - 30 * DAY_MS)))),
    '12 meses': change(positionOf(yearAgo)),
    'Div. Yield': isPaid
      ? formatPrintedShare(income / newest.close, asset.kind === 'fiis' ? 2 : 1)
      : undefined,
    'Dividendo/cota': isPaid ? formatPrinted(income, 2) : undefined,
  };
  const values = Object.entries(asset.values).map(([label, text]) => {
    const ownDay = days[label];
    if (ownDay !== undefined)
      return [label, PRINTED_DAY.test(text) ? formatPrintedDay(ownDay) : text];
    return [label, printed[label] ?? text];
  });
  return { ...asset, years, values: Object.fromEntries(values) };
}

/** What was paid for one unit of the session, by the last days with a right since another day. */
function sumIncome({ sessions, events, units }: DemoListing, last: number, since: number): number {
  const newest = sessions[last]?.day ?? 0;
  return events.reduce((sum, { comDay, amount = 0 }) => {
    if (comDay <= since || comDay > newest) return sum;
    const at = sessions.findIndex(({ day }) => day === comDay);
    return sum + (amount / (units[at] ?? 1)) * (units[last] ?? 1);
  }, 0);
}
