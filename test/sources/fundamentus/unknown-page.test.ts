/** Complete pages without data: another layout, an error page and a refusal are three outcomes. */
import { describe, expect, it } from 'vitest';
import {
  LayoutChangedError,
  SiteBlockedError,
  type SiteError,
  SiteUnavailableError,
} from '../../../src/errors.ts';
import { pageOf } from '../../support/handmade-page.ts';
import { clientOf, openSite, reasonOf, TUCA3 } from '../../support/impatient-client.ts';

const RETRIES = 2;

const titled = (title: string, body = ''): string =>
  `<html><head><title>${title}</title></head><body>${body}</body></html>`;

const newLayout = (ticker: string): string =>
  `<div><span class="data-label">Cotação</span><span class="data-value">R$4,56</span></div>
   <p>${ticker} tem segurança? Nenhum erro de acesso negado.</p>`;

const redesigns = [
  titled('Indicadores - TUCA3', newLayout('TUCA3')),
  titled('Fundamentus', `<h1 class="acao-papel">TUCA3</h1>${newLayout('TUCA3')}`),
  pageOf(`<h3>Tucano Alimentos (tuca3)</h3>${newLayout('TUCA3')}`),
  pageOf(`<h2>Papel: <b>TUCA</b>3</h2><table class="acao"><tr><td>P/L</td><td>1</td></tr></table>`),
];

const newListings = [
  pageOf('<ul><li><a href="detalhes.php?papel=TUCA3">TUCA3</a></li></ul>'),
  pageOf('<table class="novo"><tr><td><a href="/acao?x=1&amp;papel=TUCA3">T</a></td></tr></table>'),
];

const errorPages = [
  pageOf('<b>Warning</b>: mysqli_connect(): Connection refused in <b>/www/db.php</b> on line 12'),
  pageOf('<b>Fatal error</b>: Uncaught PDOException: SQLSTATE[HY000]'),
  pageOf('Erro ao conectar ao banco de dados'),
  titled('Site em manutenção', 'Voltamos logo.'),
  titled('Error', '<h1>Error establishing a database connection</h1>'),
  titled('503 Service Temporarily Unavailable', '<hr>nginx'),
  pageOf('Sistema indisponível, tente novamente mais tarde.'),
];

const refusals = [
  titled('Just a moment...', '<noscript>Enable JavaScript</noscript><script>x()</script>'),
  titled('Attention Required! | Cloudflare', '<h1>Sorry, you have been blocked</h1> Error'),
  titled('Access Denied', "You don't have permission to access this page. Error 18"),
  pageOf('Request unsuccessful. Incapsula incident ID: 1-2'),
  pageOf('<form>Confirme que você não é um robô <img alt="captcha"></form>'),
  pageOf('Verificação de segurança: houve um erro, aguarde'),
  pageOf('<script>location.reload()</script>'),
  pageOf('<table class="menu"><tr><td>TUCA3</td></tr></table>'),
  titled('Indicadores - TUCA33', newLayout('outro')),
];

interface Outcome {
  readonly error: typeof SiteError;
  readonly requests: number;
  readonly hint: RegExp;
}

const REDESIGN: Outcome = { error: LayoutChangedError, requests: 1, hint: /newer version/ };
const ERROR_PAGE: Outcome = {
  error: SiteUnavailableError,
  requests: RETRIES + 1,
  hint: /^The site seems to be in trouble: try again later\.$/,
};
const REFUSAL: Outcome = { error: SiteBlockedError, requests: RETRIES + 1, hint: /more slowly/ };

const cases = (outcome: Outcome, pages: readonly string[]) =>
  pages.map((html) => ({ html, outcome }));

describe('a page of an asset without its tables', () => {
  it.each([
    ...cases(REDESIGN, redesigns),
    ...cases(ERROR_PAGE, [...errorPages, titled('Erro ao carregar TUCA3', newLayout('TUCA3'))]),
    ...cases(REFUSAL, [...refusals, ...newListings]),
  ])('$html', async ({ html, outcome }) => {
    const site = await openSite({ fault: () => ({ html }) });
    const reason = await reasonOf(clientOf(site.url, { retries: RETRIES }).details(TUCA3));
    expect(reason).toBeInstanceOf(outcome.error);
    expect(reason).toMatchObject({ hint: expect.stringMatching(outcome.hint) });
    expect(site.requests).toHaveLength(outcome.requests);
  });
});

describe('a listing without its table', () => {
  it.each([
    ...cases(REDESIGN, newListings),
    ...cases(ERROR_PAGE, errorPages),
    ...cases(REFUSAL, refusals),
  ])('$html', async ({ html, outcome }) => {
    const site = await openSite({ fault: () => ({ html }) });
    const reason = await reasonOf(clientOf(site.url, { retries: RETRIES }).listing('acoes'));
    expect(reason).toBeInstanceOf(outcome.error);
    expect(reason).toMatchObject({ hint: expect.stringMatching(outcome.hint) });
    expect(site.requests).toHaveLength(outcome.requests);
  });
});
