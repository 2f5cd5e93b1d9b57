/**
 * The markup that fundamentus prints its data in, with its habits: a help mark beside the label, a
 * line break before a value, cells without either. Pure.
 */
import { escapeAttribute, escapeText } from 'entities';

/** A label and its printed text; without a text, the label is not on the page. */
export type LabelledText = readonly [label: string, text: string | undefined];

const RISE = '#306EFF';
const FALL = '#F75D59';

/** A label with its help mark, and its value. */
export function pair(labelled: LabelledText): string {
  return helpedPair(labelled, '');
}

/** A pair of the indicators, whose values the site puts on a line of their own. */
export function indicatorPair(labelled: LabelledText): string {
  return helpedPair(labelled, '\n          ');
}

function helpedPair([label, text]: LabelledText, lead: string): string {
  if (text === undefined) return '<td class="label"></td>\n<td class="data"></td>';
  const help = `<span class="help tips" title="${attribute(`Ajuda: ${label}`)}">?</span>`;
  return `<td class="label w2">${help}<span class="txt">${escaped(label)}</span></td>
<td class="data w2"><span class="txt">${lead}${linked(label, text)}</span></td>`;
}

/** A variation of the price: without help, coloured by its sign. */
export function variationPair([label, text]: LabelledText): string {
  const name = text === undefined ? '' : escaped(label);
  return `<td class="label w1"><span class="txt">${name}</span></td>
<td class="data w1"><span class="oscil">${text ? coloured(text) : ''}</span></td>`;
}

function coloured(text: string): string {
  return `<font color="${text.startsWith('-') ? FALL : RISE}">${escaped(text)}</font>`;
}

/** Values that lead on to a listing of the like. */
const LISTING_OF: Readonly<Record<string, string>> = {
  Setor: 'resultado.php?setor=1',
  Subsetor: 'resultado.php?segmento=1',
  Segmento: 'fii_resultado.php?segmento=1',
};

function linked(label: string, text: string): string {
  const href = LISTING_OF[label];
  return href === undefined ? escaped(text) : `<a href="${href}">${escaped(text)}</a>`;
}

/** A heading over `columns` columns; the second level stands below the first. */
export function heading(level: 1 | 2, columns: number, text: string): string {
  return `<td class="nivel${level}" colspan="${columns}"><span class="txt">${escaped(text)}</span></td>`;
}

export function row(...cells: readonly string[]): string {
  return `${openRow(...cells)}\n</tr>`;
}

/** A row that is never closed: the site forgets one on the page of a fund. */
export function openRow(...cells: readonly string[]): string {
  return `<tr>\n${cells.join('\n')}`;
}

export function dataTable(...rows: readonly string[]): string {
  return `<table class="w728">\n${rows.join('\n')}\n</table>`;
}

/** A whole page, which names its character set where the server does not. */
export function htmlPage(title: string, body: string): string {
  return `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html lang="pt-br">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">
<title>${escaped(title)}</title>
</head>
<body>
<div class="conteudo clearfix">
${body}
</div>
</body>
</html>
`;
}

export function escaped(text: string): string {
  return inLatin1(escapeText(text));
}

export function attribute(text: string): string {
  return inLatin1(escapeAttribute(text));
}

/** Characters that ISO-8859-1 lacks, as references to them. */
function inLatin1(html: string): string {
  return html.replace(/[^\0-\xff]/gu, (character) => `&#${character.codePointAt(0)};`);
}
