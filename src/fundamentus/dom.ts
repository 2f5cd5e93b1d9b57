/** The few questions that this project asks of a parsed page. Pure. */
import { type Element, isTag, type ParentNode } from 'domhandler';
import { decodeHTML } from 'entities/decode';
import { parseDocument } from 'htmlparser2';

/**
 * The tree of a page. Character references stay as they are until `textOf` reads a text: the long
 * help texts of the site's pages are full of them and are never read.
 */
export function parseHtml(html: string): ParentNode {
  return parseDocument(html, { decodeEntities: false });
}

export function childElements(parent: ParentNode): Element[] {
  return parent.children.filter(isTag);
}

/** Every element below `parent` that is called `name`, in the page's order. */
export function elementsNamed(parent: ParentNode, name: string, found: Element[] = []): Element[] {
  for (const child of parent.children) {
    if (!isTag(child)) continue;
    if (child.name === name) found.push(child);
    elementsNamed(child, name, found);
  }
  return found;
}

/** The tables below `parent` that are wanted, without those inside another one that is. */
export function outermostTables(
  parent: ParentNode,
  isWanted: (table: Element) => boolean,
  found: Element[] = [],
): Element[] {
  for (const child of parent.children) {
    if (!isTag(child)) continue;
    if (child.name === 'table' && isWanted(child)) found.push(child);
    else outermostTables(child, isWanted, found);
  }
  return found;
}

/** The rows of a table, without those of a table inside one of its cells. */
export function rowsOf(parent: ParentNode): Element[] {
  return childElements(parent).flatMap((child) => (child.name === 'tr' ? [child] : rowsOf(child)));
}

export function hasClass(element: Element, name: string): boolean {
  const classes = element.attribs['class'];
  if (classes === undefined) return false;
  return classes === name || classes.split(/\s+/).includes(name);
}

/** An attribute's value; "" where the element has none. */
export function attributeOf(element: Element, name: string): string {
  const value = element.attribs[name] ?? '';
  return value.includes('&') ? decodeHTML(value) : value;
}
