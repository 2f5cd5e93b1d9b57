/**
 * Rules about the site's listings: `doctor` asks whether the site answers, `status` only compares tickers with them.
 * Pure.
 */

import { assetKinds } from '../../catalog/asset.ts';
import type { SiteFailureKind } from '../../errors.ts';
import type { Code } from '../codes.ts';
import { type Facts, getSection, type SiteFacts } from '../facts/facts.ts';
import { type Finding, finding, passedCheck } from '../finding.ts';

const CODES: Readonly<Record<SiteFailureKind, Code>> = {
  blocked: 'site-blocked',
  unavailable: 'site-unavailable',
  'not-found': 'site-layout',
  'layout-changed': 'site-layout',
  // An error of single pages, which no listing raises.
  'later-day': 'site-layout',
};

export function findSiteFaults({ origin, listings }: SiteFacts): Finding[] {
  return assetKinds.map((subject) => {
    const listing = listings[subject];
    if ('value' in listing) {
      const detail = `${listing.value.length} tickers at ${origin}`;
      return passedCheck('site', { subject, detail });
    }
    const { kind, message: detail, hint: remedy } = listing.error;
    return finding(CODES[kind], { subject, detail, remedy });
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
