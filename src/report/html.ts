/**
 * A report as one HTML file that asks nothing of any network: text, tables and the data of its charts, with the page's
 * own script and styles inside it. Names and texts of the lake are escaped wherever they stand.
 */
import { createHash } from 'node:crypto';
import { formatIsoDate, getPartition } from '../catalog/partition.ts';
import { formatDay } from '../presentation/notation.ts';
import { formatAsset } from './asset-section.ts';
import { createPageData } from './chart-data.ts';
import type { PageCode } from './page-code.ts';
import { DATA_ID, type PageData } from './page-data.ts';
import { formatRankings } from './rankings-section.ts';
import type { Report } from './read-report.ts';
import { escapeHtml, LOCALE } from './sourced-values.ts';

/** The page with its code. */
export function formatReport(report: Report, { script, styles }: PageCode): string {
  const hash = (text: string): string =>
    `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(styles)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const tickers = report.assets.map(({ ticker }) => ticker).join(', ');
  return [
    '<!doctype html>',
    '<html lang="pt-BR">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="generator" content="pynvest">',
    // Without it, a browser asks a server for one.
    '<link rel="icon" href="data:,">',
    `<title>${escapeHtml(tickers)} – relatório</title>`,
    `<style>${styles}</style>`,
    '</head>',
    '<body>',
    formatHead(report),
    '<main id="ativos">',
    ...report.assets.map(formatAsset),
    formatRankings(report),
    '</main>',
    formatFoot(),
    `<script type="application/json" id="${DATA_ID}">${formatJson(createPageData(report))}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** JSON inside a script element: nothing in it ends the element. */
function formatJson(data: PageData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

function formatHead({ assets, rankings, madeAt }: Report): string {
  const links = assets.map(
    ({ ticker, profile }) =>
      `<li><a href="#${ticker}">${ticker}${profile?.name ? ` – ${escapeHtml(profile.name)}` : ''}</a></li>`,
  );
  const ranked =
    rankings.length === 0 ? '' : '<li><a href="#rankings">Posições nos rankings</a></li>';
  // The day in São Paulo: by UTC it is tomorrow from nine in the evening on.
  const day = formatDay(formatIsoDate(getPartition(new Date(madeAt))), LOCALE);
  return [
    '<a class="skip" href="#ativos">Ir para os ativos</a>',
    '<header>',
    `<h1>Relatório de ${assets.map(({ ticker }) => ticker).join(', ')}</h1>`,
    `<p class="sub">Feito em <time datetime="${escapeHtml(madeAt)}">${day}</time> pelo pynvest, com o que o data lake tem.</p>`,
    ...(assets.length > 1
      ? [`<nav aria-label="Ativos"><ul>${links.join('')}${ranked}</ul></nav>`]
      : []),
    '</header>',
  ].join('\n');
}

function formatFoot(): string {
  return `<footer>
<p>Cada número mostra a sua fonte com o ponteiro ou o foco. Nos textos e tabelas fora dos gráficos, o atributo data-value tem o valor exato; os dados dos gráficos são arredondados como se mostram.</p>
<p>Os gráficos têm todos os pregões dos dois últimos anos e, antes deles, o último de cada semana, além do primeiro, do mais alto
e do mais baixo. Nenhum número mostrado é média ou estimativa de outros.</p>
<p>Indicadores e preços do passado não dizem o que vem. Isto não é recomendação de investimento.</p>
</footer>`;
}
