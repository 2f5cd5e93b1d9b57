/**
 * The two sources of corporate events, for a small market: the site's listings and pages of dividends, and B3's
 * service.
 */
import { dividendsPage, FUND_HEADINGS, STOCK_HEADINGS } from './event-rows.ts';
import { pageOf } from './handmade-page.ts';
import { serve } from './raw-server.ts';

type Fields = Readonly<Record<string, string>>;

export interface EventSources {
  /** The rows of each ticker's page, stocks and funds apart. */
  readonly stocks: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly funds: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** The events of each issuer. */
  readonly cash: Readonly<Record<string, readonly Fields[]>>;
  readonly splits: Readonly<Record<string, readonly Fields[]>>;
}

const b3Event = (isin: string, label: string, lastDatePrior: string, rest: Fields): Fields => ({
  ...{ isinCode: isin, assetIssued: isin, label, lastDatePrior, approvedOn: lastDatePrior },
  ...rest,
});

export const eventSources: EventSources = {
  stocks: {
    TUCA3: [
      ['15/03/2024', '0,1335', 'DIVIDENDO', '-', '1'],
      ['20/12/2023', '250,0000', 'JRS CAP PROPRIO', '10/01/2024', '1000'],
    ],
    CAPU4: [],
  },
  funds: { ONCA11: [['28/03/2024', 'Rendimento', '12/04/2024', '0,80']] },
  cash: {
    TUCA: [
      b3Event('BRTUCAACNOR1', 'DIVIDENDO', '15/03/2024', {
        ...{ rate: '0,13346789000', paymentDate: '30/03/2024' },
      }),
      b3Event('BRTUCAACNPR8', 'DIVIDENDO', '15/03/2024', {
        ...{ rate: '0,14681467900', paymentDate: '30/03/2024' },
      }),
    ],
  },
  splits: {
    TUCA: [b3Event('BRTUCAACNOR1', 'DESDOBRAMENTO', '02/05/2024', { factor: '100,00000000000' })],
  },
};

/** The listings, the pages of dividends and B3's service of a market, until the test ends. */
export async function serveEventSources(
  { stocks, funds, cash, splits }: EventSources,
  answer: (key: string) => { status: number } | undefined = () => undefined,
): Promise<{ env: Record<string, string>; asked: string[] }> {
  const asked: string[] = [];
  const listing = (tickers: readonly string[]): string =>
    pageOf(
      `<table class="resultado">${tickers.map((each) => `<tr><td><a href="?papel=${each}">x</a></td></tr>`).join('')}</table>`,
    );
  const url = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const ticker = searchParams.get('papel') ?? '';
    const encoded = /GetListedSupplementCompany\/(.+)$/.exec(pathname)?.[1];
    const issuer =
      encoded && JSON.parse(Buffer.from(decodeURIComponent(encoded), 'base64').toString());
    const key = issuer?.issuingCompany ?? `${pathname}?${ticker}`;
    asked.push(key);
    const failure = answer(key);
    if (failure !== undefined) {
      response.writeHead(failure.status).end();
      return;
    }
    const page = {
      '/resultado.php': () => listing(Object.keys(stocks)),
      '/fii_resultado.php': () => listing(Object.keys(funds)),
      '/proventos.php': () => dividendsPage(STOCK_HEADINGS, stocks[ticker] ?? []),
      '/fii_proventos.php': () => dividendsPage(FUND_HEADINGS, funds[ticker] ?? []),
    }[pathname];
    if (page !== undefined) response.end(Buffer.from(page(), 'latin1'));
    else {
      const code: string = issuer.issuingCompany;
      const [cashDividends, stockDividends] = [cash[code], splits[code]];
      response.end(
        cashDividends ? JSON.stringify([{ code, cashDividends, stockDividends }]) : '""',
      );
    }
  });
  const env = {
    PYNVEST_FUNDAMENTUS_URL: url,
    PYNVEST_B3_URL: url,
    ...{ PYNVEST_PAUSE_MS: '0', PYNVEST_BACKOFF_MS: '1', PYNVEST_RETRIES: '1' },
  };
  return { env, asked };
}
