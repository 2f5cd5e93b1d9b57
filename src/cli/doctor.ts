/** `pynvest doctor`: what is wrong with the lake or the site, and how to mend it. */
import { assetKinds } from '../catalog/asset.ts';
import { SiteError } from '../errors.ts';
import { createSite } from '../fundamentus/client.ts';
import { checkLocalLake, type Finding } from '../lake/local-checks.ts';
import { abortOnInterrupt, ExitStatus } from './exit.ts';
import type { LakeOptions, OutputOptions, SiteOptions } from './options.ts';
import { chosenFormat, writeRows } from './output.ts';
import { lakeFolder, siteSettings } from './settings.ts';
import { sayRetry, type Terminal } from './terminal.ts';

export async function doctor(
  terminal: Terminal,
  options: OutputOptions & LakeOptions & SiteOptions,
): Promise<ExitStatus> {
  const settings = siteSettings(options);
  const root = await lakeFolder(options);
  const signal = abortOnInterrupt(terminal);
  const site = createSite(settings, signal, sayRetry(terminal));
  const findings = await checkLocalLake(root);
  for (const kind of assetKinds) {
    const check = `site-${kind}`;
    try {
      const { tickers } = await site.listing(kind);
      const detail = `${tickers.length} tickers at ${new URL(settings.baseUrl).origin}`;
      findings.push({ check, status: 'ok', detail, remedy: '' });
    } catch (error) {
      if (!(error instanceof SiteError)) throw error;
      const { message, hint = '' } = error;
      findings.push({ check, status: 'problem', detail: message, remedy: hint });
    }
  }
  await writeFindings(terminal, options, findings);
  const problems = findings.filter(({ status }) => status === 'problem').length;
  terminal.notice(problems === 0 ? 'No problem found.' : `${problems} problems found.`);
  return problems === 0 ? ExitStatus.done : ExitStatus.failed;
}

async function writeFindings(
  terminal: Terminal,
  { format }: OutputOptions,
  findings: readonly Finding[],
): Promise<void> {
  if (chosenFormat(terminal, format) !== 'table') {
    const columns = ['check', 'status', 'detail', 'remedy'] as const;
    const rows = findings.map((finding) => columns.map((column) => finding[column]));
    return writeRows(terminal, format, { columns, rows });
  }
  // Sentences, not cells: on a narrow terminal a table would leave the remedies out.
  for (const { check, status, detail, remedy } of findings) {
    terminal.stdout.write(`${status.padEnd(8)}${check}: ${detail}\n`);
    if (remedy !== '') terminal.stdout.write(`${' '.repeat(8)}${remedy}\n`);
  }
}
