/** The history of a small exchange, from the sessions and events of a lake to what the commands print. */
import { cpSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { getTable } from '../../../../src/catalog/dataset.ts';
import { adjustments } from '../../../../src/catalog/datasets/b3.ts';
import type { Partition } from '../../../../src/catalog/partition.ts';
import { createLocalLake, writeNote } from '../../../../src/lake/local/lake.ts';
import {
  computeLakeAdjustments,
  storeAdjustments,
} from '../../../../src/pipeline/derive-adjustments.ts';
import { readMarketHistory } from '../../../../src/pipeline/market-history.ts';
import { jsonRows } from '../../../support/answers.ts';
import { formatCotahist, formatRecord } from '../../../support/cotahist.ts';
import { writeExchange } from '../../../support/exchange.ts';
import { filesBelow, newFolder } from '../../../support/folders.ts';
import { pynvest } from '../../../support/in-process.ts';
import { deadUrl, serve } from '../../../support/raw-server.ts';

let lake: string;

beforeAll(async () => {
  lake = await newFolder();
  await writeExchange(createLocalLake(lake));
});

const ask = (command: string, ...args: string[]) =>
  pynvest(['query', command, '--lake', lake, '--format', 'json', ...args]);

const closesOf = (stdout: string): string[] =>
  jsonRows(stdout).map(
    (row) =>
      `${row['dt_pregao']} ${row['codigo_ticker_ativo']} ${row['vlr_fechamento']} ${row['ajuste_provado']}`,
  );

describe('pynvest query historico', () => {
  test('adjusts earlier prices for all cash and splits, under all tickers of the asset', async () => {
    const { status, stdout, stderr } = await ask('historico', 'NOVO3');
    expect(status).toBe(0);
    expect(stderr).toContain('NOVO3 was VELH3 before 02/01/2024.');
    expect(closesOf(stdout)).toEqual([
      '2023-12-27 VELH3 18 true',
      '2023-12-28 VELH3 18 true',
      '2024-01-02 NOVO3 18 true',
      '2024-01-03 NOVO3 18.9 true',
    ]);
    expect(jsonRows(stdout)[0]).toEqual({
      ...{ dt_pregao: '2023-12-27', codigo_ticker_ativo: 'VELH3', vlr_abertura: 18 },
      ...{ vlr_max: expect.closeTo(41 * 0.45, 12), vlr_min: expect.closeTo(39 * 0.45, 12) },
      ...{ vlr_fechamento: 18, qtd_titulos: 600, vlr_volume: 12000, ajuste_provado: true },
    });
  });

  test('the line below a table is of adjusted prices alone: those of the day fall at a split', async () => {
    const screen = async (...args: string[]): Promise<string> => {
      const words = ['query', 'historico', '--lake', lake, 'NOVO3', ...args];
      const { stdout } = await pynvest(words, { columns: 120, env: { LANG: 'pt_BR.UTF-8' } });
      return stdout;
    };
    expect(await screen()).toMatch(/18,00 → 18,90 {2}\+5,00%\n$/);
    expect(await screen('--ajuste', 'desdobramentos')).toContain('→');
    expect(await screen('--ajuste', 'nenhum')).not.toMatch(/→|-5\d,\d\d%/);
  });

  test('an old ticker is the same asset', async () => {
    const [old, young] = [
      await ask('historico', 'VELH3'),
      await ask('historico', '--ticker', 'NOVO3'),
    ];
    expect(old.stdout).toBe(young.stdout);
  });

  test.each([
    ['nenhum', ['40', '20', '18', '18.9'], 300],
    ['desdobramentos', ['20', '20', '18', '18.9'], 600],
  ])('--ajuste %s', async (kind, closes, units) => {
    const { stdout } = await ask('historico', 'NOVO3', '--ajuste', kind);
    expect(closesOf(stdout).map((text) => text.split(' ')[2])).toEqual(closes);
    expect(jsonRows(stdout)[0]?.['qtd_titulos']).toBe(units);
  });

  test('a price for a thousand units is exact for one, and what is not proved says so', async () => {
    const { stdout, stderr } = await ask('historico', 'TUCA4');
    expect(closesOf(stdout)).toEqual([
      '2023-12-27 TUCA4 1.23456 false',
      '2023-12-28 TUCA4 1.23456 false',
      '2024-01-02 TUCA4 1.3 true',
      '2024-01-03 TUCA4 1.3 true',
    ]);
    expect(stderr).toContain(
      `Of 4 rows, 2 rest on an adjustment that is not proved: \`pynvest audit --ticker TUCA4 --lake ${lake}\` says why.`,
    );
  });

  test('--freq: the first, the highest, the lowest and the last of each period', async () => {
    const { stdout } = await ask('historico', 'NOVO3', '--freq', 'ano', '--ajuste', 'nenhum');
    expect(jsonRows(stdout)).toEqual([
      {
        ...{ dt_pregao: '2023-12-28', codigo_ticker_ativo: 'VELH3', vlr_abertura: 40, vlr_max: 41 },
        ...{
          vlr_min: 19,
          vlr_fechamento: 20,
          qtd_titulos: 600,
          vlr_volume: 18000,
          ajuste_provado: true,
        },
      },
      {
        ...{
          dt_pregao: '2024-01-03',
          codigo_ticker_ativo: 'NOVO3',
          vlr_abertura: 18,
          vlr_max: 19.9,
        },
        ...{
          vlr_min: 17,
          vlr_fechamento: 18.9,
          qtd_titulos: 600,
          vlr_volume: 11070,
          ajuste_provado: true,
        },
      },
    ]);
  });

  test('--last: the newest sessions of each asset, or the newest times of --freq', async () => {
    const closes = async (...args: string[]) => closesOf((await ask('historico', ...args)).stdout);
    expect(await closes('NOVO3', 'TUCA4', '--last', '2')).toEqual([
      ...['2024-01-02 NOVO3 18 true', '2024-01-03 NOVO3 18.9 true'],
      ...['2024-01-02 TUCA4 1.3 true', '2024-01-03 TUCA4 1.3 true'],
    ]);
    expect(await closes('NOVO3', '--last', '1', '--to', '2023-12-31')).toEqual([
      '2023-12-28 VELH3 18 true',
    ]);
    expect(await closes('NOVO3', '--last', '1', '--freq', 'ano')).toEqual([
      '2024-01-03 NOVO3 18.9 true',
    ]);
    const few = await ask('historico', 'NOVO3', '--last', '30');
    expect(jsonRows(few.stdout)).toHaveLength(4);
    expect(few.stderr).toContain('--last 30: the history has 4 rows of NOVO3.\n');
    const all = await ask('historico', '--last', '30');
    expect(all).toMatchObject({ status: 2, stdout: '' });
    expect(all.stderr).toContain('no ticker is named');
  });

  test('--columns: those behind the day and the ticker, as a screen that cannot show all says', async () => {
    const { stdout } = await ask('historico', 'NOVO3', '--last', '1', '--columns', 'vlr_volume');
    expect(jsonRows(stdout)).toEqual([
      { dt_pregao: '2024-01-03', codigo_ticker_ativo: 'NOVO3', vlr_volume: 5670 },
    ]);
    const words = ['query', 'historico', 'NOVO3', '--lake', lake];
    const narrow = await pynvest(words, { columns: 50 });
    expect(narrow.stderr.replaceAll(/\s+/g, ' ')).toContain('--columns selects those to show');
    const byHeading = ['Abertura', 'máxima', 'mínima', 'preço', 'títulos', 'volume'].join(',');
    const named = await ask('historico', 'NOVO3', '--last', '1', '--columns', byHeading);
    expect(Object.keys(jsonRows(named.stdout)[0] ?? {}).slice(2)).toEqual([
      'vlr_abertura',
      'vlr_max',
      'vlr_min',
      'vlr_fechamento',
      'qtd_titulos',
      'vlr_volume',
    ]);
    const wrong = await ask('historico', 'NOVO3', '--columns', 'vlr_fechamnto');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('Did you mean vlr_fechamento?');
    const limited = await ask('historico', 'NOVO3', '--last', '1', '--limit', '1');
    expect(limited.stderr).toContain('there is no option --limit');
    expect(limited.stderr).not.toContain('--last belongs to');
    expect((await ask('historico', 'NOVO3', '--columns', 'vlr_cot')).stderr).toContain(
      'vlr_cot is a column of acoes, fiis, cotacoes: `pynvest query cotacoes ',
    );
  });

  test('the days asked for; without a ticker all assets, by default of the newest session', async () => {
    const some = await ask('historico', 'NOVO3', '--from', '2023-12-28', '--to', '2024-01-02');
    expect(closesOf(some.stdout)).toHaveLength(2);
    expect(closesOf((await ask('historico')).stdout)).toEqual([
      '2024-01-03 NOVO3 18.9 true',
      '2024-01-03 TUCA4 1.3 true',
    ]);
    const day = await ask('historico', '--from', '2023-12-27', '--to', '2023-12-27');
    expect(closesOf(day.stdout)).toEqual([
      '2023-12-27 VELH3 18 true',
      '2023-12-27 TUCA4 1.23456 false',
    ]);
  });

  test('after an import that died before its adjustments, nothing is proved, also in SQL', async () => {
    const interrupted = await newFolder();
    cpSync(lake, interrupted, { recursive: true });
    // Where earlier versions wrote it.
    await writeNote(interrupted, 'adjustments', 'pending');
    const run = (...args: string[]) =>
      pynvest([...args, '--lake', interrupted, '--format', 'json']);
    const { stdout, stderr } = await run('query', 'historico', 'NOVO3');
    expect(closesOf(stdout).filter((text) => !text.endsWith('false'))).toEqual([]);
    expect(stderr).toContain(
      `the last import was not completed, so no adjustment is proved. The same import again completes it; \`pynvest import eventos --lake ${interrupted}\` derives the adjustments of what is stored.`,
    );
    for (const dialect of ['athena', 'duckdb']) {
      const text = 'SELECT * FROM cotacoes_ajustadas';
      const sql = await run('query', 'sql', text, '--dialect', dialect);
      const proofs = jsonRows(sql.stdout).map((row) => row['ajuste_provado']);
      expect(proofs).toEqual(Array.from({ length: 8 }, () => false));
      expect(sql.stderr).toContain('the last import was not completed');
    }
    expect((await run('query', 'sql', 'SELECT count(*) FROM historico')).stderr).toBe('');
    const audit = await run('audit', 'VELH3');
    expect(audit).toMatchObject({ status: 3, stdout: '[\n]\n' });
    expect(audit.stderr).toContain('the last import was not completed');
  });

  test('a ticker without prices is named', async () => {
    const { status, stdout, stderr } = await ask('historico', 'ABCD3,NOVO3');
    expect(status).toBe(3);
    expect(jsonRows(stdout)).toHaveLength(4);
    expect(stderr).toContain('ABCD3: no price in the history of the lake\n');
    const other = await ask('historico', 'NOVO3', '--to', '2023-12-26');
    expect(other.stderr).toMatch(
      /NOVO3: no price on the days asked for; those of the lake are of \d\d\/\d\d\/\d{4} to /,
    );
  });

  test.each([['query', 'historico'], ['query', 'retorno'], ['query', 'proventos'], ['audit']])(
    '%s %s suggests a ticker for a misspelt one, and says where there is no lake',
    async (...words) => {
      const typo = await pynvest([...words, 'TUAC4', '--lake', lake]);
      expect(typo.status).toBe(1);
      expect(typo.stderr).toContain('Did you mean TUCA4?');
      expect(typo.stderr).not.toContain('0 assets');
      expect((await pynvest([...words, 'TUAC4', 'NOVO3', '--lake', lake])).status).toBe(3);
      const none = await pynvest([...words, 'TUCA4', '--lake', `${lake}/none`]);
      expect(none.status).toBe(1);
      expect(none.stderr).toContain(`there is no lake at ${lake}/none: the folder does not exist`);
    },
  );

  test('a lake without a history says how it is filled, and stays as it is', async () => {
    const empty = await newFolder();
    const { status, stdout, stderr } = await pynvest([
      'query',
      'historico',
      'PETR4',
      '--lake',
      empty,
    ]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('no price history of B3');
    expect(stderr).toContain('`pynvest import cotahist --year 2016-2026');
    expect(await filesBelow(empty)).toEqual([]);
  });
});

describe('pynvest query retorno', () => {
  test('the total return, the deepest fall and the cash of one unit of the first day', async () => {
    const { status, stdout } = await ask('retorno', 'NOVO3', '--from', '2023-12-27');
    expect(status).toBe(0);
    expect(jsonRows(stdout)).toEqual([
      {
        ...{
          codigo_ticker_ativo: 'NOVO3',
          dt_inicio: '2023-12-27',
          dt_fim: '2024-01-03',
          qtd_pregoes: 4,
        },
        ...{ pct_retorno_total: expect.closeTo(0.05, 12), pct_retorno_anual: null },
        ...{ pct_volatilidade_anual: null, pct_maior_queda: 0, dt_maximo_anterior: null },
        // Two units of 2023-12-28 for one of the first day, at 2 each.
        ...{ dt_fundo: null, dt_recuperacao: null, qtd_dias_queda: 0, vlr_proventos: 4 },
        ajuste_provado: true,
      },
    ]);
  });

  test('beside the rates of the same days: CDI by the day, IPCA by whole months', async () => {
    const url = await serve((request, response) => {
      const isDaily = request.url?.includes('sgs.12/') === true;
      const days = isDaily
        ? ['27/12/2023', '28/12/2023', '29/12/2023', '02/01/2024', '03/01/2024']
        : ['01/12/2023', '01/01/2024'];
      response.end(JSON.stringify(days.map((data) => ({ data, valor: isDaily ? '1' : '0.5' }))));
    });
    const asked = ['--contra', 'CDI', '--contra', 'ipca'];
    const args = ['retorno', 'NOVO3', ...asked, '--lake', lake, '--format', 'json'];
    const { status, stdout } = await pynvest(['query', ...args], { env: { PYNVEST_BCB_URL: url } });
    expect(status).toBe(0);
    expect(jsonRows(stdout)[0]).toMatchObject({
      ...{ pct_cdi: expect.closeTo(1.01 ** 4 - 1, 12), pct_ipca: expect.closeTo(0.005, 12) },
    });
    // The lake has them by now.
    const offline = await pynvest(['query', ...args], {
      env: { PYNVEST_BCB_URL: await deadUrl() },
    });
    expect(offline).toMatchObject({ status: 0, stdout });
  });

  test('without the network the rates are empty, and the answer says why', async () => {
    const args = [
      'retorno',
      'TUCA4',
      '--contra',
      'ipca',
      '--from',
      '2024-01-02',
      '--format',
      'json',
    ];
    const env = { PYNVEST_BCB_URL: await deadUrl(), PYNVEST_RETRIES: '0' };
    const empty = await newFolder();
    cpSync(lake, empty, { recursive: true });
    await rm(join(empty, 'sot', 'tbsot_bcb_series'), { recursive: true, force: true });
    const cdi = await pynvest(['query', ...args, '--contra', 'cdi', '--lake', empty], { env });
    expect(cdi.status).toBe(3);
    expect(jsonRows(cdi.stdout)[0]).toMatchObject({ pct_cdi: null, pct_retorno_total: 0 });
    expect(cdi.stderr).toContain('the lake does not have all values of CDI for these days');
  });

  test('no other rate', async () => {
    const { status, stderr } = await ask('retorno', 'NOVO3', '--contra', 'selic');
    expect(status).toBe(2);
    expect(stderr).toContain('--contra selic: there is no such rate');
  });

  test('needs a ticker, and names one without prices', async () => {
    expect(await ask('retorno')).toMatchObject({ status: 2, stdout: '' });
    const { status, stderr } = await ask('retorno', 'ABCD3');
    expect(status).toBe(1);
    expect(stderr).toContain('ABCD3: no price in the history of the lake');
    const day = await ask('retorno', 'NOVO3', '--from', '2024-01-03');
    expect(day.stderr).toMatch(
      /NOVO3: fewer than two prices on the days asked for; those of the lake are of /,
    );
  });
});

describe('pynvest audit', () => {
  const audit = (...args: string[]) =>
    pynvest(['audit', '--lake', lake, '--format', 'json', ...args]);

  test('names each right without an event, and ends with status 3', async () => {
    const { status, stdout, stderr } = await audit();
    expect(status).toBe(3);
    expect(jsonRows(stdout)).toEqual([
      {
        ...{ codigo_ticker_ativo: 'TUCA4', data: '2024-01-02', codigo: 'right-without-event' },
        detalhe: 'distribution number 1 to 2, no event',
      },
    ]);
    expect(stderr).toContain('2 assets: 2 of 3 days with an adjustment are proved.');
  });

  test('an asset whose numbers are all explained: no row, status 0', async () => {
    expect(await audit('VELH3')).toMatchObject({ status: 0, stdout: '[\n]\n' });
    expect(await audit('TUCA4', '--to', '2023-12-31')).toMatchObject({
      status: 0,
      stdout: '[\n]\n',
    });
    expect((await audit('ABCD3')).status).toBe(1);
  });
});

test('an audit with other successions than those of the stored factors says so, until an import derives them', async () => {
  const [config, own, files] = [await newFolder(), await newFolder(), await newFolder()];
  const env = { XDG_CONFIG_HOME: config };
  const run = (...args: string[]) => pynvest([...args, '--lake', own], { env });
  const file = join(files, 'COTAHIST_A2024.TXT');
  const records = ['20240102', '20240103'].map((day) => formatRecord({ day, distribution: '101' }));
  await writeFile(file, formatCotahist(records));
  expect((await run('import', 'cotahist', file)).status).toBe(0);
  expect(await run('audit')).toMatchObject({ status: 0 });
  await mkdir(join(config, 'pynvest'));
  await writeFile(join(config, 'pynvest', 'successions.csv'), 'TUCA3,\n');
  const changed = await run('audit');
  expect(changed.status).toBe(3);
  expect(changed.stderr).toContain('successions.csv has changed since the last import');
  expect((await run('import', 'cotahist', file)).status).toBe(0);
  const { status, stderr } = await run('audit');
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('changed') });
});

