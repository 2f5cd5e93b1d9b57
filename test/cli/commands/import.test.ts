import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, test, vi } from 'vitest';
import { formatCotahist, formatRecord } from '../../support/cotahist.ts';
import { contentsBelow, newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { serve } from '../../support/raw-server.ts';

const DAYS_2023 = ['20230102', '20231228'];
const DAYS_2024 = ['20240102', '20240103', '20241230'];
const TICKERS = ['TUCA3', 'JABU4', 'ONCA11'];

function recordsOf(days: readonly string[], close = 1041): string[] {
  return days.flatMap((day) => [
    ...TICKERS.map((ticker) => formatRecord({ day, ticker, close })),
    formatRecord({ day, ticker: 'TUCA3F', market: '020', close }),
  ]);
}

/** A folder with the years 2023 and 2024, and one with their days; some zipped. */
async function makeFiles(): Promise<{ years: string; days: string }> {
  const [years, days] = [await newFolder(), await newFolder()];
  await writeFile(
    join(years, 'COTAHIST_A2023.TXT'),
    formatCotahist(recordsOf(DAYS_2023), { year: 2023 }),
  );
  const zipped = zipSync({ 'COTAHIST_A2024.TXT': formatCotahist(recordsOf(DAYS_2024)) });
  await writeFile(join(years, 'COTAHIST_A2024.ZIP'), zipped);
  for (const day of [...DAYS_2023, ...DAYS_2024]) {
    const year = Number(day.slice(0, 4));
    const bytes = formatCotahist(recordsOf([day]).reverse(), { year, lineEnd: '\n' });
    const name = `COTAHIST_D${day.slice(6)}${day.slice(4, 6)}${year}.TXT`;
    await writeFile(join(days, name), bytes);
  }
  return { years, days };
}

const importFiles = (lake: string, ...args: string[]) =>
  pynvest(['import', 'cotahist', ...args, '--lake', lake]);

const newLake = async (): Promise<string> => join(await newFolder(), 'lake');

const ROWS = 'year,added,changed,rows\n';

describe('pynvest import cotahist', () => {
  test('imports the files of a folder, and says what of each year is new', async () => {
    const { years } = await makeFiles();
    const lake = await newLake();
    const { status, stdout, stderr } = await importFiles(lake, years);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringContaining(
        '2 files with 24 records: 15 rows added, 0 changed; the lake has 15 rows of 2 years',
      ),
    });
    expect(stdout).toBe(`${ROWS}2023,6,0,6\n2024,9,0,9\n`);
    expect(Object.keys(await contentsBelow(lake))).toEqual([
      '_runs/adjustment-state/state.txt',
      '_runs/cotahist-2023.made',
      '_runs/cotahist-2024.made',
      'sot/tbsot_b3_cotacoes_historicas/ano=2023/dedup.parquet',
      'sot/tbsot_b3_cotacoes_historicas/ano=2024/dedup.parquet',
      // Between these few sessions others are missing, so nothing is proved over them.
      'spec/tbspec_fatores_ajuste/ano=2023/dedup.parquet',
      'spec/tbspec_fatores_ajuste/ano=2024/dedup.parquet',
    ]);
  });

  test('gives the same bytes by the year, by the day, both, twice, and in any order', async () => {
    const { years, days } = await makeFiles();
    const contents: Record<string, string>[] = [];
    const [one, other] = ['COTAHIST_D30122024.TXT', 'COTAHIST_D02012024.TXT'];
    for (const imports of [
      [[years]],
      [[days]],
      [[years], [days]],
      [[days], [years]],
      [[years, days, years]],
      [[join(days, one)], [join(days, other)], [years], [join(days, one)]],
      [[join(years, 'COTAHIST_A2024.ZIP')], [days]],
    ]) {
      const lake = await newLake();
      for (const places of imports) {
        const { status, stderr } = await importFiles(lake, ...places);
        expect({ status, stderr }).toEqual({ status: 0, stderr: expect.anything() });
      }
      contents.push(await contentsBelow(lake));
    }
    // Of each year a file of prices, one of factors and a note of its files, and the note that these are derived.
    expect(Object.keys(contents[0] ?? {})).toHaveLength(7);
    for (const each of contents) expect(each).toEqual(contents[0]);
  });

  test('says how far it is, how fast and for how much longer', async () => {
    const { years } = await makeFiles();
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 5_000;
      return now;
    });
    const { stderr } = await importFiles(await newLake(), join(years, 'COTAHIST_A2023.TXT'));
    vi.restoreAllMocks();
    expect(stderr).toMatch(/^Prices: 2,5 kB of 2,5 kB, \d+,\d kB\/s, 0s left$/m);
  });

  test('of months gives the same bytes as of their year', async () => {
    const folder = await newFolder();
    const months = [['20240102', '20240103'], ['20240201'], ['20241230']];
    for (const days of months) {
      const bytes = formatCotahist(recordsOf(days).reverse(), { lineEnd: '\n' });
      const name = `COTAHIST_M${days[0]?.slice(4, 6)}2024`;
      // Some are archives, as B3 publishes them.
      const isZipped = days.length === 1;
      const contents = isZipped ? zipSync({ [`${name}.TXT`]: bytes }) : bytes;
      await writeFile(join(folder, `${name}.${isZipped ? 'ZIP' : 'TXT'}`), contents);
    }
    const byMonth = await newLake();
    const { status, stdout } = await importFiles(byMonth, folder);
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${ROWS}2024,12,0,12\n` });
    const year = join(await newFolder(), 'COTAHIST_A2024.TXT');
    await writeFile(year, formatCotahist(recordsOf(months.flat())));
    const byYear = await newLake();
    await importFiles(byYear, year);
    expect(await contentsBelow(byMonth)).toEqual(await contentsBelow(byYear));
    expect((await importFiles(byMonth, year)).stdout).toBe(`${ROWS}2024,0,0,12\n`);
  });

  test('lets a file replace what the lake has, and counts it', async () => {
    const { years } = await makeFiles();
    const lake = await newLake();
    await importFiles(lake, years);
    const path = join(await newFolder(), 'day.txt');
    await writeFile(path, formatCotahist(recordsOf(['20240103'], 999)));
    expect((await importFiles(lake, path)).stdout).toBe(`${ROWS}2024,0,3,9\n`);
    const sql =
      'SELECT dt_pregao, vlr_fechamento FROM db_pynvest_sot.tbsot_b3_cotacoes_historicas ' +
      "WHERE codigo_ticker_ativo = 'TUCA3' AND ano = 2024 ORDER BY 1";
    const { stdout } = await pynvest(['query', 'sql', sql, '--lake', lake]);
    expect(stdout).toBe(
      'dt_pregao,vlr_fechamento\n2024-01-02,10.41\n2024-01-03,9.99\n2024-12-30,10.41\n',
    );
  });

  test('keeps the markets that are asked for', async () => {
    const { years } = await makeFiles();
    const lake = await newLake();
    expect((await importFiles(lake, years, '--market', '020')).stdout).toBe(
      `${ROWS}2023,2,0,2\n2024,3,0,3\n`,
    );
    const none = await importFiles(lake, years, '--market', '070');
    expect(none).toMatchObject({ status: 0, stdout: ROWS });
    expect(none.stderr).toContain(
      '2 files with 24 records: none is of the selected markets, and nothing was stored',
    );
    const all = await importFiles(lake, years, '--market', 'all', '--format', 'json');
    expect(JSON.parse(all.stdout)).toEqual([
      { year: 2023, added: 6, changed: 0, rows: 8 },
      { year: 2024, added: 9, changed: 0, rows: 12 },
    ]);
  });

  test('refuses a file with its line, stores nothing of it, and stores the others', async () => {
    const { years } = await makeFiles();
    const bad = formatCotahist([...recordsOf(DAYS_2024), 'too short']);
    await writeFile(join(years, 'COTAHIST_D02012024.TXT'), bad);
    const lake = await newLake();
    const { status, stdout, stderr } = await importFiles(lake, years);
    expect(status).toBe(3);
    expect(stdout).toBe(`${ROWS}2023,6,0,6\n2024,9,0,9\n`);
    expect(stderr).toContain(
      'COTAHIST_D02012024.TXT: line 14: the line has 9 bytes instead of 245',
    );
    const untouched = await contentsBelow(lake);
    const again = await importFiles(lake, join(years, 'COTAHIST_D02012024.TXT'));
    expect(again).toMatchObject({ status: 1, stdout: ROWS });
    expect(await contentsBelow(lake)).toEqual(untouched);
  });

  test('keeps each row of the file that was made last, whatever the order of the imports', async () => {
    const folder = await newFolder();
    const write = async (name: string, made: string, prices: Record<string, number>) => {
      const records = Object.entries(prices).map(([ticker, close]) =>
        formatRecord({ day: '20241107', ticker, close }),
      );
      await writeFile(join(folder, name), formatCotahist(records, { made }));
    };
    await write('day.txt', '20241107', { TUCA3: 1, JABU4: 1, ONCA11: 1 });
    await write('month.txt', '20241130', { TUCA3: 2, JABU4: 2 });
    await write('year.txt', '20241230', { TUCA3: 3 });
    const contents: Record<string, string>[] = [];
    for (const order of ['day month year', 'year month day', 'month year day', 'year day month']) {
      const lake = await newLake();
      for (const name of order.split(' ')) await importFiles(lake, join(folder, `${name}.txt`));
      contents.push(await contentsBelow(lake));
    }
    const together = await newLake();
    await importFiles(together, folder);
    contents.push(await contentsBelow(together));
    for (const each of contents) expect(each).toEqual(contents[0]);
    expect(await readFile(join(together, '_runs/cotahist-2024.made'), 'utf8')).toBe(
      '2024-11-07 010 2024-11-07 ONCA11 \n2024-11-07 010 2024-11-30 JABU4 \n2024-11-07 010 2024-12-30\n',
    );
    const { stdout } = await pynvest([
      ...['query', 'sql', 'SELECT vlr_fechamento FROM db_pynvest_sot.tbsot_b3_cotacoes_historicas'],
      ...['--lake', together],
    ]);
    expect(stdout).toBe('vlr_fechamento\n0.02\n0.01\n0.03\n');
  });

  test('refuses a year whose files contradict each other, with both lines', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'a.txt'), formatCotahist(recordsOf(DAYS_2024)));
    await writeFile(join(folder, 'b.txt'), formatCotahist(recordsOf(['20240103'], 999)));
    const lake = await newLake();
    const { status, stderr } = await importFiles(lake, folder);
    expect(status).toBe(1);
    expect(stderr).toContain('b.txt: line 3: JABU4 on 2024-01-03 has other values in');
    expect(stderr).toContain('a.txt, line 7');
    expect(await contentsBelow(lake)).toEqual({});
  });

  test('leaves a file of the lake that is damaged as it is, and says how it is mended', async () => {
    const { years } = await makeFiles();
    const lake = await newLake();
    await importFiles(lake, years);
    const path = join(lake, 'sot/tbsot_b3_cotacoes_historicas/ano=2024/dedup.parquet');
    await writeFile(path, 'damaged');
    const before = await contentsBelow(lake);
    const { status, stderr } = await importFiles(lake, years);
    expect(status).toBe(3);
    expect(stderr).toContain('doctor --fix');
    expect(await contentsBelow(lake)).toEqual(before);
  });

  test('plans without a lake or a request', async () => {
    const { years } = await makeFiles();
    const args = ['import', 'cotahist', join(years, 'COTAHIST_A2023.TXT'), '--year', '2022-2023'];
    const { status, stdout, stderr } = await pynvest([...args, '--plan'], {
      env: { PYNVEST_B3_URL: 'http://127.0.0.1:1' },
    });
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'file,source,bytes,records',
      `${join(years, 'COTAHIST_A2023.TXT')},local,2470,10`,
      'COTAHIST_A2022.ZIP,fetched,60000000,2000000',
      'COTAHIST_A2023.ZIP,fetched,60000000,2000000',
      '',
    ]);
    expect(stderr).toMatch(
      /3 files, about 120 MB with 4\.000\.010 records; 2 requests; about \d+s/,
    );
  });

  test('shows a plan to people in the words and the notation of its headings', async () => {
    const { years } = await makeFiles();
    const lake = await newLake();
    const args = [join(years, 'COTAHIST_A2023.TXT'), '--year', '2022', '--plan', '--lake', lake];
    const { stdout } = await pynvest(['import', 'cotahist', ...args], { columns: 200 });
    const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/).slice(1));
    expect(rows.slice(1, 3)).toEqual([
      ['local', '2.470', '10'],
      ['B3', '60.000.000', '2.000.000'],
    ]);
  });

  test.each([
    [[], 'which files?'],
    [['--year', '1985'], '--year is "1985"'],
    [['--year', '2024-2023'], '--year is "2024-2023"'],
    [['--year', 'x'], '--year is "x"'],
    [['--date', '2024-02-30'], '2024-02-30'],
    [['--date', '2124-01-05'], '--date 2124-01-05 is in the future'],
    [['--date', '2024-01-06'], '--date 2024-01-06 is a Saturday or a Sunday'],
    [['--year', '2024', '--market', '10'], '--market is "10"'],
    [['/none/at/all'], '/none/at/all: there is no such file'],
  ])('refuses %j', async (args, message) => {
    const lake = await newLake();
    const result = await importFiles(lake, ...args);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain(message);
    expect(await contentsBelow(lake)).toEqual({});
  });
});

describe('years that B3 serves', () => {
  /** Serves the files of the folders, and lists what it was asked for. */
  async function serveB3(broken: ReadonlySet<string> = new Set()) {
    const { years, days } = await makeFiles();
    const asked: string[] = [];
    const url = await serve((request, response) => {
      const name = (request.url ?? '').replace('/InstDados/SerHist/', '');
      asked.push(name);
      const stem = name.replace('.ZIP', '');
      const folder = stem.startsWith('COTAHIST_A') ? years : days;
      const send = async (): Promise<void> => {
        if (broken.has(name)) return void response.writeHead(500).end();
        const plain = await readFile(join(folder, `${stem}.TXT`)).catch(() => undefined);
        const zip = await readFile(join(folder, name)).catch(() => undefined);
        const body = zip ?? (plain && zipSync({ [`${stem}.TXT`]: plain }));
        response.writeHead(body === undefined ? 404 : 200).end(body);
      };
      void send();
    });
    return {
      asked,
      years,
      fetchInto: (lake: string, ...args: string[]) =>
        pynvest(['import', 'cotahist', ...args, '--lake', lake], {
          env: { PYNVEST_B3_URL: url, PYNVEST_RETRIES: '0' },
        }),
    };
  }

  test('are fetched once, and again if they are asked for again or other markets are', async () => {
    const { asked, years, fetchInto } = await serveB3();
    const lake = await newLake();
    const first = await fetchInto(lake, '--year', '2023-2024');
    expect(first).toMatchObject({ status: 0, stdout: `${ROWS}2023,6,0,6\n2024,9,0,9\n` });
    const fromFiles = await newLake();
    await importFiles(fromFiles, years);
    const {
      '_runs/cotahist-2023.imported': _,
      '_runs/cotahist-2024.imported': __,
      ...rows
    } = await contentsBelow(lake);
    expect(rows).toEqual(await contentsBelow(fromFiles));

    const second = await fetchInto(lake, '--year', '2023-2024');
    expect(second).toMatchObject({ status: 0, stdout: ROWS });
    expect(second.stderr).toContain('2 years already imported: 2023 to 2024');
    expect(asked).toEqual(['COTAHIST_A2023.ZIP', 'COTAHIST_A2024.ZIP']);

    await fetchInto(lake, '--year', '2023', '--again');
    await fetchInto(lake, '--year', '2023', '--market', '020');
    await fetchInto(lake, '--year', '2023', '--market', '020,010');
    await rm(join(lake, 'sot'), { recursive: true });
    await fetchInto(lake, '--year', '2023');
    expect(asked.slice(2)).toEqual(Array(3).fill('COTAHIST_A2023.ZIP'));
  });

  test('are fetched once more where an earlier version noted them, which did not see whether the file was whole', async () => {
    const { asked, fetchInto } = await serveB3();
    const lake = await newLake();
    await fetchInto(lake, '--year', '2023');
    const before = await contentsBelow(lake);
    await rm(join(lake, '_runs', 'cotahist-2023.made'));
    await writeFile(join(lake, '_runs', 'cotahist-2023.imported'), '010,020\n');
    const plan = await fetchInto(lake, '--year', '2023', '--plan', '--format', 'json');
    expect(plan.stdout).toContain('COTAHIST_A2023');
    const second = await fetchInto(lake, '--year', '2023');
    expect(second).toMatchObject({ status: 0, stdout: `${ROWS}2023,0,0,6\n` });
    expect(await contentsBelow(lake)).toEqual(before);
    const third = await fetchInto(lake, '--year', '2023');
    expect(third.stderr).toContain('already imported');
    expect(asked.filter((name) => name === 'COTAHIST_A2023.ZIP')).toHaveLength(2);
  });

  test('are so once, too, where the lake has rows that the file of the year lacks', async () => {
    const { asked, years, fetchInto } = await serveB3();
    const lake = await newLake();
    await importFiles(lake, years);
    const other = join(await newFolder(), 'other.txt');
    const record = formatRecord({ ticker: 'CAPU4', day: '20230103' });
    await writeFile(other, formatCotahist([record], { year: 2023 }));
    await importFiles(lake, other);
    await rm(join(lake, '_runs', 'cotahist-2023.made'));
    await writeFile(join(lake, '_runs', 'cotahist-2023.imported'), '010\n');
    await fetchInto(lake, '--year', '2023');
    const second = await fetchInto(lake, '--year', '2023');
    expect(second.stderr).toContain('already imported');
    expect(asked).toEqual(['COTAHIST_A2023.ZIP']);
  });

  test('fail alone, and are fetched by the next import', async () => {
    const broken = new Set(['COTAHIST_A2024.ZIP']);
    const { fetchInto, asked } = await serveB3(broken);
    const lake = await newLake();
    const first = await fetchInto(lake, '--year', '2023-2024');
    expect(first).toMatchObject({ status: 3, stdout: `${ROWS}2023,6,0,6\n` });
    expect(first.stderr).toContain('COTAHIST_A2024.ZIP: the site answered with status 500');
    broken.clear();
    const second = await fetchInto(lake, '--year', '2023-2024');
    expect(second).toMatchObject({ status: 0, stdout: `${ROWS}2024,9,0,9\n` });
    expect(second.stderr).toContain('9 rows added, 0 changed; the lake has 15 rows of 2 years');
    expect(second.stderr).toContain('not proved: `pynvest import eventos');
    expect(asked.slice(2)).toEqual(['COTAHIST_A2024.ZIP']);
  });

  test('may be a single day; one without a session is named', async () => {
    const { fetchInto } = await serveB3();
    const lake = await newLake();
    expect(await fetchInto(lake, '--date', '2024-01-03')).toMatchObject({
      status: 0,
      stdout: `${ROWS}2024,3,0,3\n`,
    });
    const nothing = await fetchInto(await newLake(), '--date', '2024-01-04');
    expect(nothing.status).toBe(1);
    expect(nothing.stderr).not.toContain('Adjustments');
    const none = await fetchInto(lake, '--date', '2024-01-04');
    expect(none).toMatchObject({ status: 1, stdout: ROWS });
    expect(none.stderr).toContain('COTAHIST_D04012024.ZIP: B3 has no such file');
  });

  test('are no part of a plan once they are in the lake', async () => {
    const { fetchInto } = await serveB3();
    const lake = await newLake();
    await fetchInto(lake, '--year', '2023');
    const { stdout, stderr } = await fetchInto(lake, '--year', '2023-2024', '--plan');
    const twice = await fetchInto(lake, '--year', '2024', '--year', '2023', '--plan');
    expect(twice.stdout.split('\n').sort()).toEqual(stdout.split('\n').sort());
    expect(stdout).toBe(
      'file,source,bytes,records\nCOTAHIST_A2023.ZIP,already here,0,0\n' +
        'COTAHIST_A2024.ZIP,fetched,93000000,3100000\n',
    );
    expect(stderr).toMatch(/1 file, about 93 MB with 3\.100\.000 records; 1 request; about/);
    expect(stderr).toContain('1 year already imported: 2023');
    const again = await fetchInto(lake, '--year', '2023-2024', '--plan', '--again');
    expect(again.stdout).not.toContain('already here');
  });

  test('are not asked for where B3 cannot be reached, or refuses', async () => {
    const lake = await newLake();
    const at = (url: string) =>
      pynvest(['import', 'cotahist', '--year', '2010-2019', '--lake', lake], {
        env: { PYNVEST_B3_URL: url, PYNVEST_RETRIES: '0', PYNVEST_PAUSE_MS: '0' },
      });
    const unreachable = await at('http://127.0.0.1:1');
    expect(unreachable).toMatchObject({ status: 1, stdout: ROWS });
    expect(unreachable.stderr.match(/cannot reach/g)).toHaveLength(2);
    expect(unreachable.stderr).toContain('Check the network connection, and PYNVEST_B3_URL');
    expect(unreachable.stderr).toContain('B3 was not asked for 8 more files');
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(403).end();
    });
    const refused = await at(url);
    expect(asked).toBe(2);
    // The command has no --concurrency.
    expect(refused.stderr).toContain('ask more slowly (--pause, PYNVEST_CONCURRENCY)');
  });
});

