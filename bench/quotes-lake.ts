/** Ten years of quotes: a file a day, made once and kept. */
import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cell, Row } from '../src/catalog/column.ts';
import { getTable } from '../src/catalog/dataset.ts';
import { quotes } from '../src/catalog/datasets/cotacoes.ts';
import { formatIsoDate, type Partition, parsePartition } from '../src/catalog/partition.ts';
import { reviewCopies } from '../src/lake/local/copies-review.ts';
import { getPartitionFolder } from '../src/lake/local/layout.ts';
import { encodeRows } from '../src/lake/parquet/encode.ts';
import { copyPeriod } from '../src/query/duckdb/copy-period.ts';
import type { Context } from './context.ts';
import { tickerOf } from './market.ts';
import { randomFrom } from './random.ts';

const quotesTable = getTable(quotes, 'spec');

export const DAYS = 2500;
export const ASSETS = 1000;
const STOCKS = 700;
const FIRST_DAY = Date.UTC(2016, 0, 4);
const DAY_MS = 86_400_000;

/** One of the assets, in the midst of the others. */
export const SOME_TICKER = tickerOf('acoes', 350);

export interface QuotesLakes {
  /** As `pynvest run` leaves it: with copies of its past quarters. */
  readonly withCopies: string;
  /** The same daily files alone. */
  readonly dailyOnly: string;
}

export async function quotesLakes(context: Context): Promise<QuotesLakes> {
  const withCopies = await dailyQuotes(context);
  for (const quarter of reviewCopies(withCopies, quotesTable).toCopy) {
    await copyPeriod(withCopies, quotesTable, quarter);
  }
  const dailyOnly = `${withCopies}-daily`;
  await rm(dailyOnly, { recursive: true, force: true });
  await mkdir(dailyOnly);
  await symlink(join(withCopies, quotesTable.layer), join(dailyOnly, quotesTable.layer));
  return { withCopies, dailyOnly };
}

/** The lake's folder. Another number in its name for other contents: what is there is used again. */
async function dailyQuotes(context: Context): Promise<string> {
  const root = join(context.cache, `quotes-${DAYS}x${ASSETS}-2`);
  const complete = join(root, 'complete');
  if (existsSync(complete)) return root;
  console.error(`… writing ${DAYS} days of ${ASSETS} quotes into ${root}`);
  await rm(root, { recursive: true, force: true });
  const days = Array.from({ length: 2 * DAYS }, (_, index) => dayAt(index))
    .filter(isWeekday)
    .slice(0, DAYS);
  for (const [index, day] of days.entries()) {
    const folder = getPartitionFolder(root, quotesTable, day);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'dedup.parquet'), encodeRows(quotesTable, quotesOf(day, index)));
  }
  await writeFile(complete, '');
  return root;
}

function isWeekday(day: Partition): boolean {
  return ![0, 6].includes(new Date(`${formatIsoDate(day)}T00:00:00Z`).getUTCDay());
}

function quotesOf(day: Partition, seed: number): Row[] {
  const random = randomFrom(seed);
  return Array.from({ length: ASSETS }, (_, index) => {
    const isStock = index < STOCKS;
    const price = cents(5 + random() * 95);
    const text: Record<string, Cell> = {
      codigo_ticker_ativo: tickerOf(isStock ? 'acoes' : 'fiis', index),
      tipo_ativo: isStock ? 'Ação' : 'Fundo Imobiliário',
      nome_ativo: `ATIVO FICTÍCIO ${index} SA`,
      nome_setor_segmento: `Setor ${index % 40}`,
      vlr_cot: price,
      dt_ult_cot: formatIsoDate(day),
      vlr_min_52_sem: cents(price * 0.8),
      vlr_max_52_sem: cents(price * 1.2),
      origem: 'fundamentus',
    };
    const row: Record<string, Cell> = {};
    for (const { name } of quotesTable.columns) {
      row[name] = text[name] ?? Math.round((random() - 0.5) * 10_000) / 10_000;
    }
    return row;
  });
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

function dayAt(index: number): Partition {
  return parsePartition(new Date(FIRST_DAY + index * DAY_MS).toISOString().slice(0, 10));
}
