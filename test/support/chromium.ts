/** Where Chromium is, for the pages that pynvest writes. */
import { existsSync } from 'node:fs';

const PLACES = [
  ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** PYNVEST_CHROMIUM names another; undefined where there is none. */
export const chromium = [process.env['PYNVEST_CHROMIUM'] ?? '', ...PLACES].find((path) =>
  existsSync(path),
);

/** Chromium's sandbox does not start as root, as in a container; the pages are ours. */
export const CHROMIUM_OPTIONS = ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'];
