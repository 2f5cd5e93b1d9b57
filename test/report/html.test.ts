/** The page of a report as text; a browser reads it in `report.command.test.ts`. */
import { describe, expect, test } from 'vitest';
import { reasons } from '../../src/analysis/reasons.ts';
import { formatReport } from '../../src/report/html.ts';
import type { Report } from '../../src/report/read-report.ts';
import { createSyntheticReport } from '../support/synthetic-report.ts';

const CODE = { script: 'run()', styles: 'body{}' };

test('the page allows its own script and styles, and nothing else', () => {
  const page = formatReport(createSyntheticReport({ assets: 1, years: 1 }), CODE);
  const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
  expect(policy.replaceAll('&#39;', "'").split('; ')).toEqual([
    "default-src 'none'",
    expect.stringMatching(/^script-src 'sha256-[\w+/]{43}='$/),
    expect.stringMatching(/^style-src 'sha256-[\w+/]{43}='$/),
    ...['img-src data:', "base-uri 'none'", "form-action 'none'"],
  ]);
  // No attribute of style, which the policy refuses, and no address of another place.
  expect(page).not.toMatch(/ style=| (?:src|srcset|action)=|https?:/);
});

test('the day on which it was made is that of São Paulo', () => {
  const report = createSyntheticReport({ assets: 1, years: 1 });
  const page = formatReport({ ...report, madeAt: '2026-11-20T01:34:00.000Z' }, CODE);
  expect(page).toContain('>19/11/2026</time>');
});

describe('text of the lake', () => {
  const name = `</script><b onclick="x">'&\u202e`;

  test('ends no element, wherever it stands, and is shown as it is', () => {
    const page = formatReport(createSyntheticReport({ assets: 2, years: 1, name }), CODE);
    const escaped = '&lt;/script&gt;&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;\\u202e';
    expect(page).toContain(`<small>${escaped}</small>`);
    // In an attribute, too.
    expect(page.split(escaped).length).toBeGreaterThan(4);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(page).not.toContain('<b onclick');
  });
});

test('payments without an amount for one unit of today are counted, not added', () => {
  const report = createSyntheticReport({ assets: 1, years: 1 });
  const assets = report.assets.map(({ income, ...asset }) => ({
    ...asset,
    income: income && {
      ...income,
      events: income.events.map((event, at) =>
        at < 2 ? { ...event, adjustedAmount: undefined } : event,
      ),
    },
  }));
  const page = formatReport({ ...report, assets } satisfies Report, CODE);
  expect(page).toContain('<p class="note">2 proventos ficam fora das somas, até ');
  expect(formatReport(report, CODE)).not.toContain('fora das somas');
});

test('a whole number is an indicator, too', () => {
  const report = createSyntheticReport({ assets: 1, years: 1 });
  const item = { column: 'vol_med_neg_2m', label: 'Vol $ méd (2m)', median: null, peers: 0 };
  const assets = report.assets.map((asset) => ({
    ...asset,
    profile: asset.profile && {
      ...asset.profile,
      sections: [{ title: 'Cotação', items: [{ ...item, value: 6_304_180n }] }],
    },
  }));
  expect(formatReport({ ...report, assets } satisfies Report, CODE)).toContain(
    'data-of="indicadores.vol_med_neg_2m" data-value="6304180"',
  );
});

test('a year that is not covered in full says its days', () => {
  const report = createSyntheticReport({ assets: 1, years: 1 });
  const years = [
    { label: '2016', values: [1], since: '2016-11-29' },
    { label: '2017', values: [2] },
    { label: '2018', values: [3], since: '2018-01-02', until: '2018-11-27' },
  ];
  const assets = report.assets.map(({ income, ...asset }) => ({
    ...asset,
    income: income && { ...income, years },
  }));
  const page = formatReport({ ...report, assets } satisfies Report, CODE);
  expect(
    [...page.matchAll(/<th scope="row">(20[^<]*)<.*?data-of="([^"]*)"/g)].map((found) =>
      found.slice(1),
    ),
  ).toEqual([
    ['2016 (desde 29/11)', 'proventos.2016'],
    ['2017', 'proventos.2017'],
    ['2018 (desde 02/01 até 27/11)', 'proventos.2018'],
  ]);
  expect(page).toContain('de um ano com «desde» ou «até» contam só esses dias');
  expect(formatReport(report, CODE)).not.toContain('«desde»');
});

test('why an asset has no position, and how the others have one, is in Portuguese', () => {
  const report = createSyntheticReport({ assets: 1, years: 1 });
  const [asset] = report.assets;
  const rankings = report.rankings.map((ranking) => ({
    ...ranking,
    positions: new Map(),
    reasons: new Map(asset && [[asset.ticker, reasons.financial]]),
  }));
  const page = formatReport({ ...report, rankings } satisfies Report, CODE);
  expect(page).toContain(': empresa financeira ou de serviços públicos</li>');
  expect(page).toContain('posição por EV/EBIT (o menor primeiro)');
  expect(page).not.toMatch(/ lang="en"|financial|lowest|highest/);
});

test('a year whose sum is not known has no number', () => {
  const report = createSyntheticReport({ assets: 1, years: 1 });
  const assets = report.assets.map(({ income, ...asset }) => ({
    ...asset,
    income: income && { ...income, years: [{ label: '2021', values: [undefined] }] },
  }));
  const page = formatReport({ ...report, assets } satisfies Report, CODE);
  expect(page).toContain('<th scope="row">2021</th><td></td><td>não conhecido</td>');
});

test('a sum that is not proved says so where it comes from, and so does its year', () => {
  const report = createSyntheticReport({ assets: 1, years: 1 });
  const assets = report.assets.map(({ income, ...asset }) => ({
    ...asset,
    income: income && {
      ...income,
      lastYear: { ...income.lastYear, isProved: false },
      unprovedYears: new Set(income.years.slice(-1).map(({ label }) => label)),
    },
  }));
  const unproved = 'o número de distribuição da B3 não prova todos, ou mostra direito sem evento';
  expect(formatReport({ ...report, assets } satisfies Report, CODE).split(unproved)).toHaveLength(
    // The sum, its yield, and the year.
    1 + 3,
  );
  const page = formatReport(report, CODE);
  expect(page).not.toContain(unproved);
  expect(page).toContain('sem amortização; provados pelo número de distribuição da B3');
});

test('over a change of currency there is no return, and the page says why', () => {
  const report = createSyntheticReport({ assets: 1, years: 1 });
  const assets = report.assets.map((asset) => ({
    ...asset,
    returns: undefined,
    currencyChange: { from: 'CR$', to: 'R$', day: '1994-07-01' },
  }));
  expect(formatReport({ ...report, assets } satisfies Report, CODE)).toContain(
    'Sem retorno: os preços são em CR$ antes de 01/07/1994, e depois em R$. Com <code>--from 1994-07-01</code>',
  );
});

test('a line that has one session a week before its last years says so below it', () => {
  const pageOf = (years: number): string =>
    formatReport(createSyntheticReport({ assets: 1, years }), CODE);
  const note = 'Todos os pregões desde 19/11/2024; antes, um por semana.';
  // Of the prices and of the return.
  expect(pageOf(5).split(note)).toHaveLength(1 + 2);
  expect(pageOf(2)).not.toContain('um por semana');
});
