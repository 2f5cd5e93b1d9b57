/**
 * What people see, on screens of 60, 80 and 120 columns, in colour and without, kept in `test/golden/screens`. A change that is
 * meant is written by `npx vitest run test/cli/golden-screens.test.ts -u`; look at the difference.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { demoAsset } from '../support/demo-assets.ts';
import { newFolder } from '../support/folders.ts';
import { createGoldenLake, goldenTickers } from '../support/golden-lake.ts';
import { pynvest } from '../support/in-process.ts';
import { startTestSite, type TestSite } from '../support/site.ts';

const WIDTHS = [60, 80, 120];

let lake: string;
let site: TestSite;
let settings: string;

beforeAll(async () => {
  lake = await createGoldenLake();
  site = await startTestSite(goldenTickers.map(demoAsset));
  settings = await newFolder();
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-19T23:00:00Z') });
});

afterAll(async () => {
  vi.useRealTimers();
  await site.close();
});

const SQL = `SELECT papel.nome_papel, papel.vlr_cot, vlr_cot / 3 AS terco, 1234567 AS grande, pct_var_dia,
  vlr_mercado, dt_ult_cot, anomesdia_exec, vlr_cot > 20 AS caro FROM acoes papel ORDER BY 1, 8`;

/** Each with the words of the command; LAKE is the golden one. */
const SCREENS: readonly (readonly [name: string, ...words: string[]])[] = [
  ['cotacoes', 'query', 'cotacoes', '--lake', 'LAKE'],
  ['cotacoes-one', 'query', 'cotacoes', 'TUCA3', '--lake', 'LAKE'],
  ['cotacoes-names', 'query', 'cotacoes', 'TUCA3', '--names', '--locale', 'en', '--lake', 'LAKE'],
  ['cotacoes-columns', 'query', 'cotacoes', '--columns', 'vlr_cot,pct_var_dia', '--lake', 'LAKE'],
  ['indicadores-stock', 'query', 'indicadores', 'MANG3', '--lake', 'LAKE'],
  ['indicadores-fund', 'query', 'indicadores', 'DEMO11', '--lake', 'LAKE'],
  ['indicadores-both', 'query', 'indicadores', 'BSAB4', 'DEMO11', '--lake', 'LAKE'],
  ['indicadores-days', 'query', 'indicadores', '--last', '3', '--lake', 'LAKE'],
  ['historico', 'query', 'historico', 'NOVO3', '--lake', 'LAKE'],
  ['proventos', 'query', 'proventos', 'NOVO3', '--lake', 'LAKE'],
  ['proventos-total', 'query', 'proventos', 'NOVO3', '--total', '--lake', 'LAKE'],
  ['retorno', 'query', 'retorno', 'NOVO3', 'TUCA4', '--lake', 'LAKE'],
  ['rank-magic', 'rank', 'magic', '--lake', 'LAKE'],
  ['rank-by', 'rank', '--by', 'dy:desc', '--lake', 'LAKE'],
  ['sql', 'query', 'sql', SQL, '--lake', 'LAKE'],
  ['sql-empty', 'query', 'sql', 'SELECT fii FROM fiis WHERE vlr_cot < 0', '--lake', 'LAKE'],
  ['show-stock', 'show', 'TUCA3', '--lake', 'LAKE'],
  ['show-fund', 'show', 'DEMO11', '--lake', 'LAKE'],
  ['rank', 'rank', 'graham', '--lake', 'LAKE'],
  ['rank-sum', 'rank', '--by', 'dy+p/vp:asc', '--lake', 'LAKE'],
  ['rank-list', 'rank', '--list'],
  ['audit', 'audit', '--lake', 'LAKE'],
  ['columns', 'columns', 'cotacoes'],
  ['tickers', 'tickers'],
  ['scrape', 'scrape', 'DEMO11', '--columns', 'vlr_cot,vlr_div_yield,segmento,dt_ult_cot'],
  ['dedup', 'dedup', 'now', '--date', '2026-11-18', '--lake', 'LAKE'],
  ['run', 'run', '--tickers', 'TUCA3', '--quiet', '--lake', 'NEW'],
  ['status', 'status', '--no-site', '--lake', 'LAKE'],
  ['status-list', 'status', '--list'],
  ['doctor', 'doctor', '--no-site', '--lake', 'LAKE'],
  ['watch', 'watch', 'list'],
];

/** What a spinner writes: it moves the cursor, which no table does. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is found
const CURSOR = /\u001b\[(?:\?25[lh]|\d*[AGKJ])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is found
const COLOUR = /\u001b\[\d+m/g;

async function show(words: readonly string[], columns: number, env = {}): Promise<string> {
  const { stdout, stderr } = await pynvest(
    words.map((word) => word.replace('LAKE', lake).replace(/^NEW$/, `${settings}/lake`)),
    {
      columns,
      env: {
        ...{ LANG: 'pt_BR.UTF-8', LC_ALL: '', LC_CTYPE: '' },
        ...{ PYNVEST_FUNDAMENTUS_URL: site.url, XDG_CONFIG_HOME: settings, ...env },
      },
    },
  );
  const said = CURSOR.test(stderr) ? '' : stderr;
  // The size of files depends on the codec.
  return `${stdout}${said}`
    .replace(/\d+ kB/, 'SIZE')
    .replaceAll(lake, '/lake')
    .replaceAll(site.url, 'SITE');
}

test.each(SCREENS)('%s', async (name, ...words) => {
  const [plain, coloured]: [string[], string[]] = [[], []];
  for (const width of WIDTHS) {
    const heading = `${`${width} columns `.padEnd(width, '=')}\n`;
    const shown = await show(words, width);
    const text = shown.replaceAll(COLOUR, '');
    coloured.push(heading + shown);
    plain.push(heading + text);
    for (const line of text.split('\n')) {
      // A command to copy stays on one line, and a path is one word.
      if (!/^ {2}|\/lake|--/.test(line)) expect(line.length, line).toBeLessThanOrEqual(width);
    }
    if (width === 80) expect(await show(words, width, { NO_COLOR: '1' })).toBe(text);
  }
  await expect(plain.join('\n')).toMatchFileSnapshot(`../golden/screens/${name}.txt`);
  await expect(coloured.join('\n')).toMatchFileSnapshot(`../golden/screens/${name}.colour.txt`);
});
