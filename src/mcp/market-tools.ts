/** The tools about what the site prints today: which assets there are, their indicators and their quotes. */
import * as z from 'zod';
import { readProfile } from '../analysis/profile.ts';
import { describeStaleDay, findStaleDay } from '../analysis/stale-day.ts';
import { formatIsoDate } from '../catalog/partition.ts';
import { parseNamedTicker } from '../catalog/ticker.ts';
import {
  explainOwnColumns,
  indicatorResultColumns,
  quoteResultColumns,
  quotesTable,
} from '../query/columns.ts';
import { readIndicators, streamIndicators } from '../query/indicators.ts';
import { createKindCondition, createQuotesRequest } from '../query/quotes.ts';
import { queryNewestPartitionsFirst } from '../query/read-rows.ts';
import { getReferencedColumns } from '../query/refinements.ts';
import { isUnbounded } from '../query/select.ts';
import { joinConditions } from '../query/where/condition.ts';
import { removeAccents } from '../text.ts';
import { findNewestDay, pageInput, SITE_SOURCE, takePage } from './answer.ts';
import {
  asOfInput,
  assertCollected,
  daysInput,
  defineTool,
  findMissing,
  getDatasets,
  kindInput,
  noteMissing,
  parseDayArgument,
  parseDays,
  parseRefinements,
  parseTickerList,
  readNewestQuotes,
  refinementInput,
  tickerInput,
  tickersInput,
} from './tool.ts';

/** @param what is counted of each asset */
function createLastInput(what: 'days' | 'sessions') {
  return z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(`Only so many of each asset's newest ${what}`);
}

const ASSET_COLUMNS = [
  ...['codigo_ticker_ativo', 'tipo_ativo', 'nome_ativo', 'nome_setor_segmento'],
  ...['vlr_cot', 'dt_ult_cot'],
];

const findAssets = defineTool({
  name: 'find_assets',
  title: 'Find assets',
  description:
    "Finds ações and fundos imobiliários of B3 by a part of their ticker, name, or sector (setor, segmento), among those of the lake's newest day, with their last price.",
  input: z.strictObject({
    text: z
      .string()
      .optional()
      .describe('A part of the ticker, the name or the sector; accents and case do not matter'),
    kind: kindInput,
    ...pageInput,
  }),
  async answer({ text = '', kind, ...page }, engine, context) {
    await assertCollected(engine, context);
    const newest = await engine.newestPartition(quotesTable);
    const word = removeAccents(text.trim());
    const kinds: readonly string[] = getDatasets(kind).map(({ id }) =>
      id === 'fiis' ? 'Fundo Imobiliário' : 'Ação',
    );
    const all = await readNewestQuotes(engine, ASSET_COLUMNS);
    const found = all.filter(
      ([ticker, type, name, sector]) =>
        kinds.includes(String(type)) &&
        [ticker, name, sector].some((part) => removeAccents(String(part ?? '')).includes(word)),
    );
    return {
      source: SITE_SOURCE,
      day: newest === undefined ? null : formatIsoDate(newest),
      columns: ASSET_COLUMNS,
      ...(await takePage(found, page)),
    };
  },
});

const getProfile = defineTool({
  name: 'get_profile',
  title: 'Profile of an asset',
  description:
    'All indicators of one asset in groups (cotação, múltiplos, rentabilidade, endividamento, resultados; of a fund rendimento, imóveis), each beside the median of its sector on the same day. Fractions: 0.1 is 10%. Amounts in reais. The best first look at an asset.',
  input: z.strictObject({
    ticker: tickerInput,
    as_of: asOfInput,
  }),
  async answer({ ticker, as_of }, engine, context) {
    await assertCollected(engine, context);
    const asOf = parseDayArgument(as_of, 'as_of');
    const profile = await readProfile(engine, parseNamedTicker(ticker), { asOf });
    const { name, sector, sectorSize } = profile;
    const stale = await findStaleDay(engine, profile.kind, profile.day, asOf);
    const about = sector === null ? '' : `, ${sector} (${sectorSize} companies or funds)`;
    return {
      source: SITE_SOURCE,
      day: formatIsoDate(profile.day),
      columns: ['section', 'column', 'label', 'value', 'sector_median', 'sector_peers'],
      rows: profile.sections.flatMap(({ title, items }) =>
        items.map(({ column, label, value, median, peers }) => [
          ...[title, column, label],
          ...[value, median, peers],
        ]),
      ),
      notes: [
        `${profile.ticker}: ${name ?? 'no name'}${about}`,
        ...(stale === undefined ? [] : [describeStaleDay(profile.ticker, stale)]),
      ],
    };
  },
});

