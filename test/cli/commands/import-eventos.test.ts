import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jsonRows } from '../../support/answers.ts';
import { formatCotahist, formatRecord } from '../../support/cotahist.ts';
import {
  eventSources as market,
  serveEventSources as serveMarket,
} from '../../support/event-sources.ts';
import { contentsBelow, newFolder } from '../../support/folders.ts';
import { pageOf } from '../../support/handmade-page.ts';
import { pynvest } from '../../support/in-process.ts';
import { serve } from '../../support/raw-server.ts';

const newLake = async (): Promise<string> => join(await newFolder(), 'lake');

const HEADING = 'table,read,skipped,added,vanished,failed\n';

async function ledgerOf(lake: string) {
  const { stdout, stderr } = await pynvest([
    ...['query', 'sql', '--lake', lake, '--format', 'json'],
    `SELECT codigo_ticker_ativo t, codigo_evento e, dt_pagamento d, vlr_provento v,
       vlr_multiplicador m, fontes f, situacao s
     FROM tbsot_eventos_corporativos ORDER BY 1, 2`,
  ]);
  expect(stderr).not.toContain('error');
  return jsonRows(stdout).map(({ t, e, d, v, m, f, s }) => [t, e, d, v ?? m, f, s]);
}

const LEDGER = [
  ['ONCA11', '20240328 RENDIMENTO 1', '2024-04-12', 0.8, 'fundamentus', 'vigente'],
  ['TUCA3', '20231220 JRS CAP PROPRIO 1', '2024-01-10', 0.25, 'fundamentus', 'vigente'],
  ['TUCA3', '20240315 DIVIDENDO 1', '2024-03-30', 0.13346789, 'b3,fundamentus', 'vigente'],
  ['TUCA3', '20240502 DESDOBRAMENTO 1', null, 2, 'b3', 'vigente'],
  ['TUCA4', '20240315 DIVIDENDO 1', '2024-03-30', 0.146814679, 'b3', 'vigente'],
];

