/**
 * The markup of fundamentus, and how its pages arrange labels in rows: a help mark beside the label, a line break
 * before a value, empty cells. Pure.
 */
import { escapeAttribute, escapeText } from 'entities';
import { assets } from '../catalog/asset.ts';
import type { DemoAsset, PrintedValues } from './market.ts';

/** A label and its printed text; without a text, the label is not on the page. */
type LabelledText = readonly [label: string, text: string | undefined];

const RISE = '#306EFF';
const FALL = '#F75D59';

/** A label with its help mark, and its value. */
export function renderPair(labelled: LabelledText): string {
  return renderPairWithHelp(labelled, '');
}

/** A pair of the indicators, whose values the site puts on a line of their own. */
export function renderIndicatorPair(labelled: LabelledText): string {
  return renderPairWithHelp(labelled, '\n          ');
}

function renderPairWithHelp([label, text]: LabelledText, lead: string): string {
  if (text === undefined) return '<td class="label"></td>\n<td class="data"></td>';
  const help = `<span class="help tips" title="${escapeLatin1Attribute(`Ajuda: ${label}`)}">?</span>`;
  return `<td class="label w2">${help}<span class="txt">${escapeLatin1(label)}</span></td>
<td class="data w2"><span class="txt">${lead}${formatLink(label, text)}</span></td>`;
}

/** A variation of the price: without help, coloured by its sign. */
function renderVariationPair([label, text]: LabelledText): string {
  const name = text === undefined ? '' : escapeLatin1(label);
  return `<td class="label w1"><span class="txt">${name}</span></td>
<td class="data w1"><span class="oscil">${text ? formatVariation(text) : ''}</span></td>`;
}

function formatVariation(text: string): string {
  return `<font color="${text.startsWith('-') ? FALL : RISE}">${escapeLatin1(text)}</font>`;
}

/** Labels whose values link to a listing of similar assets. */
const LISTING_OF: Readonly<Record<string, string>> = {
  Setor: 'resultado.php?setor=1',
  Subsetor: 'resultado.php?segmento=1',
  Segmento: 'fii_resultado.php?segmento=1',
};

function formatLink(label: string, text: string): string {
  const href = LISTING_OF[label];
  return href === undefined ? escapeLatin1(text) : `<a href="${href}">${escapeLatin1(text)}</a>`;
}

/** A heading over `columns` columns; the second level is below the first. */
export function renderHeading(level: 1 | 2, columns: number, text: string): string {
  return `<td class="nivel${level}" colspan="${columns}"><span class="txt">${escapeLatin1(text)}</span></td>`;
}

export function renderRow(...cells: readonly string[]): string {
  return `${renderOpenRow(...cells)}\n</tr>`;
}

/** A row that is never closed: the site forgets one on the page of a fund. */
export function renderOpenRow(...cells: readonly string[]): string {
  return `<tr>\n${cells.join('\n')}`;
}

export function renderDataTable(...rows: readonly string[]): string {
  return `<table class="w728">\n${rows.join('\n')}\n</table>`;
}

/** A whole page, which names its character set where the server does not. */
export function renderPage(title: string, body: string): string {
  return `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html lang="pt-br">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">
<title>${escapeLatin1(title)}</title>
</head>
<body>
<div class="conteudo clearfix">
${body}
</div>
</body>
</html>
`;
}

export function escapeLatin1(text: string): string {
  return replaceNonLatin1(escapeText(text));
}

export function escapeLatin1Attribute(text: string): string {
  return replaceNonLatin1(escapeAttribute(text));
}

/** Characters that ISO-8859-1 lacks become numeric references. */
function replaceNonLatin1(html: string): string {
  return html.replace(/[^\0-\xff]/gu, (character) => `&#${character.codePointAt(0)};`);
}

/** An asset's labels that occur once, with its ticker. */
export function getValues({ kind, ticker, values }: DemoAsset): PrintedValues {
  return { [assets[kind].tickerLabel]: ticker, ...values };
}

/** The labels with the text that the asset prints beside each. */
export function pickLabels(values: PrintedValues, labels: readonly string[]): LabelledText[] {
  return labels.map((label) => [label, values[label]]);
}

/** One row for each group of labels. */
export function formatRows(
  values: PrintedValues,
  groups: readonly (readonly string[])[],
): string[] {
  return groups.map((labels) => renderRow(...pickLabels(values, labels).map(renderPair)));
}

/** All values in the order given, two labels a row. */
export function renderPairsTwoByTwo(values: PrintedValues): string[] {
  const all: readonly LabelledText[] = Object.entries(values);
  const nothing: LabelledText = ['', undefined];
  return all.flatMap((left, index) =>
    index % 2 === 0 ? [[left, all[index + 1] ?? nothing].map(renderPair).join('\n')] : [],
  );
}

/** The results: the same labels twice, twelve months on the left and three on the right. */
export function renderResultPairs({ last12Months, last3Months }: DemoAsset): string[] {
  const labels = [...new Set([...Object.keys(last12Months), ...Object.keys(last3Months)])];
  return labels.map((label) =>
    [last12Months, last3Months].map((values) => renderPair([label, values[label]])).join('\n'),
  );
}

/**
 * The cells of rows that have the price's variations in their first two columns and `right` in the
 * other four. The shorter side is filled with empty pairs.
 */
export function renderBesideVariations(
  asset: DemoAsset,
  year: number,
  right: readonly string[],
): string[] {
  const left: readonly LabelledText[] = [
    ...pickLabels(asset.values, ['Dia', 'Mês', '30 dias', '12 meses']),
    ...asset.years.map((text, back): LabelledText => [String(year - back), text]),
  ];
  const nothing: LabelledText = ['', undefined];
  const emptyRight = `${renderPair(nothing)}\n${renderPair(nothing)}`;
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
    [renderVariationPair(left[index] ?? nothing), right[index] ?? emptyRight].join('\n'),
  );
}
