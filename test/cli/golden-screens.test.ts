/**
 * What people see, on screens of 60, 80 and 120 columns, in colour and without, kept in `test/golden/screens`. A change
 * that is meant is written by `npx vitest run test/cli/golden-screens.test.ts -u`; look at the difference. Those of the
 * commands of AWS are in `golden-screens.aws.test.ts`, and `golden-screens.command.test.ts` shows some on a
 * pseudo-terminal.
 */
import { cp } from 'node:fs/promises';
import { afterAll, beforeAll, test, vi } from 'vitest';
import { demoAsset } from '../support/demo-assets.ts';
import { eventSources, serveEventSources } from '../support/event-sources.ts';
import { newFolder } from '../support/folders.ts';
import { createGoldenLake, goldenTickers, writeGoldenFiles } from '../support/golden-lake.ts';
import { expectGoldenScreens } from '../support/golden-screens.ts';
import { pynvest } from '../support/in-process.ts';
import { normalizeScreen, showScreen } from '../support/screen.ts';
import { startTestSite, type TestSite } from '../support/site.ts';

let lake: string;
let site: TestSite;
let settings: string;
let files: string;

beforeAll(async () => {
  files = await writeGoldenFiles();
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
  // Into a lake of the environment: a message that names its place would break as that is long.
  ['backfill', 'backfill', '--from', '2023-12-20', '--to', '2024-01-03'],
  ['import-cotahist', 'import', 'cotahist', 'FILES'],
  ['import-eventos', 'import', 'eventos'],
  ['import-eventos-plan', 'import', 'eventos', '--plan'],
  ['demo', 'demo', '--lake', 'NEW'],
];

async function show(words: readonly string[], columns: number, env = {}): Promise<string> {
  const folder = await newFolder();
  if (words.includes('backfill')) await cp(lake, `${folder}/lake`, { recursive: true });
  const named = { LAKE: lake, NEW: `${folder}/lake`, FILES: files };
  const events = words.includes('eventos') ? await serveEventSources(eventSources) : undefined;
  const { stdout, stderr } = await pynvest(
    words.map((word) => Object.entries(named).find(([name]) => name === word)?.[1] ?? word),
    {
      columns,
      env: {
        ...{ LANG: 'pt_BR.UTF-8', LC_ALL: '', LC_CTYPE: '' },
        ...{ PYNVEST_FUNDAMENTUS_URL: site.url, XDG_CONFIG_HOME: settings },
        PYNVEST_LAKE: `${folder}/lake`,
        ...events?.env,
        ...env,
      },
    },
  );
  return normalizeScreen(`${stdout}${showScreen(stderr)}`, {
    ...{ '/lake': lake, SITE: site.url, '/new/lake': `${folder}/lake`, '/files': files },
  });
}

test.each(SCREENS)('%s', (name, ...words) =>
  expectGoldenScreens(name, (columns, env) => show(words, columns, env), {
    ...(name === 'demo' && { withoutColours: [] }),
  }),
);
