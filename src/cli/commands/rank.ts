/**
 * `pynvest rank`: assets in the order of a named screen, or of columns.
 */

import { listRankedTickers, readRanking } from '../../analysis/ranking.ts';
import { describeRanking } from '../../analysis/ranking-notes.ts';
import { parseCriterion, type Screen, screens } from '../../analysis/screens.ts';
import { type AssetKind, assets } from '../../catalog/asset.ts';
import { getPartition } from '../../catalog/partition.ts';
import { UsageError } from '../../errors.ts';
import { findOldestReading } from '../../pipeline/event-readings.ts';
import { formatDay } from '../../presentation/notation.ts';
import { explainOwnColumns, getResultColumns, type ResultColumn } from '../../query/columns.ts';
import { getReferencedColumns } from '../../query/refinements.ts';
import { joinConditions } from '../../query/where/condition.ts';
import { parseWhere } from '../../query/where/parser.ts';
import { findClosest } from '../../suggest.ts';
import { removeAccents } from '../../text.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { assertFolder, openLake } from '../open-lake.ts';
import { argument, option, parseWholeNumber } from '../option.ts';
import { type Destination, parseDestination, rowsOptions, writeAnswer } from '../output/file.ts';
import { write } from '../output/rows.ts';
import { kindOption, parseDayOption, parseKinds } from '../selection.ts';
import { lakeOptions } from '../target.ts';
import { getWidth, type Terminal, wrapText } from '../terminal/terminal.ts';

const names = screens.map(({ name }) => name).join(', ');

export const rankCommand = defineCommand({
  name: 'rank',
  description: 'assets in the order of a named screen or of columns, with the figures behind it',
  args: { screen: argument('[screen]', `a named screen: ${names}`) },
  options: {
    by: option(
      '--by <list>',
      'columns instead, such as dy:desc,pl:asc (a comma: of equals the next decides) or dy+pl:asc (a plus: by the sum of the positions)',
      { isList: true },
    ),
    list: option('--list', 'the named screens: formula, source, and what they leave out'),
    ...kindOption,
    setor: option(
      '--setor <text>',
      'only of this sector, subsector or segment, or a part of its name',
    ),
    where: option(
      '--where <condition>',
      'only rows such as "roe > 15%"; of several, all must hold',
      {
        repeatable: true,
      },
    ),
    minLiquidez: option(
      '--min-liquidez <amount>',
      'only with so much volume a day on average of two months (vol_med_neg_2m), such as 500000 or 1mi',
    ),
    top: option('--top <n>', 'show the first n assets (default: 20)'),
    asOf: option('--as-of <day>', 'with what the lake knew on this day, such as 2026-11-19 or 30d'),
    allClasses: option('--all-classes', 'all share classes of a company, not only the most traded'),
    ...rowsOptions,
    ...lakeOptions,
  },
  examples: [
    'pynvest rank magic --min-liquidez 1mi',
    'pynvest rank --by dy:desc --tipo fiis --setor logística --top 10',
    'pynvest rank --by roe+pl:asc --where "dy > 4%"',
    'pynvest rank bazin --as-of 2026-06-30',
  ],
  helpText: `
The rows are of the newest collected day, or of the newest up to --as-of. Positions count from 1 among the assets that are ranked; equals share one and are listed by ticker. An asset without one of the figures, or with a multiple (P/L, EV/EBIT and so on) that is not positive, is not ranked, and neither is one that was not traded in the 30 days before: a notice counts them, and --verbose names them.`,

  async handler({ terminal, args, options }) {
    const destination = parseDestination(terminal, options);
    if (options.list) return writeScreens(terminal, destination, findScreens(args.screen));
    const kinds = options.tipo === undefined ? undefined : parseKinds(options.tipo);
    const criterion = parseCriterion(findCriterionText(args.screen, options.by), kinds);
    const known = listColumns(criterion.kinds);
    const conditions = (options.where ?? []).map((text) =>
      parseWhere(text, known, { today: getPartition(new Date()), warn: terminal.notice }),
    );
    const request = {
      sector: options.setor,
      where: joinConditions(conditions),
      minLiquidity:
        options.minLiquidez === undefined ? undefined : parseAmount(options.minLiquidez),
      top: parseWholeNumber('--top', options.top, { least: 1, most: 1_000_000, otherwise: 20 }),
      asOf:
        options.asOf === undefined ? undefined : parseDayOption(options.asOf, '--as-of', 'last'),
      isEveryPaper: options.allClasses,
    };
    const lake = await openLake(terminal, options);
    await assertFolder(lake);
    const engine = await lake.openEngine();
    try {
      const ranking = await readRanking(engine, criterion, request);
      const { columns, types, rows } = ranking;
      await writeAnswer(terminal, destination, {
        ...{ columns, types, rows },
        essential: [
          'posicao',
          'codigo_ticker_ativo',
          ...Object.keys(criterion.figures).slice(0, 3),
        ],
      });
      const notes = describeRanking(criterion, ranking, {
        allPapersOption: '--all-classes',
        namesAll: terminal.verbose,
        formatDay: (day) => formatDay(day, terminal.locale),
        eventsReadOn: await findOldestReading(lake.notes, listRankedTickers(ranking)),
      });
      const own = explainOwnColumns(
        getReferencedColumns({ where: request.where }),
        criterion.kinds.map((kind) => assets[kind].dataset),
      );
      const { stderr } = terminal;
      const width = (stderr.isTTY ? getWidth(stderr) : undefined) ?? Number.POSITIVE_INFINITY;
      for (const note of [...notes, ...own]) {
        // The terminal prints lines that are indented as they are.
        const isIndented = note.startsWith('  ');
        terminal.notice(isIndented ? wrapText(note, width, '  ').join('\n') : note);
      }
      return ExitStatus.done;
    } finally {
      engine.close();
    }
  },
});

