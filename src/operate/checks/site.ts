/** Whether the site answers as it should; the ways in which it does not are told apart. */
import { assetKinds } from '../../catalog/asset.ts';
import { SiteError, type SiteFailureKind } from '../../errors.ts';
import type { Site } from '../../fundamentus/client.ts';
import type { Code } from './codes.ts';
import { type Finding, finding } from './finding.ts';

const CODES: Readonly<Record<SiteFailureKind, Code>> = {
  blocked: 'site-blocked',
  unavailable: 'site-unavailable',
  'not-found': 'site-layout',
  'layout-changed': 'site-layout',
};

/** @param origin how the site is called */
export async function examineSite(site: Site, origin: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const kind of assetKinds) {
    try {
      const { tickers } = await site.listing(kind);
      const detail = `${tickers.length} tickers at ${origin}`;
      findings.push(finding('site', { status: 'ok', subject: kind, detail }));
    } catch (error) {
      if (!(error instanceof SiteError)) throw error;
      const { message: detail, hint } = error;
      findings.push(
        finding(CODES[error.kind], {
          ...{ status: 'problem', subject: kind, detail },
          ...(hint === undefined ? {} : { remedy: hint }),
        }),
      );
    }
  }
  return findings;
}
