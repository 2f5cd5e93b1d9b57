/**
 * `pynvest show`: one asset on one screen.
 */
import { findAssetTickers } from '../../analysis/asset-history.ts';
import { readPriceCourse } from '../../analysis/price-course.ts';
import { type AssetProfile, type ProfileItem, readProfile } from '../../analysis/profile.ts';
import { PAST_EVENTS_NOTE } from '../../analysis/ranking-notes.ts';
import { INCOME_YEARS, readAssetUnits, readIncome } from '../../analysis/screen-facts.ts';
import { describeStaleDay, findStaleDay } from '../../analysis/stale-day.ts';
import {
  formatIsoDate,
  getYear,
  getYearsBefore,
  PARTITION_COLUMN,
  type Partition,
} from '../../catalog/partition.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import { findLastTradingDay } from '../../catalog/trading-days.ts';
import { formatErrorWithHint, QueryError, UsageError } from '../../errors.ts';
import { createReadingFinder } from '../../pipeline/event-readings.ts';
import { formatDay } from '../../presentation/notation.ts';
import type { OutputValue, QueryEngine } from '../../query/engine.ts';
import { formatQuantity } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { assertFolder, openLake } from '../open-lake.ts';
import { option } from '../option.ts';
import { formatProfile } from '../output/profile.ts';
import { outputOptions, resolveFormat, write, writeRows } from '../output/rows.ts';
import {
  addWatchedTickers,
  parseDayOption,
  parseNamedTickers,
  tickerArgument,
  tickerOptions,
  watchlistOptions,
} from '../selection.ts';
import { lakeOptions } from '../target.ts';
import { getWidth, supportsUnicode, type Terminal } from '../terminal/terminal.ts';

/** The columns for programs: a row a figure, with the exact values. */
const COLUMNS = [
  ...['codigo_ticker_ativo', PARTITION_COLUMN, 'secao', 'coluna', 'rotulo'],
  ...['valor', 'mediana_setor', 'qtd_empresas'],
];

export const showCommand = defineCommand({
  name: 'show',
  description: 'one asset on one screen, each figure beside the median of its sector',
  args: tickerArgument,
  options: {
    ...tickerOptions,
    ...watchlistOptions,
    asOf: option('--as-of <day>', 'what the lake knew on this day, such as 2026-11-19 or 30d'),
    ...outputOptions,
    ...lakeOptions,
  },
  examples: [
    'pynvest show PETR4',
    'pynvest show HGLG11 --as-of 2026-06-30',
    'pynvest show PETR4 --format json',
  ],
  helpText: `
The newest collected day of the asset, or the newest up to --as-of. A median is of the companies of the sector, or the funds of the segment, on the same day: of those that were traded in the 30 days before, each counted once, the asset's own among them. Prices, and amounts of one unit, have none. The line of prices is of B3's history, adjusted for splits and dividends, or else of the collected quotes.`,

  async handler({ terminal, args, options }) {
    const tickers = await addWatchedTickers(parseNamedTickers(args.ticker, options), options);
    if (tickers.length === 0) {
      throw new UsageError('show needs a ticker', { hint: 'Name one: `pynvest show PETR4`.' });
    }
    const asOf =
      options.asOf === undefined ? undefined : parseDayOption(options.asOf, '--as-of', 'last');
    const isScreen = resolveFormat(terminal, options.format) === 'table';
    const lake = await openLake(terminal, options);
    await assertFolder(lake);
    const findReading = await createReadingFinder(lake.notes);
    const engine = await lake.openEngine();
    try {
      const profiles: AssetProfile[] = [];
      const failures: QueryError[] = [];
      for (const ticker of tickers) {
        try {
          profiles.push(await readWholeProfile(terminal, engine, ticker, { asOf, findReading }));
        } catch (error) {
          if (!(error instanceof QueryError)) throw error;
          failures.push(await explainOldTicker(engine, ticker, error));
        }
      }
      const [failure] = failures;
      if (profiles.length === 0 && failure !== undefined) throw failure;
      if (isScreen) {
        for (const [at, profile] of profiles.entries()) {
          if (at > 0) await write(terminal.stdout, '\n');
          await showProfile(terminal, engine, profile);
        }
      } else {
        await writeRows(terminal, options.format, {
          columns: COLUMNS,
          rows: profiles.flatMap(listFigures),
        });
      }
      for (const error of failures) terminal.warn(formatErrorWithHint(error));
      return failures.length === 0 ? ExitStatus.done : ExitStatus.doneInPart;
    } finally {
      engine.close();
    }
  },
});

