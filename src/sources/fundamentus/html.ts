/**
 * A parsed page, and the text of an element as a browser shows it. cheerio selects elements; the text is ours, for
 * cheerio's would run the numbers of two cells together. Pure.
 */
import { type Cheerio, load } from 'cheerio/slim';
import {
  type AnyNode,
  type Document,
  type Element,
  isTag,
  isText,
  type ParentNode,
} from 'domhandler';
import { decodeHTML } from 'entities/decode';
import { parseDocument } from 'htmlparser2';

/** One for all pages: `load` creates a class, and a class for each page would double the time that it takes. */
export const $ = load('');

/**
 * A page to select from. Character references stay as they are until `decodeReferences` is given a text: the
 * long help texts of the site's pages are full of them and are never read.
 */
export function parseHtml(html: string): Cheerio<Document> {
  return $(parseDocument(html, { decodeEntities: false }));
}

export function decodeReferences(text: string): string {
  return text.includes('&') ? decodeHTML(text) : text;
}

export function getChildElements(parent: ParentNode): Element[] {
  return parent.children.filter(isTag);
}

/** The rows of a table, without those of a table inside one of its cells. */
export function findRows(parent: ParentNode): Element[] {
  return getChildElements(parent).flatMap((child) =>
    child.name === 'tr' ? [child] : findRows(child),
  );
}

/** Every element below `parent` of this name and class, in the page's order. */
export function findDescendants(
  parent: ParentNode,
  name: string,
  className: string,
  found: Element[] = [],
): Element[] {
  for (const child of parent.children) {
    if (!isTag(child)) continue;
    if (child.name === name && hasClass(child, className)) found.push(child);
    findDescendants(child, name, className, found);
  }
  return found;
}

export function hasClass({ attribs }: Element, name: string): boolean {
  const classes = attribs['class'];
  if (classes === undefined || !classes.includes(name)) return false;
  return classes === name || classes.split(/\s+/).includes(name);
}

/**
 * The elements whose text continues the text around them. A browser separates the text of all others: it is on
 * a line or in a cell of its own, raised as a footnote mark, or struck out. Joined, two numbers would be
 * read as one.
 */
const INLINE_ELEMENTS = new Set(
  (
    'a abbr b bdi bdo big cite code data dfn em font i ins kbd label mark nobr q samp small span strong ' +
    'time tt u var wbr'
  ).split(' '),
);

const INVISIBLE_ELEMENTS = new Set(['script', 'style', 'template', 'noscript']);

/** The text of an element or a page as a browser shows it, with white space collapsed and without help marks. */
export function getVisibleText(parent: Element | Document): string {
  const text = isTag(parent) && !isVisible(parent) ? '' : getChildrenText(parent);
  return decodeReferences(text).replace(/\s+/g, ' ').trim();
}

/** Whether an element is rendered, by its own attributes: style sheets are not read. */
export function isDisplayed(element: Element): boolean {
  return element.attribs['hidden'] === undefined && getStyle(element, 'display') !== 'none';
}

function isVisible(element: Element): boolean {
  return isDisplayed(element) && getStyle(element, 'visibility') !== 'hidden';
}

function getChildrenText(parent: ParentNode): string {
  let text = '';
  for (const child of parent.children) text += getNodeText(child);
  return text;
}

function getNodeText(node: AnyNode): string {
  if (isText(node)) return node.data;
  if (!isTag(node) || INVISIBLE_ELEMENTS.has(node.name)) return '';
  if (hasClass(node, 'help') || !isVisible(node)) return '';
  const text = getChildrenText(node);
  return isInline(node) ? text : ` ${text} `;
}

function isInline(element: Element): boolean {
  const display = getStyle(element, 'display');
  return display === undefined ? INLINE_ELEMENTS.has(element.name) : display.startsWith('inline');
}

/** The value of a property in an element's own style; of several, the last applies. */
function getStyle(element: Element, property: 'display' | 'visibility'): string | undefined {
  let last: string | undefined;
  for (const declaration of element.attribs['style']?.toLowerCase().split(';') ?? []) {
    const [name, value] = declaration.split(':');
    if (name?.trim() === property) last = value?.replace('!important', '').trim();
  }
  return last;
}
