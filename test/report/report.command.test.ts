/**
 * The report in a browser: that it asks for nothing, says what the queries say, and is for everybody. With
 * PYNVEST_SCREENSHOTS=1 it writes the pictures of `docs/images` anew.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'puppeteer-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { getMeasure } from '../../src/catalog/measure.ts';
import { formatMeasure, formatNumber } from '../../src/presentation/notation.ts';
import { formatReport } from '../../src/report/html.ts';
import { readPageCode } from '../../src/report/page-code.ts';
import { jsonRows, type PrintedRow } from '../support/answers.ts';
import { chromium, evaluateAll, openBrowser, openPage } from '../support/browser.ts';
import { demoAsset } from '../support/demo-assets.ts';
import { newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';
import { createReportLake } from '../support/report-lake.ts';
import { withValues } from '../support/small-market.ts';
import { createSyntheticReport } from '../support/synthetic-report.ts';

const TICKERS = ['TUCA3', 'MANG3', 'BSAB4', 'DEMO11'];
/** Of the sectors of MANG3 and of DEMO11. */
const PEERS = [
  withValues(demoAsset('IPED3'), { Setor: 'Comércio' }),
  withValues(demoAsset('XPTO11'), { Segmento: 'Logística' }),
];
const DAYS = ['--from', '2022-11-21', '--to', '2026-11-19'];

let lake: string;
let path: string;
let browser: Browser;
beforeAll(async () => {
  if (chromium === undefined) return;
  lake = await createReportLake(TICKERS, '2022-11-21', PEERS);
  path = join(await newFolder(), 'report.html');
  const { status, stderr } = await pynvest([
    ...['report', ...TICKERS, ...DAYS, '--lake', lake, '-o', path],
  ]);
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(
      /^Wrote .*report\.html: 4 assets, \d+ KB\. Open it in a browser\.\n$/,
    ),
  });
  browser = await openBrowser();
});

/** What each question about all tickers was answered: tests ask some of them again. */
const answers = new Map<string, Promise<readonly PrintedRow[]>>();

/** The rows of a ticker. */
async function ask(name: string, ticker: string, ...options: string[]): Promise<PrintedRow[]> {
  const words = ['query', name, ...TICKERS, ...options, '--lake', lake, '--format', 'json'];
  const key = words.join(' ');
  const rows = answers.get(key) ?? pynvest(words).then(({ stdout }) => jsonRows(stdout));
  answers.set(key, rows);
  return (await rows).filter((row) => row['codigo_ticker_ativo'] === ticker);
}

const open = (options?: Parameters<typeof openPage>[2]) =>
  openPage(browser, pathToFileURL(path).href, options);

/** Everything that the page says as a number: in which section, of what, exactly, and as text. */
interface ShownNumber {
  readonly section: string;
  readonly of: string;
  readonly value: number;
  readonly text: string;
}

const readNumbers = (page: Page): Promise<ShownNumber[]> =>
  evaluateAll(page, '[data-of]', (elements) =>
    elements.map((element) => ({
      section: element.closest('section')?.id ?? '',
      of: element.getAttribute('data-of') ?? '',
      value: Number(element.getAttribute('data-value')),
      text: element.textContent ?? '',
    })),
  );

/** The rows of a table that the page makes when it is opened. */
async function readTable(page: Page, id: string): Promise<string[][]> {
  await page.$eval(`#${id}`, (details) => details.setAttribute('open', ''));
  await page.waitForSelector(`#${id} tbody tr`);
  return evaluateAll(page, `#${id} tbody tr`, (rows) =>
    rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
  );
}

const toPrintedDay = (day: unknown): string => String(day).split('-').reverse().join('/');

