/**
 * A parsed page: finding elements in it, and the text of an element as a browser shows it. Pure.
 */
import { type AnyNode, type Element, isTag, isText, type ParentNode } from 'domhandler';
import { decodeHTML } from 'entities/decode';
import { parseDocument } from 'htmlparser2';

/**
 * The tree of a page. Character references stay as they are until `textOf` reads a text: the long
 * help texts of the site's pages are full of them and are never read.
 */
export function parseHtml(html: string): ParentNode {
  return parseDocument(html, { decodeEntities: false });
}

export function getChildElements(parent: ParentNode): Element[] {
  return parent.children.filter(isTag);
}

/** Every element below `parent` that is called `name`, in the page's order. */
export function findElements(parent: ParentNode, name: string, found: Element[] = []): Element[] {
  for (const child of parent.children) {
    if (!isTag(child)) continue;
    if (child.name === name) found.push(child);
    findElements(child, name, found);
  }
  return found;
}

/** The tables below `parent` that are wanted, without those inside another one that is. */
export function findOutermostTables(
  parent: ParentNode,
  isWanted: (table: Element) => boolean,
  found: Element[] = [],
): Element[] {
  for (const child of parent.children) {
    if (!isTag(child)) continue;
    if (child.name === 'table' && isWanted(child)) found.push(child);
    else findOutermostTables(child, isWanted, found);
  }
  return found;
}

/** The rows of a table, without those of a table inside one of its cells. */
export function findRows(parent: ParentNode): Element[] {
  return getChildElements(parent).flatMap((child) =>
    child.name === 'tr' ? [child] : findRows(child),
  );
}

export function hasClass(element: Element, name: string): boolean {
  const classes = element.attribs['class'];
  if (classes === undefined) return false;
  return classes === name || classes.split(/\s+/).includes(name);
}

/** An attribute's value; "" where the element has none. */
export function getAttribute(element: Element, name: string): string {
  const value = element.attribs[name] ?? '';
  return value.includes('&') ? decodeHTML(value) : value;
}

/**
 * The elements whose text runs on into the text around them. That of all others stands apart: on a line or in
 * a cell of its own, raised as the mark of a footnote, or struck out. Run together, two numbers would be
 * read as one.
 */
const INLINE_ELEMENTS = new Set(
  (
    'a abbr b bdi bdo big cite code data dfn em font i ins kbd label mark nobr q samp small span strong ' +
    'time tt u var wbr'
  ).split(' '),
);

const INVISIBLE_ELEMENTS = new Set(['script', 'style', 'template', 'noscript']);

/** An element's text as a browser shows it: runs of white space as one space, help marks left out. */
export function getVisibleText(element: Element): string {
  const text = isVisible(element) ? getChildrenText(element) : '';
  return (text.includes('&') ? decodeHTML(text) : text).replace(/\s+/g, ' ').trim();
}

/** Whether an element takes a place on the page, by what it says of itself; style sheets are not read. */
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

/** The word that an element's own style gives a property; of several, the last holds. */
function getStyle(element: Element, property: 'display' | 'visibility'): string | undefined {
  let word: string | undefined;
  for (const declaration of element.attribs['style']?.toLowerCase().split(';') ?? []) {
    const [name, value] = declaration.split(':');
    if (name?.trim() === property) word = value?.replace('!important', '').trim();
  }
  return word;
}
