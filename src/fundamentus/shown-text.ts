/** The text of an element, as a browser shows it. Pure. */
import { type AnyNode, type Element, isTag, isText, type ParentNode } from 'domhandler';
import { decodeHTML } from 'entities/decode';
import { hasClass } from './dom.ts';

/**
 * The elements whose text runs on into the text around them. That of all others stands apart: on a line or in
 * a cell of its own, raised as the mark of a footnote, or struck out. Run together, two numbers would be
 * read as one.
 */
const INLINE = new Set(
  (
    'a abbr b bdi bdo big cite code data dfn em font i ins kbd label mark nobr q samp small span strong ' +
    'time tt u var wbr'
  ).split(' '),
);

const NEVER_SHOWN = new Set(['script', 'style', 'template', 'noscript']);

/** An element's text as a browser shows it: runs of white space as one space, help marks left out. */
export function textOf(element: Element): string {
  const text = isShown(element) ? textIn(element) : '';
  return (text.includes('&') ? decodeHTML(text) : text).replace(/\s+/g, ' ').trim();
}

/** Whether an element takes a place on the page, by what it says of itself; style sheets are not read. */
export function takesPlace(element: Element): boolean {
  return element.attribs['hidden'] === undefined && styleOf(element, 'display') !== 'none';
}

function isShown(element: Element): boolean {
  return takesPlace(element) && styleOf(element, 'visibility') !== 'hidden';
}

function textIn(parent: ParentNode): string {
  let text = '';
  for (const child of parent.children) text += shownOf(child);
  return text;
}

function shownOf(node: AnyNode): string {
  if (isText(node)) return node.data;
  if (!isTag(node) || NEVER_SHOWN.has(node.name)) return '';
  if (hasClass(node, 'help') || !isShown(node)) return '';
  const text = textIn(node);
  return isInline(node) ? text : ` ${text} `;
}

function isInline(element: Element): boolean {
  const display = styleOf(element, 'display');
  return display === undefined ? INLINE.has(element.name) : display.startsWith('inline');
}

/** The word that an element's own style gives a property; of several, the last holds. */
function styleOf(element: Element, property: 'display' | 'visibility'): string | undefined {
  let word: string | undefined;
  for (const declaration of element.attribs['style']?.toLowerCase().split(';') ?? []) {
    const [name, value] = declaration.split(':');
    if (name?.trim() === property) word = value?.replace('!important', '').trim();
  }
  return word;
}