const getIndicators = defineTool({
  name: 'get_indicators',
  title: 'Indicators',
  description:
    'Typed fundamental indicators, as fundamentus.com.br prints them: of some assets (by default their newest day), or of all of a kind on the newest day, filtered and sorted. Fractions: 0.1 is 10%. Ações and fundos have columns of their own: ask for one kind, or name the columns.',
  input: z.strictObject({
    tickers: tickersInput.optional(),
    kind: kindInput,
    ...daysInput,
    last: createLastInput('days'),
    ...refinementInput,
    ...pageInput,
  }),
  async answer(args, engine, context) {
    await assertCollected(engine, context);
    const tickers = parseTickerList(args.tickers);
    const days = parseDays(args);
    const { columns, ...refinements } = parseRefinements(args, indicatorResultColumns);
    const { sort, where } = refinements;
    const referred = getReferencedColumns({ where });
    // One more than the page shows whether there are more.
    const limit = tickers.length > 0 ? undefined : args.offset + args.limit + 1;
    const options = { ...refinements, datasets: getDatasets(args.kind), limit };
    const isStreamed = tickers.length === 0 && !isUnbounded(days);
    const { missing, found, ...result } = isStreamed
      ? {
          ...(await streamIndicators(engine, columns, days, options)),
          ...{ missing: [], found: options.datasets },
        }
      : await readIndicators(engine, tickers, columns, days, options);
    const answer = { columns: result.columns, ...(await takePage(result.rows, args)) };
    return {
      ...answer,
      ...{ source: SITE_SOURCE, day: findNewestDay(answer) },
      notes: [
        ...explainOwnColumns([...(columns ?? []), ...getReferencedColumns({ sort })], found),
        ...(answer.rows.length === 0 ? explainOwnColumns(referred, options.datasets) : []),
        ...(await noteMissing(engine, missing)),
      ],
    };
  },
});

const getQuotes = defineTool({
  name: 'get_quotes',
  title: 'Quotes',
  description:
    'Prices and variations (cotação, variação do dia, do mês, de 12 meses, mínimo e máximo de 52 semanas) of the days that the lake collected: by default the newest session of each asset, or of all assets. Fractions: 0.1 is 10%. For years of prices adjusted for dividends use get_history.',
  input: z.strictObject({
    tickers: tickersInput.optional(),
    kind: kindInput,
    ...daysInput,
    last: createLastInput('sessions'),
    ...refinementInput,
    ...pageInput,
  }),
  async answer(args, engine, context) {
    await assertCollected(engine, context);
    const tickers = parseTickerList(args.tickers);
    const { columns, where, sort } = parseRefinements(args, quoteResultColumns);
    const asked = parseDays(args);
    const newest = await engine.newestPartition(quotesTable);
    const isNewest = isUnbounded(asked);
    const days = !isNewest ? asked : tickers.length > 0 ? { last: 1 } : { from: newest };
    const request = createQuotesRequest(tickers, days, {
      ...{
        columns,
        sort,
        where: joinConditions([createKindCondition(getDatasets(args.kind)), where]),
      },
    });
    const result = await queryNewestPartitionsFirst(engine, request);
    const page = await takePage(result.rows, args);
    const answer = { columns: result.columns, ...page };
    const isWhole = args.offset === 0 && page.nextOffset === undefined;
    const missing = isWhole ? findMissing(tickers, answer, [quotesTable.tickerColumn]) : [];
    return {
      ...answer,
      ...{ source: SITE_SOURCE, day: findNewestDay(answer) },
      notes: await noteMissing(engine, missing),
    };
  },
});

export const marketTools = [findAssets, getProfile, getIndicators, getQuotes];