describe('pynvest import eventos', () => {
  test('brings the events of all listed assets from both sources into one ledger', async () => {
    const { env, asked } = await serveMarket(market);
    const lake = await newLake();
    const { status, stdout, stderr } = await pynvest(['import', 'eventos', '--lake', lake], {
      env,
    });
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${HEADING}tbsor_fundamentus_proventos,3,0,3,0,0\ntbsor_b3_eventos,3,0,3,0,0\n`,
    });
    expect(stderr).toContain('Adjustments: 5 events');
    expect(asked.toSorted()).toEqual([
      ...['/fii_proventos.php?ONCA11', '/fii_resultado.php?', '/proventos.php?CAPU4'],
      ...['/proventos.php?TUCA3', '/resultado.php?', 'CAPU', 'ONCA', 'TUCA'],
    ]);
    expect(await ledgerOf(lake)).toEqual(LEDGER);
  });

  test('keeps what is printed, word for word', async () => {
    const { env } = await serveMarket(market);
    const lake = await newLake();
    await pynvest(['import', 'eventos', '--lake', lake], { env });
    const { stdout } = await pynvest([
      ...['query', 'sql', '--lake', lake, '--format', 'csv'],
      'SELECT dt_com, vlr_provento, dt_pagamento, qtd_unidades FROM tbsor_fundamentus_proventos ORDER BY 1',
    ]);
    expect(stdout).toContain('15/03/2024,"0,1335",-,1\n20/12/2023,"250,0000",10/01/2024,1000\n');
  });

  test('asked again changes no byte, and asks only for what it is told to', async () => {
    const { env, asked } = await serveMarket(market);
    const lake = await newLake();
    const args = ['import', 'eventos', '--lake', lake];
    await pynvest(args, { env });
    const before = await contentsBelow(lake);
    asked.length = 0;
    const skipped = await pynvest(args, { env });
    expect(skipped.stdout).toBe(
      `${HEADING}tbsor_fundamentus_proventos,0,3,0,0,0\ntbsor_b3_eventos,0,3,0,0,0\n`,
    );
    expect(asked.toSorted()).toEqual(['/fii_resultado.php?', '/resultado.php?']);
    await pynvest([...args, '--again'], { env });
    await pynvest([...args, '--ticker', 'TUCA3'], { env });
    expect(asked).toHaveLength(2 + 8 + 2);
    const parquet = (contents: object) =>
      Object.entries(contents).filter(([name]) => name.endsWith('.parquet'));
    expect(parquet(await contentsBelow(lake))).toEqual(parquet(before));
  });

  test('keeps and marks what a source no longer shows, of the assets that were asked for', async () => {
    const lake = await newLake();
    const { env } = await serveMarket(market);
    await pynvest(['import', 'eventos', '--lake', lake], { env });
    const [, ...stocks] = market.stocks['TUCA3'] ?? [];
    const later = await serveMarket({ stocks: { TUCA3: stocks }, funds: {}, cash: {}, splits: {} });
    const args = ['import', 'eventos', 'TUCA3', '--lake', lake];
    const { stdout } = await pynvest(args, { env: later.env });
    expect(stdout).toBe(
      `${HEADING}tbsor_fundamentus_proventos,1,0,0,1,0\ntbsor_b3_eventos,1,0,0,0,0\n`,
    );
    // B3 no longer knows the issuer, which says nothing about its events.
    const marked = LEDGER.map((row) =>
      row[1] === '20240315 DIVIDENDO 1' && row[0] === 'TUCA3' ? row.with(4, 'b3') : row,
    );
    expect(await ledgerOf(lake)).toEqual(marked);
    const none = await serveMarket({
      ...{ stocks: { TUCA3: [] }, funds: {} },
      ...{ cash: { TUCA: [] }, splits: { TUCA: [] } },
    });
    await pynvest(args, { env: none.env });
    const states = (await ledgerOf(lake)).map((row) => row[5]);
    expect(states).toEqual(['vigente', 'ausente', 'ausente', 'ausente', 'ausente']);
    await pynvest(args, { env });
    expect(await ledgerOf(lake)).toEqual(LEDGER);
  });

  test('in parts is the same as at once, in any order', async () => {
    const { env } = await serveMarket(market);
    const [whole, parts] = [await newLake(), await newLake()];
    const at = (lake: string, ...args: string[]) =>
      pynvest(['import', 'eventos', '--lake', lake, ...args], { env });
    await at(whole);
    for (const ticker of ['ONCA11', 'TUCA3', 'CAPU4']) await at(parts, '--ticker', ticker);
    const ledger = async (lake: string) =>
      Object.entries(await contentsBelow(lake)).filter(([name]) => name.startsWith('sot/'));
    expect(await ledger(parts)).toEqual(await ledger(whole));
  });

  test('lets a ticker fail alone, and asks for it again the next time', async () => {
    const lake = await newLake();
    const args = ['import', 'eventos', '--lake', lake];
    const broken = await serveMarket(market, (key) =>
      /TUCA3|ONCA$/.test(key) ? { status: 503 } : undefined,
    );
    const { status, stdout, stderr } = await pynvest(args, { env: broken.env });
    expect({ status, stdout }).toEqual({
      status: 3,
      stdout: `${HEADING}tbsor_fundamentus_proventos,2,0,1,0,1\ntbsor_b3_eventos,2,0,3,0,1\n`,
    });
    expect(stderr).toContain('TUCA3: the site answered with status 503');
    const { env, asked } = await serveMarket(market);
    expect((await pynvest(args, { env })).status).toBe(0);
    expect(asked.filter((key) => !key.includes('resultado')).sort()).toEqual([
      '/proventos.php?TUCA3',
      'ONCA',
    ]);
    expect(await ledgerOf(lake)).toEqual(LEDGER);
  });

  test('asks a source no more that refuses everything', async () => {
    const tickers = Array.from(
      { length: 40 },
      (_, at) => `A${String.fromCharCode(65 + (at % 26))}${at < 26 ? 'A' : 'B'}A3`,
    );
    const sources = { ...market, stocks: Object.fromEntries(tickers.map((each) => [each, []])) };
    const { env, asked } = await serveMarket(sources, (key) =>
      key.startsWith('/proventos') ? { status: 403 } : undefined,
    );
    const args = ['import', 'eventos', '--lake', await newLake()];
    const { status, stderr } = await pynvest(args, { env: { ...env, PYNVEST_RETRIES: '0' } });
    expect(status).toBe(3);
    expect(asked.filter((key) => key.startsWith('/proventos')).length).toBeLessThan(30);
    expect(stderr).toContain('41 failed in all');
  });

  test('of a ticker that neither source knows fails', async () => {
    const { env } = await serveMarket(market);
    const nothing = await serve((request, response) => {
      response.end(
        request.url?.includes('papel') ? pageOf('<h1>Nenhum papel encontrado</h1>') : '[]',
      );
    });
    const args = ['import', 'eventos', 'XPTO3', '--lake', await newLake()];
    const { status, stderr } = await pynvest(args, {
      env: { ...env, PYNVEST_FUNDAMENTUS_URL: nothing, PYNVEST_B3_URL: nothing },
    });
    expect(status).toBe(1);
    expect(stderr).toContain('XPTO3: neither the site nor B3 (as XPTO) knows it');
  });

  test('--plan says what would be asked for, and writes nothing', async () => {
    const { env, asked } = await serveMarket(market);
    const lake = await newLake();
    const { status, stdout, stderr } = await pynvest(
      ['import', 'eventos', '--plan', '--lake', lake],
      { env },
    );
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout:
        'source,requests,estimated_bytes,estimated_rows,estimated_files\n' +
        'proventos,3,18000,120,25\neventosB3,3,30000,120,25\n',
    });
    expect(stderr).toContain(
      '3 tickers of 3 issuers: 6 requests, about 1s. Estimates: 48 kB to read, 240 rows in 50 files',
    );
    expect(asked).toHaveLength(2);
    expect(await contentsBelow(lake)).toEqual({});
    await pynvest(['import', 'eventos', '--lake', lake], { env });
    const rest = await pynvest(['import', 'eventos', '--plan', '--lake', lake], { env });
    expect(rest.stdout).toContain('proventos,0,0,0,0\neventosB3,0,0,0,0\n');
    expect(rest.stderr).toContain('6 keys read before: --again asks for them');
  });

  test('names a ticker that does not exist, and one that was probably meant', async () => {
    const { env } = await serveMarket({ ...market, stocks: { ...market.stocks, TUAC3: [] } });
    const lake = await newLake();
    // The site shows an empty table for any ticker; this listing does not have it.
    const typo = await pynvest(['import', 'eventos', 'UTCA3', 'TUCA3', '--lake', lake], { env });
    expect(typo.status).toBe(3);
    expect(typo.stderr).toContain(
      'UTCA3: the site shows no dividend of it and does not list it, and the lake has no price of it. Did you mean TUCA3?',
    );
    const listed = await pynvest(['import', 'eventos', 'CAPU4', '--lake', lake], { env });
    expect(listed).toMatchObject({ status: 0, stderr: expect.not.stringContaining('warning') });
  });

  test('stops asking a source that cannot be reached, and says what to check', async () => {
    const { env } = await serveMarket(market);
    const tickers = Array.from({ length: 20 }, (_, at) => `A${String.fromCharCode(65 + at)}AA3`);
    const { status, stdout, stderr } = await pynvest(
      ['import', 'eventos', '--ticker', tickers.join(), '--lake', await newLake()],
      {
        env: {
          ...env,
          ...{ PYNVEST_B3_URL: 'http://127.0.0.1:1', PYNVEST_RETRIES: '0' },
          PYNVEST_CONCURRENCY: '1',
        },
      },
    );
    expect({ status, stdout }).toEqual({ status: 3, stdout: expect.stringContaining(',20\n') });
    expect(stderr.match(/cannot reach http:\/\/127.0.0.1:1 /g)).toHaveLength(3);
    expect(stderr).toContain('not asked: the source could not be reached');
    expect(stderr.match(/Check the network connection, and PYNVEST_B3_URL/g)).toHaveLength(1);
  });

  test('asks also for the old tickers of the history, and adjusts its prices', async () => {
    const { env, asked } = await serveMarket(market);
    const lake = await newLake();
    const folder = await newFolder();
    const record = (day: string, ticker: string, close: number, number: string, isin: string) =>
      formatRecord({ day, ticker, close, isin, distribution: number });
    const records = [
      record('20240314', 'VELH3', 1000, '105', 'BRVELHACNOR1'),
      record('20240502', 'TUCA3', 1000, '105', 'BRTUCAACNOR1'),
      record('20240503', 'TUCA3', 500, '106', 'BRTUCAACNOR1'),
    ];
    await writeFile(join(folder, 'COTAHIST_A2024.TXT'), formatCotahist(records));
    await pynvest(['import', 'cotahist', folder, '--lake', lake]);
    await pynvest(['import', 'eventos', '--lake', lake], { env });
    expect(asked).toEqual(expect.arrayContaining(['/proventos.php?VELH3', 'VELH']));
    const { stdout } = await pynvest([
      'query',
      'historico',
      'TUCA3',
      '--lake',
      lake,
      '--format',
      'csv',
    ]);
    expect(stdout).toMatch(/2024-05-02,TUCA3,.*,true\n2024-05-03,TUCA3,/);
    expect(stdout).toContain('2024-05-02,TUCA3,');
    const { stdout: factors } = await pynvest([
      ...['query', 'sql', '--lake', lake, '--format', 'csv'],
      'SELECT codigo_ticker_ativo, dt_pregao, fator_desdobramento, provado FROM tbspec_fatores_ajuste',
    ]);
    expect(factors).toContain('TUCA3,2024-05-03,0.5,true\n');
  });

  test('says where a file of the lake is damaged, and keeps what it has read', async () => {
    const { env } = await serveMarket(market);
    const lake = await newLake();
    await pynvest(['import', 'eventos', '--lake', lake], { env });
    const path = join(lake, 'sot/tbsot_eventos_corporativos/ano=2024/dedup.parquet');
    await writeFile(path, 'PAR1');
    const broken = await pynvest(['import', 'eventos', 'TUCA3', '--lake', lake], { env });
    expect(broken.status).toBe(3);
    expect(broken.stderr).toContain('no adjustment was derived');
    await rm(path);
    await pynvest(['import', 'eventos', '--lake', lake], { env });
    expect(await ledgerOf(lake)).toEqual(LEDGER);
  });
});