describe('an answer of B3', () => {
  /** Imports what B3 answers, whatever was asked for. */
  const importAnswer = async (lake: string, option: string, value: string, bytes: Buffer) => {
    const url = await serve((_, response) => response.end(zipSync({ 'A.TXT': bytes })));
    const env = { PYNVEST_B3_URL: url };
    return pynvest(['import', 'cotahist', option, value, '--lake', lake], { env });
  };
  const days = ['20231211', '20231212', '20231228'];
  const fileOf = (sessions: readonly string[], made: string, year = 2023) =>
    formatCotahist(
      sessions.map((day) => formatRecord({ day })),
      { year, made },
    );

  test('that is another file than the one asked for is refused, and nothing changes', async () => {
    const lake = await newLake();
    const day = fileOf(['20241107'], '20241107', 2024);
    for (const [option, value, came] of [
      ['--date', '2024-11-08', 'it has the session of 2024-11-07: 2024-11-08 was asked for'],
      ['--year', '2023', 'it is the file of 2024: 2023 was asked for'],
    ] as const) {
      const { status, stderr } = await importAnswer(lake, option, value, day);
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(came) });
    }
    const { '_runs/adjustment-state/state.txt': _, ...others } = await contentsBelow(lake);
    expect(others).toEqual({});
  });

  test.each([
    ['is whole', '20231229', days, true],
    ['has the last session of its year on the day on which it was made', '20231228', days, true],
    ['was made before the year was over', '20231212', days.slice(0, 2), false],
    ['lacks the session of the day on which it was made', '20231228', days.slice(0, 2), false],
  ])('that %s: made on %s', async (_, made, sessions, isWhole) => {
    const lake = await newLake();
    await importAnswer(lake, '--year', '2023', fileOf(sessions, made));
    const second = await importAnswer(lake, '--year', '2023', fileOf(days, '20231229'));
    const added = 3 - sessions.length;
    expect(second.stdout).toBe(isWhole ? ROWS : `${ROWS}2023,${added},0,3\n`);
    const third = await importAnswer(lake, '--year', '2023', fileOf(days, '20231229'));
    expect(third.stdout).toBe(ROWS);
  });
});

test('files of the current year are fetched each time', async () => {
  const year = new Date().getUTCFullYear();
  const bytes = formatCotahist([formatRecord({ day: `${year}0102` })], { year });
  let asked = 0;
  const url = await serve((_, response) => {
    asked += 1;
    response.end(zipSync({ 'A.TXT': bytes }));
  });
  const lake = await newLake();
  for (const added of [1, 0]) {
    const env = { PYNVEST_B3_URL: url };
    const args = ['import', 'cotahist', '--year', String(year), '--lake', lake];
    expect((await pynvest(args, { env })).stdout).toBe(`${ROWS}${year},${added},0,1\n`);
  }
  expect(asked).toBe(2);
});
