/** The tools that rank assets: by a named screen, whose formula and source they say, or by columns. */
import * as z from 'zod';
import { listRankedTickers, readRanking } from '../analysis/ranking.ts';
import { describeRanking } from '../analysis/ranking-notes.ts';
import { parseCriterion, screens } from '../analysis/screens.ts';
import { assets } from '../catalog/asset.ts';
import { formatIsoDate, getPartition } from '../catalog/partition.ts';
import { explainOwnColumns, getResultColumns } from '../query/columns.ts';
import { getReferencedColumns } from '../query/refinements.ts';
import { parseWhere } from '../query/where/parser.ts';
import { pageInput, SITE_SOURCE, takePage } from './answer.ts';
import {
  asOfInput,
  assertCollected,
  defineTool,
  kindInput,
  parseDayArgument,
  refinementInput,
} from './tool.ts';

const rankAssets = defineTool({
  name: 'rank_assets',
  title: 'Rankings',
  description: `Assets in the order of a named screen (${screens.map(({ name, title }) => `${name}: ${title}`).join('; ')}) or of columns, with the figures that each position rests on. One paper of a company counts, unless asked otherwise; what cannot be computed for an asset is said in the notes. A ranking is no advice: list_screens has formula and source.`,
  input: z.strictObject({
    by: z
      .string()
      .describe(
        'A named screen, or columns: "dy:desc,pl:asc" (of equals the next decides), "roe:desc + pl:asc" (the sum of the positions)',
      ),
    kind: kindInput,
    sector: z.string().optional().describe('A part of the sector, subsector or segment'),
    where: refinementInput.where,
    min_liquidity: z
      .number()
      .min(0)
      .optional()
      .describe('In reais a day, on average of two months (vol_med_neg_2m), such as 1000000'),
    as_of: asOfInput,
    all_classes: z.boolean().default(false).describe('Every paper of a company'),
    ...pageInput,
    limit: pageInput.limit.default(20),
  }),
  async answer({ by, kind, sector, where, as_of, ...args }, engine, context) {
    await assertCollected(engine, context);
    const criterion = parseCriterion(by, kind === undefined ? undefined : [kind]);
    const known = criterion.kinds.flatMap((each) => getResultColumns(assets[each].dataset));
    const today = getPartition(new Date());
    const condition = where === undefined ? undefined : parseWhere(where, known, { today });
    const ranking = await readRanking(engine, criterion, {
      sector,
      where: condition,
      minLiquidity: args.min_liquidity,
      asOf: parseDayArgument(as_of, 'as_of'),
      isEveryPaper: args.all_classes,
    });
    const days = [...ranking.days.values()].sort((a, b) => a - b);
    const newest = days.at(-1);
    return {
      source: SITE_SOURCE,
      day: newest === undefined ? null : formatIsoDate(newest),
      columns: ranking.columns,
      ...(await takePage(ranking.rows, args)),
      notes: [
        ...describeRanking(criterion, ranking, {
          allPapersOption: 'all_classes',
          eventsReadOn: await context.findEventsReading(listRankedTickers(ranking)),
        }),
        ...explainOwnColumns(
          getReferencedColumns({ where: condition }),
          criterion.kinds.map((each) => assets[each].dataset),
        ),
      ],
    };
  },
});

const listScreens = defineTool({
  name: 'list_screens',
  title: 'Named screens',
  description:
    'The named screens of rank_assets: the formula of each, which assets it leaves out, and its source.',
  input: z.strictObject({}),
  answer() {
    return Promise.resolve({
      source: 'the catalog of pynvest',
      day: null,
      columns: ['screen', 'kinds', 'title', 'formula', 'not_ranked', 'source'],
      rows: screens.map(({ name, kinds, title, formula, notRanked, source }) => [
        ...[name, kinds.join(' '), title],
        ...[formula, notRanked, source],
      ]),
    });
  },
});

export const rankingTools = [rankAssets, listScreens];
