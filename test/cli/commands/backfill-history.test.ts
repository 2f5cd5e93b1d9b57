/** Days without raw text, whose quotes follow from the history of a small exchange. */
import { cpSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import { getTable } from '../../../src/catalog/dataset.ts';
import { history } from '../../../src/catalog/datasets/b3.ts';
import { quotes } from '../../../src/catalog/datasets/cotacoes.ts';
import type { Partition } from '../../../src/catalog/partition.ts';
import { createLocalLake, writeNote } from '../../../src/lake/local/lake.ts';
import { getFilePath } from '../../../src/lake/local/layout.ts';
import { followFile } from '../../../src/pipeline/next-layer.ts';
import { getStepsInto } from '../../../src/pipeline/steps.ts';
import { csvLines, jsonRows } from '../../support/answers.ts';
import { collectDay } from '../../support/days.ts';
import { writeExchange } from '../../support/exchange.ts';
import { contentsBelow, filesBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { rowsOf } from '../../support/lake-rows.ts';
import {
  day,
  olderEdition,
  quote,
  typed,
  writeQuotes,
  writeRowsTo,
} from '../../support/made-up-lake.ts';
import { deadUrl } from '../../support/raw-server.ts';
import { smallMarket } from '../../support/small-market.ts';
import { sotTables, specTable } from '../../support/tables.ts';

let exchange: string;
beforeAll(async () => {
  exchange = await newFolder();
  await writeExchange(createLocalLake(exchange));
});

async function copyOfExchange(): Promise<string> {
  const root = await newFolder();
  cpSync(exchange, root, { recursive: true });
  return root;
}

const backfill = (root: string, ...args: string[]) =>
  pynvest(['backfill', '--lake', root, ...args]);

const WHOLE = ['--from', '2023-12-01', '--to', '2024-01-31'];

/** The quotes of a day as `ticker price change origin`. */
async function quotesOf(root: string, date: string): Promise<string[]> {
  const rows = await rowsOf(createLocalLake(root), specTable, day(date));
  return rows.map((row) =>
    [row['codigo_ticker_ativo'], row['vlr_cot'], round(row['pct_var_dia']), row['origem']].join(
      ' ',
    ),
  );
}

const round = (cell: Row[string] | undefined): Row[string] =>
  typeof cell === 'number' ? Number(cell.toFixed(12)) : (cell ?? null);

/** The lake but for what says when a command ran. */
async function lastingFiles(root: string): Promise<Record<string, string>> {
  const contents = await contentsBelow(root);
  return Object.fromEntries(
    Object.entries(contents).filter(([path]) => /^(sor|sot|spec)/.test(path)),
  ) as Record<string, string>;
}

describe('pynvest backfill of days without raw text', () => {
  test('writes the quotes of each session of the history, through a split, a dividend and a new ticker', async () => {
    const root = await copyOfExchange();
    const { status, stdout, stderr } = await backfill(root, ...WHOLE);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain(
      "Quotes of 4 sessions follow from B3's history: 2023-12-27 to 2024-01-03, 8 rows\n",
    );
    expect(csvLines(stdout).slice(1)).toEqual(
      ['20231227', '20231228', '20240102', '20240103'].map((date) => [date, specTable.name, '2']),
    );
    expect(await quotesOf(root, '2023-12-27')).toEqual(
      ['TUCA4 1.23456 null b3', 'VELH3 40 null b3'].map((text) => text.replace('null', '')),
    );
    expect(await quotesOf(root, '2023-12-28')).toEqual(['TUCA4 1.23456 0 b3', 'VELH3 20 0 b3']);
    // The dividend of 2 explains the fall; the right of the other is not proved.
    expect(await quotesOf(root, '2024-01-02')).toEqual(['NOVO3 18 0 b3', 'TUCA4 1.3  b3']);
    expect(await quotesOf(root, '2024-01-03')).toEqual(['NOVO3 18.9 0.05 b3', 'TUCA4 1.3 0 b3']);
    expect((await filesBelow(root)).filter((path) => path.startsWith('_runs'))).toEqual([]);
    const asked = await pynvest([
      'query',
      'cotacoes',
      'NOVO3',
      '--lake',
      root,
      '--format',
      'csv',
      '--columns',
      'nome_ativo,dt_ult_cot,pct_var_ano_a0,origem',
      '--from',
      '2024-01-03',
    ]);
    expect(csvLines(asked.stdout)[1]?.slice(0, 4)).toEqual([
      '20240103',
      'NOVO3',
      'NOVO',
      '2024-01-03',
    ]);
    expect(Number(csvLines(asked.stdout)[1]?.[4])).toBeCloseTo(0.05, 12);
  });

  test('twice, or day by day in any order, makes the same lake', async () => {
    const [whole, single] = [await copyOfExchange(), await copyOfExchange()];
    await backfill(whole, ...WHOLE);
    const expected = await lastingFiles(whole);
    await backfill(whole, ...WHOLE);
    expect(await lastingFiles(whole)).toEqual(expected);
    for (const date of ['2024-01-03', '2023-12-27', '2024-01-02', '2023-12-28']) {
      expect((await backfill(single, '--date', date)).status).toBe(0);
    }
    expect(await lastingFiles(single)).toEqual(expected);
  });

  test('of a day on which B3 did not trade fails, and changes nothing', async () => {
    const root = await copyOfExchange();
    const before = await lastingFiles(root);
    const { status, stderr } = await backfill(root, '--date', '2023-12-30');
    expect(status).toBe(1);
    expect(stderr).toContain('the lake has no raw text of 2023-12-30, and no session of B3');
    expect(stderr).toContain('B3 did not trade then');
    expect(await lastingFiles(root)).toEqual(before);
  });

  test('leaves a lake in which nothing is wrong, and no ticker counts as missing beside the papers of B3', async () => {
    const root = await copyOfExchange();
    await collectDay(root, smallMarket, { partition: day('2024-01-04') });
    await backfill(root, ...WHOLE);
    expect(await codesOf(root, 'doctor', '--all')).not.toContain('quotes-differ');
    const status = await pynvest(['status', '--lake', root, '--format', 'json']);
    expect(status.stdout).toContain(specTable.name);
    expect(status.stdout).not.toContain('missing-tickers');
  });
});

/** The codes of what `doctor` finds wrong, or notes. */
async function codesOf(root: string, ...words: string[]): Promise<unknown[]> {
  const env = { PYNVEST_FUNDAMENTUS_URL: await deadUrl() };
  const { stdout } = await pynvest([...words, '--lake', root, '--format', 'json'], { env });
  const rows = jsonRows(stdout).filter(({ status }) => status !== 'ok');
  return rows.map(({ code }) => code);
}

describe('a collected row wins over one of the history', () => {
  const collected = quote('NOVO3', 99, { pct_var_dia: 0.5, origem: 'fundamentus' });

  test('that comes later', async () => {
    const root = await copyOfExchange();
    const { pct_var_dia: _, ...earlier } = collected;
    await writeQuotes(root, '2024-01-03', [collected, quote('SITE3', 7)]);
    await writeRowsTo(root, olderEdition(specTable, 1), '2024-01-02', [earlier]);
    await backfill(root, ...WHOLE);
    expect(await quotesOf(root, '2024-01-03')).toEqual([
      ...['NOVO3 99 0.5 fundamentus', 'SITE3 7  ', 'TUCA4 1.3 0 b3'],
    ]);
    expect(await quotesOf(root, '2024-01-02')).toEqual(['NOVO3 99  ', 'TUCA4 1.3  b3']);
  });

  test('that was there before: of a run, of an event in AWS, and in deduplication', async () => {
    const root = await copyOfExchange();
    await backfill(root, ...WHOLE);
    // Of a file that is older than the one with the row of the history, too.
    const lake = createLocalLake(root);
    const partition = day('2024-01-03');
    const [own] = await lake.files(specTable, partition);
    const b3Rows = own === undefined ? [] : await lake.read(own);
    await lake.write({ table: specTable, partition, name: 'dedup' }, [collected]);
    await lake.write({ table: specTable, partition, name: 'acoes-1.cotacao' }, b3Rows);
    expect((await pynvest(['dedup', 'now', '--date', '2024-01-03', '--lake', root])).status).toBe(
      0,
    );
    expect(await quotesOf(root, '2024-01-03')).toEqual([
      ...['NOVO3 99 0.5 fundamentus', 'TUCA4 1.3 0 b3'],
    ]);

    const source = { table: sotTables.acoes, partition: day('2024-01-02'), name: 'acoes-1.prep' };
    const page = typed('acoes', 'NOVO3', {
      vlr_cot: 98,
      nome_empresa: null,
      datetime_exec: '2024-01-02T19:00:00-03:00',
    });
    await lake.write(source, [page]);
    expect(await followFile(lake, getStepsInto(quotes, 'spec'), source)).toMatchObject({
      outcome: 'written',
    });
    expect((await pynvest(['dedup', 'now', '--date', '2024-01-02', '--lake', root])).status).toBe(
      0,
    );
    // What the page lacks is not taken from the history.
    expect(await quotesOf(root, '2024-01-02')).toEqual(['NOVO3 98  fundamentus', 'TUCA4 1.3  b3']);
  });
});

test('files from before the column are neither rewritten nor reported', async () => {
  const root = await newFolder();
  const partition = day('2024-01-03');
  await collectDay(root, smallMarket, { partition });
  const lake = createLocalLake(root);
  const rows = await rowsOf(lake, specTable, partition);
  expect(rows.every(({ origem }) => origem === 'fundamentus')).toBe(true);
  await writeRowsTo(root, olderEdition(specTable, 1), '2024-01-03', rows);
  const before = await lastingFiles(root);
  expect((await pynvest(['dedup', 'now', '--date', '2024-01-03', '--lake', root])).status).toBe(0);
  expect(await lastingFiles(root)).toEqual(before);
  const codes = await codesOf(root, 'doctor');
  expect(codes).toContain('columns-older');
  expect(codes).not.toContain('quotes-differ');
});

describe('query cotacoes from before the first day of the lake', () => {
  const ask = (root: string, ...args: string[]) =>
    pynvest(['query', 'cotacoes', '--lake', root, '--format', 'csv', ...args]);

  test('names the import where the lake has no history', async () => {
    const root = await newFolder();
    await writeQuotes(root, '2024-01-04', [quote('NOVO3', 99)]);
    const { status, stderr } = await ask(root, 'NOVO3', '--from', '2016-01-01');
    expect(status).toBe(0);
    expect(stderr).toBe(
      "The lake's quotes begin on 2024-01-04. " +
        `\`pynvest import cotahist --year 2016-2024 --lake ${root}\`, and then ` +
        `\`pynvest backfill --from 2016-01-04 --to 2024-01-03 --lake ${root}\`, fill earlier days from B3's history.\n`,
    );
    const none = await ask(root, 'NOVO3', '--from', '1990-01-01', '--to', '2015-12-31');
    expect(none.status).toBe(1);
    expect(none.stderr).toContain('pynvest import cotahist --year 1994-2015 ');
    expect(none.stderr).toContain('pynvest backfill --from 1994-07-01 --to 2015-12-30 ');
  });

  test('names the backfill where it has one, and nothing once the days are filled', async () => {
    const root = await copyOfExchange();
    const empty = await ask(root, 'NOVO3', '--from', '2023-12-27');
    expect(empty.stderr).toContain('`pynvest backfill --from 2023-12-27 --to ');
    await writeQuotes(root, '2024-01-04', [quote('NOVO3', 99)]);
    const before = await ask(root, 'NOVO3', '--from', '2023-12-27');
    expect(before.stderr).toContain('`pynvest backfill --from 2023-12-27 --to 2024-01-03 ');
    await backfill(root, ...WHOLE);
    const after = await ask(root, '--ticker', 'VELH3,NOVO3', '--from', '2023-12-27');
    expect(after).toMatchObject({ status: 0, stderr: '' });
    expect(csvLines(after.stdout)).toHaveLength(6);
  });

  test('names the import first where the history does not reach back, and the backfill after it', async () => {
    const root = await copyOfExchange();
    await writeQuotes(root, '2024-01-04', [quote('NOVO3', 99)]);
    const { stderr } = await ask(root, 'NOVO3', '--from', '2022-12-29');
    expect(stderr).toBe(
      "The lake's quotes begin on 2024-01-04. " +
        `\`pynvest import cotahist --year 2022-2023 --lake ${root}\`, and then ` +
        `\`pynvest backfill --from 2022-12-29 --to 2024-01-03 --lake ${root}\`, fill earlier days from B3's history.\n`,
    );
  });

  test('says nothing of days without trading, or where no first day was asked for', async () => {
    const root = await newFolder();
    await writeQuotes(root, '2024-01-02', [quote('NOVO3', 99)]);
    expect((await ask(root, 'NOVO3', '--from', '2023-12-30')).stderr).toBe('');
    expect((await ask(root, 'NOVO3')).stderr).toBe('');
  });
});

describe('query cotacoes over sessions that the lake lacks', () => {
  const ask = (root: string, ...args: string[]) =>
    pynvest(['query', 'cotacoes', '--lake', root, '--format', 'csv', ...args]);
  /** A lake with quotes up to January 2024, and of two days in June. */
  const createHoledLake = async (): Promise<string> => {
    const root = await copyOfExchange();
    await backfill(root, ...WHOLE);
    await writeQuotes(root, '2024-06-18', [quote('NOVO3', 20)]);
    await writeQuotes(root, '2024-06-20', [quote('NOVO3', 21)]);
    return root;
  };

  test('between its days, says which and what fills them, in order', async () => {
    const root = await createHoledLake();
    const { status, stderr } = await ask(root, 'NOVO3');
    expect(status).toBe(0);
    expect(stderr).toBe(
      'The lake has no quotes of 114 sessions: 2024-01-04 to 2024-06-17, 2024-06-19. ' +
        `\`pynvest import cotahist --year 2024 --lake ${root}\`, and then ` +
        `\`pynvest backfill --from 2024-01-04 --to 2024-06-19 --lake ${root}\`, fill them from B3's history.\n`,
    );
  });

  test('names those alone that were asked for', async () => {
    const root = await createHoledLake();
    const notice = async (...args: string[]) => (await ask(root, 'NOVO3', ...args)).stderr;
    expect(await notice('--last', '2')).toContain('The lake has no quotes of 2024-06-19. ');
    expect(await notice('--last', '1')).toBe('');
    expect(await notice('--to', '2024-01-03')).toBe('');
    expect(await notice('--from', '2024-06-20', '--to', '2024-06-24')).toContain(
      'The lake has no quotes from 2024-06-21 to 2024-06-24 (2 sessions). ',
    );
    expect(await notice('--to', '2024-06-24', '--last', '1')).toContain(
      'The lake has no quotes from 2024-06-21 to 2024-06-24 (2 sessions). ',
    );
    expect((await ask(root)).stderr).toBe('');
  });

  test('answers also where a file of the history is damaged, which it does not need', async () => {
    const root = await createHoledLake();
    const [file] = await createLocalLake(root).files(getTable(history, 'sot'), 2024 as Partition);
    if (file === undefined) throw new Error('no history');
    await writeFile(getFilePath(root, file), 'garbage');
    const { status, stdout, stderr } = await ask(root, 'NOVO3');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(csvLines(stdout)).toHaveLength(5);
  });

  test('counts many stretches, and those before the first day apart', async () => {
    const root = await newFolder();
    for (const date of ['03', '05', '07', '11', '13']) {
      await writeQuotes(root, `2024-06-${date}`, [quote('NOVO3', 20)]);
    }
    const { stderr } = await ask(root, 'NOVO3', '--from', '2024-05-29');
    expect(stderr).toContain(
      "The lake's quotes begin on 2024-06-03, and it has none of 4 sessions between 2024-06-04 and 2024-06-12. ",
    );
    expect(stderr).toContain('pynvest backfill --from 2024-05-29 --to 2024-06-12 ');
  });

  test('once a whole year is imported, takes a day without a session for one without trading', async () => {
    const root = await createHoledLake();
    await writeNote(root, 'cotahist-2024.imported', '010\nwhole\n');
    expect((await ask(root, 'NOVO3')).stderr).toBe('');
  });

  test('draws no line over them', async () => {
    const root = await createHoledLake();
    const screen = await pynvest(['query', 'cotacoes', 'NOVO3', '--lake', root], {
      columns: 100,
      env: { LANG: 'pt_BR.UTF-8' },
    });
    expect(screen.stdout).toMatch(/Cotação ▁▃ ▆█ /);
  });
});

test('a backfill over years without history names them, and the import that brings them', async () => {
  const root = await copyOfExchange();
  const { status, stderr } = await backfill(root, '--from', '2022-12-28', '--to', '2024-01-03');
  expect(status, stderr).toBe(0);
  expect(stderr).toContain("Quotes of 4 sessions follow from B3's history: ");
  expect(stderr).toContain(
    'Not filled: the lake has no history of B3 from 2022-12-28 to 2023-12-26 (248 sessions). ' +
      `\`pynvest import cotahist --year 2022-2023 --lake ${root}\` brings it; then repeat this backfill.\n`,
  );
});
