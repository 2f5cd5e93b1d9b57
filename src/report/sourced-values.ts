/**
 * A number of the page with its exact value and where it comes from, and texts of the lake as texts of a page. Pure.
 */

import type { AssetProfile } from '../analysis/profile.ts';
import type { Measure } from '../catalog/measure.ts';
import { formatIsoDate } from '../catalog/partition.ts';
import { formatDay, formatMeasure, type Locale } from '../presentation/notation.ts';
import { escapeControls } from '../text.ts';

export const LOCALE: Locale = 'pt-BR';

/** Text of the lake as text of a page: no tag, no attribute, no control character. */
export function escapeHtml(text: string): string {
  return escapeControls(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Numbers with where they come from: sources are listed once for each asset, and named by their places. */
export class Sources {
  readonly #section: string;
  readonly #texts: string[] = [];

  /** @param section the id of what the sources are of */
  constructor(section: string) {
    this.#section = section;
  }

  /** The id of a source's element. */
  getId(text: string): string {
    const known = this.#texts.indexOf(text);
    const at = known === -1 ? this.#texts.push(text) - 1 : known;
    return `${this.#section}-f${at + 1}`;
  }

  format(title: string): string {
    const items = this.#texts.map(
      (text) => `<li id="${this.getId(text)}">${escapeHtml(text)}</li>`,
    );
    if (items.length === 0) return '';
    return `<h3>${title}</h3>\n<ol class="sources">${items.join('')}</ol>`;
  }
}

export interface Figure {
  /** The column of a query that answers the same number, or what it is. */
  readonly of: string;
  readonly value: number;
  readonly measure: Measure;
  readonly source: string;
}

/** The attributes of an element that shows a number: its exact value, and its source. */
export function formatAttributes({ of, value, source }: Figure, sources: Sources): string {
  return `data-of="${escapeHtml(of)}" data-value="${value}" aria-describedby="${sources.getId(source)}"`;
}

export function formatFigure({ value, measure }: Figure): string {
  return formatMeasure(value, measure, LOCALE);
}

export const HISTORY = 'B3, cotações históricas';

export function formatProof(isProved: boolean): string {
  return isProved
    ? 'ajustes provados pelo número de distribuição da B3'
    : 'há ajuste que o número de distribuição da B3 não prova';
}

export function formatIncomeProof(isProved: boolean | undefined): string {
  if (isProved === undefined) return 'sem os preços de todos estes dias, que os provariam';
  return isProved
    ? 'provados pelo número de distribuição da B3'
    : 'o número de distribuição da B3 não prova todos, ou mostra direito sem evento';
}

export const SITES: Readonly<Record<string, string>> = { fundamentus: 'fundamentus.com.br' };

export function formatProfileSource({ source, day, readAt }: AssetProfile): string {
  const when = readAt === null ? '' : `, página lida em ${formatReadAt(readAt)}`;
  return `${SITES[source] ?? source}, coleta de ${formatDay(formatIsoDate(day), LOCALE)}${when}`;
}

/** ISO 8601 as a day and a time: the offset is São Paulo's. */
function formatReadAt(text: string): string {
  const [, day = text, time = ''] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(text) ?? [];
  return `${formatDay(day, LOCALE)} ${time}`.trim();
}