describe('pynvest query sql', () => {
  const sql = async (text: string) => {
    const { status, stdout, stderr } = await pynvest([
      'query',
      'sql',
      text,
      '--lake',
      lake,
      '--format',
      'csv',
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.trim().split('\n').slice(1);
  };

  test('has short names of the tables, with their database and without it', async () => {
    expect(await sql('SELECT count(*) FROM historico')).toEqual(['9']);
    expect(await sql('SELECT count(*) FROM db_pynvest_spec.eventos')).toEqual(['2']);
    expect(
      await sql(
        'SELECT count(*) FROM cotacoes c JOIN acoes a ON a.nome_papel = c.codigo_ticker_ativo',
      ),
    ).toEqual(['0']);
    expect(await sql('SELECT count(*) FROM fiis')).toEqual(['0']);
  });

  test('has the adjusted prices as a view', async () => {
    const text = `SELECT dt_pregao, codigo_ticker_ativo, vlr_fechamento, ajuste_provado
      FROM cotacoes_ajustadas WHERE codigo_ativo = 'NOVO3' ORDER BY dt_pregao`;
    expect(await sql(text)).toEqual([
      '2023-12-27,VELH3,18,true',
      '2023-12-28,VELH3,18,true',
      '2024-01-02,NOVO3,18,true',
      '2024-01-03,NOVO3,18.9,true',
    ]);
  });
});

test('factors that are derived again are the same files', async () => {
  const before = await filesBelow(lake);
  const store = createLocalLake(lake);
  const table = getTable(adjustments, 'spec');
  const [file] = await store.files(table, 2024 as Partition);
  const assets = await computeLakeAdjustments(store, await readMarketHistory(store));
  expect(await storeAdjustments(store, assets)).toEqual({ assets: 2, rows: 3, unproved: 1 });
  expect(await filesBelow(lake)).toEqual(before);
  expect((await store.files(table, 2024 as Partition))[0]?.version).toBe(file?.version);
});
