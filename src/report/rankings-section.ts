/** The positions of the assets in each named screen. Pure. */
import { getHeadings } from '../catalog/headings.ts';
import { getMeasure } from '../catalog/measure.ts';
import { formatIsoDate } from '../catalog/partition.ts';
import { formatDay, formatMeasure } from '../presentation/notation.ts';
import type { Report } from './read-report.ts';
import type { RankedPosition, ScreenPositions } from './screen-positions.ts';
import {
  escapeHtml,
  type Figure,
  formatAttributes,
  formatFigure,
  LOCALE,
  Sources,
} from './sourced-values.ts';

/** The positions of the assets in each named screen, with the figures that each rests on as its source. */
export function formatRankings({ assets, rankings }: Report): string {
  const ranked = assets.filter(({ profile }) => profile !== undefined);
  if (rankings.length === 0 || ranked.length === 0) return '';
  const sources = new Sources('rankings');
  const headings = rankings.map(({ screen }) => `<th scope="col">${escapeHtml(screen.name)}</th>`);
  const rows = ranked.map(({ ticker, profile }) => {
    const cells = rankings.map((ranking) => formatPosition(ranking, ticker, sources));
    const link = `<a href="#${ticker}">${ticker}</a>`;
    const name = profile?.name ? ` ${escapeHtml(profile.name)}` : '';
    return `<tr><th scope="row">${link}<span class="sub">${name}</span></th>${cells.join('')}</tr>`;
  });
  const screens = rankings.map(
    ({ screen }) =>
      `<li><strong>${escapeHtml(screen.name)}</strong>: ${escapeHtml(screen.portuguese.formula)}. ${escapeHtml(screen.portuguese.source)}.</li>`,
  );
  return `<section class="asset" id="rankings" aria-labelledby="rankings-nome">
<h2 id="rankings-nome">Posições nos rankings</h2>
<div class="wide" tabindex="0" role="region" aria-label="Posições nos rankings"><table><caption>Entre todos os ativos coletados no dia que cada ranking classifica; o foco mostra em que a posição se baseia</caption><thead><tr><th scope="col">Ativo</th>${headings.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>
<ul class="sources">${screens.join('')}</ul>
${sources.format('Em que as posições se baseiam')}
</section>`;
}

function formatPosition(
  { screen, day, ranked, positions, reasons }: ScreenPositions,
  ticker: string,
  sources: Sources,
): string {
  const found = positions.get(ticker);
  const when = `${screen.name}, coleta de ${formatDay(formatIsoDate(day), LOCALE)}`;
  if (found === undefined) {
    const reason = reasons.get(ticker);
    if (reason === undefined) return '<td>–</td>';
    const id = sources.getId(`${when}: ${reason.pt}`);
    return `<td aria-describedby="${id}">fora</td>`;
  }
  const names = Object.keys(found.figures);
  const figures = getHeadings(names).map(
    (heading, at) => `${heading} ${formatRankFigure(names[at] ?? '', found.figures)}`,
  );
  const figure: Figure = {
    ...{ of: `rank.${screen.name}`, value: found.position, measure: 'count' },
    source: `${when}, ${ticker}: ${figures.join(', ')}`,
  };
  return `<td><span ${formatAttributes(figure, sources)}>${formatFigure(figure)}</span> de ${ranked}</td>`;
}

function formatRankFigure(name: string, figures: RankedPosition['figures']): string {
  const value = figures[name] ?? null;
  if (typeof value === 'number') return formatMeasure(value, getMeasure(name), LOCALE);
  if (typeof value === 'boolean') return value ? 'sim' : 'não';
  return value === null ? '–' : formatDay(String(value), LOCALE);
}
