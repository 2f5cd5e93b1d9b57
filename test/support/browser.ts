/** Chromium without a window, where it is installed, for the pages that pynvest writes. */
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { CHROMIUM_OPTIONS, chromium } from './chromium.ts';
import { afterFile } from './cleanup.ts';

export { chromium } from './chromium.ts';

export interface WatchedPage {
  readonly page: Page;
  /** What the page wrote to the console, errors and refusals of its policy among them. */
  readonly messages: readonly string[];
  /** The addresses that it asked for. */
  readonly requests: readonly string[];
}

/** A browser that is closed after the tests of the file. */
export async function openBrowser(): Promise<Browser> {
  const browser = await puppeteer.launch({
    ...(chromium !== undefined && { executablePath: chromium }),
    args: CHROMIUM_OPTIONS,
  });
  afterFile(() => browser.close());
  return browser;
}

/** Opens an address on a screen of this width, and watches it from its first byte on. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1000, isDark = false } = {},
): Promise<WatchedPage> {
  const page = await browser.newPage();
  const messages: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(String(error)));
  page.on('dialog', (dialog) => {
    messages.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.setViewport({ width, height: 900 });
  const scheme = isDark ? 'dark' : 'light';
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(url, { waitUntil: 'load' });
  return { page, messages, requests };
}

/** What a test reads of an element of the page. */
interface PageElement {
  readonly id: string;
  readonly tagName: string;
  readonly textContent: string | null;
  readonly children: Iterable<PageElement>;
  readonly ownerDocument: { getElementById(id: string): PageElement | null };
  getAttribute(name: string): string | null;
  closest(selector: string): PageElement | null;
  querySelector(selector: string): PageElement | null;
}

/**
 * What a function of the page reads of all elements that match, which it is given at once: with `$$eval` every element
 * travels here and back.
 */
export function evaluateAll<Result>(
  page: Page,
  selector: string,
  read: (elements: readonly PageElement[]) => Result,
): Promise<Result> {
  const elements = `[...document.querySelectorAll(${JSON.stringify(selector)})]`;
  return page.evaluate(`(${read})(${elements})`) as Promise<Result>;
}