async function showProfile(
  terminal: Terminal,
  engine: QueryEngine,
  profile: AssetProfile,
): Promise<void> {
  const course = await readPriceCourse(engine, profile.ticker, profile.day);
  const { locale, showsNames, dataColors: colors } = terminal;
  const width = getWidth(terminal.stdout) ?? 80;
  await write(
    terminal.stdout,
    formatProfile(profile, course, {
      ...{ width, locale, showsNames, isUnicode: supportsUnicode() },
      paint: { title: colors.bold, rise: colors.green, fall: colors.red, median: colors.dim },
    }),
  );
  const { sector, sectorSize, kind } = profile;
  const group = kind === 'acoes' ? 'companies of the sector' : 'funds of the segment';
  terminal.notice(
    sector === null || sectorSize < 2
      ? `There is no median: no two ${group} are traded.`
      : `Medians cover the ${sectorSize} ${group} that are traded.`,
  );
}

interface ProfileRequest {
  readonly asOf: Partition | undefined;
  /** When the events of an asset were read last, YYYY-MM-DD. */
  readonly findReading: (tickers: readonly Ticker[]) => string | undefined;
}

/** The profile, with the income that the ledger of events has of the asset. */
async function readWholeProfile(
  terminal: Terminal,
  engine: QueryEngine,
  ticker: Ticker,
  { asOf, findReading }: ProfileRequest,
): Promise<AssetProfile> {
  const profile = await readProfile(engine, ticker, { asOf });
  const stale = await findStaleDay(engine, profile.kind, profile.day, asOf);
  if (stale !== undefined) {
    terminal.notice(describeStaleDay(ticker, stale, (each) => formatDay(each, terminal.locale)));
  }
  // As `query proventos --total`: the twelve months end with the last session.
  const session = findLastTradingDay(profile.day);
  const options = { isPast: asOf !== undefined };
  const units = await readAssetUnits(engine, session, options);
  const facts = await readIncome(engine, session, units, options);
  const income = facts.get(ticker);
  if (income === undefined) return profile;
  const knownUntil = findReading([ticker]) ?? facts.newest ?? '';
  const yearStart = formatIsoDate(getYearsBefore(session));
  // Without the events of these months, nothing paid is not known to be nothing.
  const areEventsOlder = knownUntil < yearStart;
  const getValue = (name: string): OutputValue | undefined =>
    profile.sections.flatMap(({ items }) => items).find(({ column }) => column === name)?.value;
  const lastTrade = getValue('dt_ult_cot');
  // An asset that has ended pays nothing, and one that is traded under another ticker may.
  const isIdle = income.years[0] === 0 && !(typeof lastTrade === 'string' && lastTrade > yearStart);
  const isUnknown = areEventsOlder || isIdle;
  const price = getValue('vlr_cot');
  const lastYear = isUnknown ? undefined : income.years[0];
  const mean = isUnknown ? undefined : income.mean;
  const create = (column: string, label: string, value: number | undefined): ProfileItem => ({
    ...{ column, label, value: value ?? null, median: null, peers: 0 },
  });
  const added = [
    create('vlr_proventos', 'Proventos 12m', lastYear),
    ...(typeof price === 'number' && price > 0
      ? [create('pct_yield', 'Yield 12m', lastYear === undefined ? undefined : lastYear / price)]
      : []),
    create('vlr_provento_medio', `Média de ${formatQuantity(INCOME_YEARS, 'ano')}`, mean),
  ];
  if (areEventsOlder) {
    terminal.notice(
      `${ticker}: no event after ${formatDay(knownUntil, terminal.locale)} is known, so there is no income of the twelve months after ${formatDay(yearStart, terminal.locale)}: \`pynvest import eventos ${ticker}\` brings it.`,
    );
  } else if (isIdle) {
    terminal.notice(
      `${ticker}: neither a price nor an event of the twelve months to ${formatDay(formatIsoDate(session), terminal.locale)} is known, so there is no income of them.`,
    );
  } else if (income.mean === undefined) {
    terminal.notice(
      `${ticker}: the splits since some of its dividends are not known, so there is no sum for one unit of today. \`pynvest import cotahist --year ${getYear(session) - INCOME_YEARS}-${getYear(session)}\` brings the prices of that time.`,
    );
  }
  if (asOf !== undefined) terminal.notice(PAST_EVENTS_NOTE);
  const isIncome = (title: string): boolean => title === 'Proventos' || title === 'Rendimento';
  return {
    ...profile,
    sections: profile.sections.map((section) =>
      isIncome(section.title) ? { ...section, items: [...section.items, ...added] } : section,
    ),
  };
}

/** Where a ticker is an old one of an asset that has another now, the hint names that. */
async function explainOldTicker(
  engine: QueryEngine,
  ticker: Ticker,
  error: QueryError,
): Promise<QueryError> {
  const known = await findAssetTickers(engine, [ticker]);
  const code = known.find((asset) => asset.ticker === ticker)?.code;
  if (code === undefined || code === ticker) return error;
  return new QueryError(error.message, {
    hint: `It is traded as ${code} now: \`pynvest show ${code}\`.`,
    cause: error,
  });
}

function listFigures({ ticker, day, sections }: AssetProfile) {
  return sections.flatMap(({ title, items }) =>
    items.map(({ column, label, value, median, peers }) => [
      ...[ticker, day, title, column, label],
      ...[value, median, peers],
    ]),
  );
}
