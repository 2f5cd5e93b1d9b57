/** Chromium without a window, where it is installed, for the pages that pynvest writes. */
import { existsSync } from 'node:fs';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterFile } from './cleanup.ts';

const PLACES = [
  ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** PYNVEST_CHROMIUM names another; undefined where there is none. */
export const chromium = [process.env['PYNVEST_CHROMIUM'] ?? '', ...PLACES].find((path) =>
  existsSync(path),
);

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
    // Chromium's sandbox does not start as root, as in a container; the pages are ours.
    args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'],
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
