/**
 * A parsed page, and the text of an element as a browser shows it. cheerio selects elements; the text is ours, for
 * cheerio's would run the numbers of two cells together. Pure.
 */
import { type Cheerio, load } from 'cheerio/slim';
import {
  type AnyNode,
  type ChildNode,
  type Document,
  DomHandler,
  type Element,
  isTag,
  isText,
  type ParentNode,
} from 'domhandler';
import { decodeHTML } from 'entities/decode';
import { Parser } from 'htmlparser2';
import { NotAPageError } from '../../errors.ts';

/** One for all pages: `load` creates a class, and a class for each page would double the time that it takes. */
const $ = load('');

/**
 * What a page may have at most. Far more than any page of the site has, and little enough that a page that was made
 * to exhaust its reader is refused within milliseconds: no work on a page takes longer than its number of nodes
 * times its depth.
 */
export interface PageLimits {
  readonly bytes: number;
  /** Elements, texts and comments. */
  readonly nodes: number;
}

/** A page of an asset has some 27 KB and 1,000 nodes. */
export const DETAILS_LIMITS: PageLimits = { bytes: 512 * 1024, nodes: 20_000 };

/** A listing of 1,000 assets has some 450 KB and 67,000 nodes. */
export const LISTING_LIMITS: PageLimits = { bytes: 4 * 1024 * 1024, nodes: 500_000 };

/** Elements inside each other: 10 on the site's pages. */
const MAX_DEPTH = 50;

/**
 * A page to select from. Character references stay as they are until `decodeReferences` is given a text: the
 * long help texts of the site's pages are full of them and are never read.
 *
 * @param subject what was asked for: the message of an error begins with it
 * @throws NotAPageError when the page has more nodes or levels than the limits allow
 */
export function parseHtml(html: string, subject: string, limits: PageLimits): Cheerio<Document> {
  const handler = new BoundedDomHandler(subject, limits.nodes);
  new Parser(handler, { decodeEntities: false }).end(html);
  return $(handler.root);
}

/** Builds the document, and ends the parsing as soon as it is too large. */
class BoundedDomHandler extends DomHandler {
  readonly #subject: string;
  readonly #maxNodes: number;
  #nodes = 0;

  constructor(subject: string, maxNodes: number) {
    super();
    this.#subject = subject;
    this.#maxNodes = maxNodes;
  }

  protected override addNode(node: ChildNode): void {
    this.#nodes += 1;
    if (this.#nodes > this.#maxNodes) {
      throw new NotAPageError(this.#subject, `it has more than ${this.#maxNodes} elements`);
    }
    if (this.tagStack.length > MAX_DEPTH) {
      throw new NotAPageError(
        this.#subject,
        `it has more than ${MAX_DEPTH} elements inside each other`,
      );
    }
    super.addNode(node);
  }
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

/** A style is read again for each text that the element is part of: what follows so many characters is not read. */
const MAX_STYLE_LENGTH = 1_000;

/** The value of a property in an element's own style; of several, the last applies. */
function getStyle(element: Element, property: 'display' | 'visibility'): string | undefined {
  const style = element.attribs['style']?.slice(0, MAX_STYLE_LENGTH).toLowerCase();
  let last: string | undefined;
  for (const declaration of style?.split(';') ?? []) {
    const [name, value] = declaration.split(':');
    if (name?.trim() === property) last = value?.replace('!important', '').trim();
  }
  return last;
}
