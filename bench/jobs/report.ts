/**
 * How soon a report is there: of ten assets over ten years in Chromium, by the page's own clock, against an empty page
 * in the same browser.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatReport } from '../../src/report/html.ts';
import { readPageCode } from '../../src/report/page-code.ts';
import { CHROMIUM_OPTIONS, chromium } from '../../test/support/chromium.ts';
import { createSyntheticReport } from '../../test/support/synthetic-report.ts';
import type { Context } from '../context.ts';
import type { Findings } from '../figures.ts';
import { interleave } from '../measure.ts';

/** What a report may take to be open, by the issue that asked for it. */
const TARGET_MS = 1_000;

export async function reportJob(context: Context): Promise<Findings> {
  if (chromium === undefined) {
    return { figures: [], remarks: ['report: there is no Chromium; PYNVEST_CHROMIUM names one.'] };
  }
  const [report, empty] = ['report.html', 'empty.html'].map((name) => join(context.cache, name));
  if (report === undefined || empty === undefined) return { figures: [], remarks: [] };
  await writeFile(
    report,
    formatReport(createSyntheticReport({ assets: 10, years: 10 }), await readPageCode()),
  );
  await writeFile(empty, '<!doctype html><title>empty</title>');
  const { default: puppeteer } = await import('puppeteer-core');
  const browser = await puppeteer.launch({ executablePath: chromium, args: CHROMIUM_OPTIONS });
  const open = (path: string) => async (): Promise<number> => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(path).href, { waitUntil: 'load' });
    const ms: unknown = await page.evaluate(LOADED_MS);
    await page.close();
    return Number(ms);
  };
  try {
    const samples = await interleave(context.rounds(11), {
      report: open(report),
      empty: open(empty),
    });
    return {
      figures: [
        {
          job: 'report of 10 assets, until it is loaded and drawn',
          ours: samples.report,
          peer: { name: 'an empty page', sample: samples.empty },
          target: { ms: TARGET_MS },
        },
      ],
      remarks: [],
    };
  } finally {
    await browser.close();
  }
}

/** Of the page: how long after its beginning the event of its load was over. */
const LOADED_MS = `performance.getEntriesByType('navigation')[0].loadEventEnd`;
