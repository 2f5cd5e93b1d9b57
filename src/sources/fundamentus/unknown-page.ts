/**
 * What a complete page is that lacks the tables it must have. Pure. Three cases need three answers:
 *
 * - the site's own page in another layout: another attempt does not help, a newer version of pynvest may;
 * - an error page of the site, sent with status 200: it passes;
 * - anything else, such as a captcha: the site refuses automated access for now.
 */
import type { Cheerio } from 'cheerio/slim';
import type { Document, Element, ParentNode } from 'domhandler';
import {
  LayoutChangedError,
  SiteBlockedError,
  type SiteError,
  SiteUnavailableError,
} from '../../errors.ts';
import { getChildElements, getVisibleText } from './html.ts';

/** In Portuguese and English, of PHP, its database, and servers and proxies before it. */
const ERROR_WORDS =
  /\b(?:erro|error|exception|fatal|warning|falha|failed|mysql|pdo|gateway)\b|banco de dados|database|indispon[ií]vel|unavailable|manuten[cç][aã]o|maintenance|sobrecarregad|overloaded|tente (?:novamente )?mais tarde|try again later/i;

/** Of firewalls and of pages that test for a browser; these may contain words of errors, too. */
const REFUSAL_WORDS =
  /captcha|challenge|\brob[oôó]s?\b|\bbots?\b|\bhuman|humano|block|bloquea|denied|negado|forbidden|proibido|not allowed|rejected|permission|permiss[aã]o|security|seguran[cç]a|javascript|cookies|just a moment|your browser|seu navegador|too many requests/i;

function isError(text: string): boolean {
  return ERROR_WORDS.test(text) && !REFUSAL_WORDS.test(text);
}

const HEADING_ELEMENTS: ReadonlySet<string> = new Set('title h1 h2 h3 h4 h5 h6'.split(' '));

/** The text of the page's title and headings, one each; that of a heading inside another is part of it. */
export function getHeadings(page: Cheerio<Document>): string[] {
  return page.toArray().flatMap(findHeadings).map(getVisibleText);
}

function findHeadings(parent: ParentNode): Element[] {
  return getChildElements(parent).flatMap((child) =>
    HEADING_ELEMENTS.has(child.name) ? [child] : findHeadings(child),
  );
}

/** Pages of errors and refusals are short, and say at their beginning what they are. */
const MAX_TEXT_LENGTH = 50_000;

/**
 * @param subject what was asked for
 * @param isOwnPage whether the page shows what was asked for, in any layout
 */
export function createUnknownPageError(
  page: Cheerio<Document>,
  subject: string,
  isOwnPage: boolean,
): SiteError {
  const headings = getHeadings(page).join(' ').slice(0, MAX_TEXT_LENGTH);
  const text = page.toArray().map(getVisibleText).join(' ').slice(0, MAX_TEXT_LENGTH);
  if (isOwnPage && !ERROR_WORDS.test(headings)) {
    return new LayoutChangedError(
      `${subject}: the page has another layout, without the tables that pynvest reads`,
      {
        hint: 'Another attempt does not help: a newer version of pynvest may read the new layout.',
      },
    );
  }
  if (isError(headings) || isError(text)) {
    return new SiteUnavailableError(`${subject}: the site answered with an error page`, {
      hint: 'The site seems to be in trouble: try again later.',
    });
  }
  return new SiteBlockedError(`${subject}: the site answered with a page without data`, {
    hint: 'It may be refusing automated access for now: wait, then ask more slowly (--pause).',
  });
}