describe.skipIf(chromium === undefined)('the report in a browser', () => {
  test('asks for nothing, and says nothing on the console', async () => {
    const { page, messages, requests } = await open();
    for (const ticker of TICKERS) await readTable(page, `${ticker}-preco-dados`);
    expect(messages).toEqual([]);
    expect(requests).toEqual([pathToFileURL(path).href]);
    await page.waitForFunction(
      `document.querySelectorAll('.plot canvas').length === ${2 * TICKERS.length}`,
    );
    await page.close();
  });

  test('every number is that of the query', async () => {
    const { page } = await open();
    const shown = await readNumbers(page);
    const expected: ShownNumber[] = [];
    const expectNumber = (
      section: string,
      of: string,
      value: unknown,
      measure: string,
      unit = '',
    ): void => {
      if (typeof value !== 'number') return;
      const text = `${unit}${formatMeasure(value, measure as never, 'pt-BR')}`;
      expected.push({ section, of, value, text });
    };
    for (const ticker of TICKERS) {
      const sessions = await ask('historico', ticker, ...DAYS, '--ajuste', 'desdobramentos');
      const closes = sessions.map((row) => Number(row['vlr_fechamento']));
      const year = sessions.flatMap((row, at) =>
        String(row['dt_pregao']) >= '2025-11-20' ? [closes[at] ?? 0] : [],
      );
      expectNumber(ticker, 'historico.fechamento', closes.at(-1), 'price', 'R$ ');
      expectNumber(ticker, 'historico.minima', Math.min(...year), 'price', 'R$ ');
      expectNumber(ticker, 'historico.maxima', Math.max(...year), 'price', 'R$ ');
      const [returns = {}] = await ask('retorno', ticker, ...DAYS, '--contra', 'cdi');
      for (const column of [
        'pct_retorno_total',
        'pct_retorno_anual',
        'pct_cdi',
        'pct_volatilidade_anual',
        'pct_maior_queda',
      ]) {
        expectNumber(ticker, `retorno.${column}`, returns[column], getMeasure(column));
      }
      const [total = {}] = await ask('proventos', ticker, '--total');
      expectNumber(ticker, 'proventos.vlr_proventos', total['vlr_proventos'], 'payment', 'R$ ');
      expectNumber(ticker, 'proventos.pct_yield', total['pct_yield'], 'fraction');
      const events = await ask('proventos', ticker, ...DAYS);
      for (const label of ['2022', '2023', '2024', '2025', '2026']) {
        const own = events.filter((row) => String(row['dt_com']).startsWith(label));
        const amounts = own.flatMap(({ vlr_provento_ajustado: amount }) =>
          typeof amount === 'number' ? [amount] : [],
        );
        const sum = Number(amounts.reduce((all, each) => all + each, 0).toPrecision(12));
        expectNumber(ticker, `proventos.${label}`, sum, 'payment');
      }
      const profile = jsonRows(
        (await pynvest(['show', ticker, '--lake', lake, '--format', 'json'])).stdout,
      );
      for (const { of } of shown.filter(({ section }) => section === ticker)) {
        const [kind, column = ''] = of.split('.');
        const row = profile.find((each) => each['coluna'] === column);
        if (kind === 'indicadores') expectNumber(ticker, of, row?.['valor'], getMeasure(column));
        if (kind !== 'mediana') continue;
        expectNumber(ticker, of, row?.['mediana_setor'], getMeasure(column));
      }
    }
    for (const screen of ['magic', 'graham', 'bazin', 'piotroski', 'renda', 'tijolo']) {
      const { stdout } = await pynvest(['rank', screen, '--lake', lake, '--format', 'json']);
      for (const row of jsonRows(stdout)) {
        if (!TICKERS.includes(String(row['codigo_ticker_ativo']))) continue;
        expectNumber('rankings', `rank.${screen}`, row['posicao'], 'count');
      }
    }
    const sort = (numbers: readonly ShownNumber[]) =>
      numbers.map(({ section, of, value, text }) => `${section} ${of} ${value} ${text}`).sort();
    expect(sort(shown)).toEqual(sort(expected));
    expect(shown.filter(({ of }) => of.startsWith('mediana.')).length).toBeGreaterThan(10);
    // Nothing else in a table is a number without its exact value.
    const others = await evaluateAll(page, 'main td:not([data-value]):not(.text)', (cells) =>
      cells
        .filter((cell) => cell.querySelector('[data-value]') === null)
        .map((cell) => cell.textContent),
    );
    expect(others.filter((text) => /\d/.test(text ?? ''))).toEqual([]);
    await page.close();
  });

  test('the charts show what the queries answer, rounded once', async () => {
    const { page } = await open();
    for (const ticker of TICKERS) {
      const prices = await ask('historico', ticker, ...DAYS, '--ajuste', 'desdobramentos');
      const shown = await readTable(page, `${ticker}-preco-dados`);
      const byDay = new Map(
        prices.map((row) => [toPrintedDay(row['dt_pregao']), Number(row['vlr_fechamento'])]),
      );
      // Each session of two years, and a session of each week of the two before.
      expect(shown.length).toBeGreaterThan(522 + 104);
      expect(shown.length).toBeLessThan(522 + 104 + 8);
      expect(shown[0]?.[0]).toBe('19/11/2026');
      expect(shown.at(-1)?.[0]).toBe('21/11/2022');
      expect(shown).toEqual(
        shown.map(([day = '']) => [day, formatNumber(byDay.get(day) ?? Number.NaN, 'pt-BR')]),
      );
      const total = await ask('historico', ticker, ...DAYS);
      const [first] = total;
      const indexed = new Map(
        total.map((row, at) => [
          toPrintedDay(row['dt_pregao']),
          [
            (Number(row['vlr_fechamento']) / Number(first?.['vlr_fechamento'])) * 100,
            100 * 1.00042 ** at,
          ],
        ]),
      );
      const returns = await readTable(page, `${ticker}-retorno-dados`);
      expect(returns).toEqual(
        shown.map(([day = '']) => [
          day,
          ...(indexed.get(day) ?? []).map((each) => formatNumber(each, 'pt-BR')),
        ]),
      );
      const ledger = await ask('proventos', ticker, ...DAYS);
      expect(await readTable(page, `${ticker}-eventos`)).toEqual(
        ledger
          .map((row) => {
            const amount = row['vlr_provento_ajustado'] ?? row['vlr_multiplicador'];
            const name =
              row['vlr_multiplicador'] === null ? row['tipo_evento'] : `${row['tipo_evento']} ×`;
            return [toPrintedDay(row['dt_com']), name, formatNumber(Number(amount), 'pt-BR', 2, 8)];
          })
          .reverse(),
      );
    }
    await page.close();
  });

  test.each([
    ['light', { width: 800 }],
    ['dark', { width: 800, isDark: true }],
    ['narrow', { width: 360 }],
  ])('is for everybody: %s', async (name, options) => {
    const { page, messages } = await open(options);
    await page.waitForSelector('#DEMO11-retorno canvas');
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(options.width);
    if (process.env['PYNVEST_SCREENSHOTS']) await writeScreenshot(page, name);
    // Of hundreds of rows alike, axe would read each: one table of events, which are few, stands for all that open.
    await readTable(page, 'TUCA3-eventos');
    const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
    await page.evaluate(await readFile(axe, 'utf8'));
    const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
    const found = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    expect(found).toEqual([]);
    expect(messages).toEqual([]);
    await page.close();
  });

  test('where a figure comes from appears with the focus and with the pointer', async () => {
    const { page } = await open();
    const figure = '[data-of="retorno.pct_retorno_total"]';
    const readTip = () =>
      page.$eval('#tip', (tip) => [tip.hasAttribute('hidden'), tip.textContent]);
    expect((await readTip())[0]).toBe(true);
    await page.focus(figure);
    expect(await readTip()).toEqual([
      false,
      'B3, cotações históricas, 21/11/2022 a 19/11/2026; proventos reinvestidos; ajustes provados pelo número de distribuição da B3',
    ]);
    await page.keyboard.press('Escape');
    expect((await readTip())[0]).toBe(true);
    await page.hover('#MANG3 [data-of="retorno.pct_retorno_total"]');
    expect((await readTip())[1]).toContain(
      'há ajuste que o número de distribuição da B3 não prova',
    );
    const described = await evaluateAll(page, '[data-of]', (all) =>
      all.every((each) => {
        const id = each.getAttribute('aria-describedby') ?? '';
        return each.ownerDocument.getElementById(id) !== null;
      }),
    );
    expect(described).toBe(true);
    await page.close();
  });

  test('the keys of a keyboard move along a chart, and say its values', async () => {
    const { page } = await open();
    const [row] = await readTable(page, 'TUCA3-preco-dados');
    const read = () => page.$eval('#TUCA3-preco .readout', (output) => output.textContent);
    await page.waitForSelector('#TUCA3-preco canvas');
    expect(await read()).toBe(`19/11/2026 · Fechamento R$ ${row?.[1]}`);
    await page.focus('#TUCA3-preco .plot');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await read()).toMatch(/^17\/11\/2026 · Fechamento R\$ [\d,]+$/);
    await page.keyboard.press('Home');
    expect(await read()).toMatch(/^21\/11\/2022 · /);
    await page.close();
  });

  test('prints on white, without what only a screen needs', async () => {
    const { page } = await open({ width: 1000, isDark: true });
    await page.emulateMediaType('print');
    const styles = await page.evaluate(
      `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('nav')).display]`,
    );
    expect(styles).toEqual(['rgb(255, 255, 255)', 'none']);
    await page.close();
  });

  test('names that are code stay names', async () => {
    const name = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'"&`;
    const hostile = createSyntheticReport({ assets: 2, years: 1, name });
    const file = join(await newFolder(), 'hostile.html');
    await writeFile(file, formatReport(hostile, await readPageCode()));
    const { page, messages, requests } = await openPage(browser, pathToFileURL(file).href);
    await readTable(page, `${hostile.assets[0]?.ticker}-eventos`);
    expect(messages).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(
      await evaluateAll(page, 'script, img', (all) => all.map(({ tagName }) => tagName)),
    ).toEqual(['SCRIPT', 'SCRIPT']);
    expect(await page.$eval('h2 small', (each) => each.textContent)).toBe(name);
    await page.close();
  });
});

async function writeScreenshot(page: Page, name: string): Promise<void> {
  const folder = join(import.meta.dirname, '..', '..', 'docs', 'images');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `report-${name}.png`) as `${string}.png`;
  await page.screenshot({
    path: file,
    clip: { x: 0, y: 0, width: page.viewport()?.width ?? 0, height: 900 },
  });
}

test('ten assets over ten years are less than 300 KB', async () => {
  const code = await readPageCode();
  const page = formatReport(createSyntheticReport({ assets: 10, years: 10 }), code);
  expect(Buffer.byteLength(page)).toBeLessThan(300_000);
});
