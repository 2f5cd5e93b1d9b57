/**
 * Rules about the site's listings and pages: `doctor` asks whether the site answers, `status` whether its tickers can be
 * compared and its pages be read. Pure.
 */

import { type AssetKind, assetKinds } from '../../catalog/asset.ts';
import type { SiteError, SiteFailureKind } from '../../errors.ts';
import type { Code } from '../codes.ts';
import { type Facts, getSection, type SiteFacts } from '../facts/facts.ts';
import { type Finding, finding, passedCheck } from '../finding.ts';

const CODES: Readonly<Record<SiteFailureKind, Code>> = {
  blocked: 'site-blocked',
  unavailable: 'site-unavailable',
  'not-found': 'site-layout',
  'layout-changed': 'site-layout',
  // Never raised here: no page is read for an earlier day.
  'later-day': 'site-layout',
};

export function findSiteFaults({ origin, listings, pages }: SiteFacts): Finding[] {
  return assetKinds.map((kind) => {
    const listing = listings[kind];
    if ('error' in listing) return siteFinding(kind, listing.error);
    const page = pages[kind];
    if (page !== undefined && 'error' in page) return siteFinding(kind, page.error);
    const readable = page === undefined ? '' : `; the page of ${page.value} is readable`;
    const detail = `${listing.value.length} tickers at ${origin}${readable}`;
    return passedCheck('site', { subject: kind, detail });
  });
}

function siteFinding(subject: AssetKind, { kind, message, hint }: SiteError): Finding {
  // The hint at a ticker that does not exist is for those who typed it.
  const remedy = kind === 'not-found' ? undefined : hint;
  return finding(CODES[kind], { subject, detail: message, remedy });
}

/** Pages that cannot be read tomorrow either; a site that does not answer at the moment is `doctor`'s concern. */
export function findChangedPages({ pages }: SiteFacts): Finding[] {
  return assetKinds.flatMap((kind) => {
    const page = pages[kind];
    if (page === undefined || 'value' in page) return [];
    return CODES[page.error.kind] === 'site-layout' ? [siteFinding(kind, page.error)] : [];
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
    finding('site-no-answer', {
      detail: `the site did not list its tickers: ${error.message}`,
      remedy: hasPreviousDay
        ? 'Tickers are compared with those of the day before.'
        : 'There is no day before to compare the tickers with: run it again when the site answers.',
    }),
  ];
}