/** The word after the command, or the value of --by. @throws UsageError */
function findCriterionText(screen: string | undefined, by: string | undefined): string {
  if (screen !== undefined && by !== undefined) {
    throw new UsageError(`${screen} and --by ${by} exclude each other`, {
      hint: 'Leave one of them out.',
    });
  }
  const text = screen ?? by;
  if (text !== undefined) return text;
  throw new UsageError('rank by what?', {
    hint: `Name a screen (${names}; \`pynvest rank --list\` explains them), or columns: --by dy:desc.`,
  });
}

function listColumns(kinds: readonly AssetKind[]): ResultColumn[] {
  const all = kinds.flatMap((kind) => getResultColumns(assets[kind].dataset));
  return [...new Map(all.map((column) => [column.name, column])).values()];
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  mil: 1e3,
  k: 1e3,
  mi: 1e6,
  m: 1e6,
  bi: 1e9,
  b: 1e9,
};

/** Reais, such as 500000, 1.000.000, 500 mil, 1,5mi. @throws UsageError */
function parseAmount(text: string): number {
  const [, digits = '', unit = ''] = /^([\d.,]+)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const isGrouped = /^\d{1,3}(?:\.\d{3})+(?:,\d+)?$/.test(digits);
  const plain = (isGrouped ? digits.replaceAll('.', '') : digits).replace(',', '.');
  const scale = UNITS[unit.toLowerCase()];
  // 500,000 is half a million in English, and no one writes thousandths of a real.
  const isEnglish = unit === '' && /,\d{3}$/.test(digits);
  const value = !isEnglish && /^\d+(?:\.\d+)?$/.test(plain) ? Number(plain) : Number.NaN;
  if (scale !== undefined && Number.isFinite(value)) return value * scale;
  throw new UsageError(`--min-liquidez is ${JSON.stringify(text)}: it takes an amount in reais`, {
    hint: 'Such as 500000, 500mil or 1,5mi.',
  });
}

/** The one of that name, or all. @throws UsageError */
function findScreens(name: string | undefined): readonly Screen[] {
  if (name === undefined) return screens;
  const word = removeAccents(name.trim());
  const found = screens.filter((screen) => screen.name === word);
  if (found.length > 0) return found;
  const similar = findClosest(
    word,
    screens.map((screen) => screen.name),
  );
  throw new UsageError(`there is no screen ${JSON.stringify(name)}`, {
    hint: similar === undefined ? `There are ${names}.` : `Did you mean ${similar}?`,
  });
}

/** Named screens: rows for programs, and text for a person. */
async function writeScreens(
  terminal: Terminal,
  destination: Destination,
  chosen: readonly Screen[],
): Promise<ExitStatus> {
  if (destination.format === 'table' && destination.path === undefined) {
    const width = getWidth(terminal.stdout) ?? 80;
    const blocks = chosen.map((screen) => formatScreen(screen, width));
    await write(terminal.stdout, `${blocks.join('\n\n')}\n`);
    return ExitStatus.done;
  }
  await writeAnswer(terminal, destination, {
    columns: ['screen', 'tipo', 'title', 'formula', 'not_ranked', 'source', 'columns'],
    rows: chosen.map(({ name, kinds, title, formula, notRanked, source, figures }) => [
      ...[name, kinds.join(' '), title, formula, notRanked, source],
      Object.keys(figures).join(' '),
    ]),
  });
  return ExitStatus.done;
}

function formatScreen(screen: Screen, width: number): string {
  const { name, title, kinds, formula, notRanked, source } = screen;
  const part = (label: string, text: string): string[] => wrapText(`${text}.`, width, label);
  return [
    ...wrapText(`${title} (${kinds.join(', ')})`, width, `${name}  `),
    ...part('  formula     ', formula),
    ...part('  not ranked  ', notRanked),
    ...part('  source      ', source),
  ].join('\n');
}
