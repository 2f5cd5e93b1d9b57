/**
 * Whether the site answers with its listings, and in which way it does not.
 */

import { type AssetKind, assetKinds } from '../../catalog/asset.ts';
import { SiteError, type SiteFailureKind } from '../../errors.ts';
import type { Site } from '../../sources/fundamentus/site.ts';
import type { Code } from '../codes.ts';
import { type Finding, finding } from '../finding.ts';

const CODES: Readonly<Record<SiteFailureKind, Code>> = {
  blocked: 'site-blocked',
  unavailable: 'site-unavailable',
  'not-found': 'site-layout',
  'layout-changed': 'site-layout',
  // Of single pages alone: no listing says it.
  'later-day': 'site-layout',
};

/** @param origin how the site is called */
export async function examineSite(site: Site, origin: string): Promise<Finding[]> {
  return Promise.all(assetKinds.map((kind) => examineListing(site, kind, origin)));
}

async function examineListing(site: Site, kind: AssetKind, origin: string): Promise<Finding> {
  try {
    const { tickers } = await site.listing(kind);
    const detail = `${tickers.length} tickers at ${origin}`;
    return finding('site', { status: 'ok', subject: kind, detail });
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    const { message: detail, hint } = error;
    return finding(CODES[error.kind], {
      status: 'problem',
      subject: kind,
      detail,
      ...(hint === undefined ? {} : { remedy: hint }),
    });
  }
}
