/** What the bench found, as tables for a person to read. */
import { formatTable } from '../src/cli/output/table.ts';
import type { Sample } from './measure.ts';

/** One job: how long ours takes, in milliseconds, and how long its peer. */
export interface Figure {
  readonly job: string;
  readonly ours: Sample;
  readonly peer?: { readonly name: string; readonly sample: Sample };
  /** What else is worth knowing, such as `1234 rows/s`. */
  readonly note?: string;
  /** The ratio to the peer, or the time, that the design asks for. */
  readonly target?: Target;
}

export type Target = { readonly ratio: number } | { readonly ms: number };

export interface Findings {
  readonly figures: readonly Figure[];
  /** What was left out or should be known of the conditions. */
  readonly remarks: readonly string[];
}

export function figuresText(figures: readonly Figure[]): string {
  const columns = ['job', 'ours', 'min', 'peer', 'peer min', 'ratio', 'peer is', 'note'];
  const rows = figures.map(({ job, ours, peer, note }) => [
    job,
    duration(ours.median),
    duration(ours.min),
    peer ? duration(peer.sample.median) : '',
    peer ? duration(peer.sample.min) : '',
    peer ? ratioText(ours.median / peer.sample.median) : '',
    peer?.name ?? '',
    note ?? '',
  ]);
  return formatTexts(columns, rows);
}

/** The figures that the design names a target for. */
export function targetsText(figures: readonly Figure[]): string {
  const rows = figures.flatMap(({ job, ours, peer, target }) => {
    if (target === undefined) return [];
    if ('ms' in target) return [[job, duration(ours.median), `≤ ${duration(target.ms)}`]];
    const measured = peer ? `${ratioText(ours.median / peer.sample.median)} × ${peer.name}` : '–';
    return [[job, measured, `≤ ${ratioText(target.ratio)} ×`]];
  });
  return rows.length > 0 ? formatTexts(['job', 'measured', 'target'], rows) : '';
}

function formatTexts(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = headings.map((heading) => ({ name: heading, heading, isNumeric: false }));
  return formatTable(columns, rows, 0).text;
}

function duration(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toPrecision(3)} ms`;
}

function ratioText(ratio: number): string {
  return ratio < 0.1 ? ratio.toFixed(4) : ratio.toFixed(2);
}
