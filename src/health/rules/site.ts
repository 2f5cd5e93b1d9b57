/**
 * Rules on the site: its listings, a page of each kind, and what the newest stored pages lack.
 */

import { type AssetKind, assetKinds } from '../../catalog/asset.ts';
import { formatIsoDate, type Partition } from '../../catalog/partition.ts';
import type { Ticker } from '../../catalog/ticker.ts';
import type { SiteError, SiteFailureKind } from '../../errors.ts';
import { groupUnparsedByColumn } from '../../pipeline/report.ts';
import { formatFirst, formatQuantity, quoteBriefly } from '../../text.ts';
import { isSignificant } from '../../transform/drift.ts';
import type { Code } from '../codes.ts';
import { type Facts, getSection, type PageFacts, type SiteFacts } from '../facts/model.ts';
import { createFinding, createPassedCheck, type Finding } from '../finding.ts';

const CODES: Readonly<Record<SiteFailureKind, Code>> = {
  blocked: 'site-blocked',
  redirected: 'site-redirected',
  unavailable: 'site-unavailable',
  'not-found': 'site-no-page',
  'layout-changed': 'site-layout',
  'not-a-page': 'site-layout',
  // Never raised here: no page is read for an earlier day.
  'later-day': 'site-layout',
};

export function findSiteFaults({ origin, listings, pages }: SiteFacts): Finding[] {
  return assetKinds.map((kind) => {
    const listing = listings[kind];
    if ('error' in listing) return createSiteFinding(kind, listing.error);
    const page = pages[kind];
    if (page !== undefined && 'error' in page) return createSiteFinding(kind, page.error);
    if (page !== undefined && 'withoutPage' in page)
      return createMissingPages(kind, page.withoutPage);
    const readable = page === undefined ? '' : `; the page of ${page.value} is readable`;
    const detail = `${listing.value.length} tickers at ${origin}${readable}`;
    return createPassedCheck('site', { subject: kind, detail });
  });
}

function createSiteFinding(subject: AssetKind, { kind, message, hint }: SiteError): Finding {
  // The errors of a listing begin with its name.
  const detail = message.startsWith(`${subject}: `) ? message.slice(subject.length + 2) : message;
  return createFinding(CODES[kind], { subject, detail, remedy: hint });
}

function createMissingPages(subject: AssetKind, tickers: readonly Ticker[]): Finding {
  return createFinding('site-no-page', {
    subject,
    detail: `the site lists ${tickers.join(', ')}, and has no page of ${tickers.length === 1 ? 'it' : 'them'}`,
  });
}

/**
 * Pages that are missing, or cannot be read tomorrow either; a site that does not answer at the moment is `doctor`'s
 * concern.
 */
export function findChangedPages({ pages }: SiteFacts): Finding[] {
  return assetKinds.flatMap((kind) => {
    const page = pages[kind];
    if (page === undefined || 'value' in page) return [];
    if ('withoutPage' in page) return [createMissingPages(kind, page.withoutPage)];
    return CODES[page.error.kind] === 'site-layout' ? [createSiteFinding(kind, page.error)] : [];
  });
}

/** Without the site's listings, the newest day is compared with the day before. */
export function findMissingListings({ listings }: SiteFacts, facts: Facts): Finding[] {
  const [error] = Object.values(listings).flatMap((each) => ('error' in each ? [each.error] : []));
  if (error === undefined) return [];
  const hasPreviousDay = (getSection(facts, 'tables') ?? []).some(
    ({ previous }) => previous?.readable,
  );
  return [
    createFinding('site-no-answer', {
      detail: `the site did not list its tickers: ${error.message}`,
      remedy: hasPreviousDay
        ? 'Tickers are compared with those of the day before.'
        : 'There is no day before to compare the tickers with: run it again when the site answers.',
    }),
  ];
}

export function findUnparsedValues({ unparsed }: PageFacts, facts: Facts): Finding[] {
  const day = findNewestRawDay(facts);
  return groupUnparsedByColumn(unparsed).map(({ column, values, examples }) => {
    const shown = examples.map(({ ticker, text }) => `${ticker} ${quoteBriefly(text)}`);
    const verbs = values === 1 ? 'does not parse and is' : 'do not parse and are';
    const detail = `${column}: ${formatQuantity(values, 'value')} ${verbs} null: ${formatFirst(shown, 3)}`;
    return createFinding('unparsed', { detail, remedy: getUnparsedRemedy(day) });
  });
}

function getUnparsedRemedy(day: Partition | undefined): string | undefined {
  if (day === undefined) return undefined;
  return `The raw text is stored: a newer pynvest may parse it, and \`pynvest backfill --date ${formatIsoDate(day)}\` then types it.`;
}

function findNewestRawDay(facts: Facts): Partition | undefined {
  const days = (getSection(facts, 'tables') ?? []).flatMap(({ table, newest }) =>
    table.layer === 'sor' && newest !== undefined ? [newest.partition] : [],
  );
  return days.sort((a, b) => a - b).at(-1);
}

export function findUnknownLabels({ drift }: PageFacts): Finding[] {
  return assetKinds.flatMap((kind) => {
    const unknown = drift.unknownLabels.filter((each) => each.kind === kind);
    if (unknown.length === 0) return [];
    const shown = unknown.map(
      ({ label, pages, firstTicker }) =>
        `${quoteBriefly(label)} on ${formatQuantity(pages, 'page')} (first ${firstTicker})`,
    );
    return [
      createFinding('unknown-label', { detail: `${kind}: no column for ${formatFirst(shown)}` }),
    ];
  });
}

export function findVanishedLabels({ drift }: PageFacts): Finding[] {
  return assetKinds.flatMap((kind) => {
    const vanished = drift.vanishedColumns.filter(
      (each) => each.kind === kind && isSignificant(each),
    );
    const [first] = vanished;
    if (first === undefined) return [];
    const labels = [...new Set(vanished.map(({ label }) => JSON.stringify(label)))];
    const pages = formatQuantity(first.pages, 'page');
    return [
      createFinding('vanished-label', {
        detail: `${kind}: on none of ${pages}: ${formatFirst(labels)}`,
      }),
    ];
  });
}
