/** Where a judgement, or a mending, would rest on what cannot be relied on. Pure. */
import { assetKinds } from '../../catalog/asset.ts';
import type { Partition } from '../../catalog/partition.ts';
import { sorTables, sotTables } from '../../catalog/tables.ts';
import type { Code } from './codes.ts';
import type { Finding } from './finding.ts';

/** What follows from a file that cannot be read, or only in part, is not to be judged by it. */
export function isJudged({ code, table }: Finding, unreadable: readonly Finding[]): boolean {
  const isFaulty = (name: string): boolean => unreadable.some((each) => each.table === name);
  if (code === 'typed-differs') {
    return !assetKinds.some(
      (kind) =>
        sotTables[kind].name === table && (isFaulty(table) || isFaulty(sorTables[kind].name)),
    );
  }
  if (code === 'quotes-differ') {
    return ![table, ...assetKinds.map((kind) => sotTables[kind].name)].some(isFaulty);
  }
  return true;
}

/**
 * What a newer edition wrote, or what others can unpack, is not to be lost to this one, and raw text that lacks columns is not to make
 * typed rows poorer: such a day is left alone until a person has seen to it.
 */
export function withoutHopelessFixes(findings: readonly Finding[]): Finding[] {
  const raw = assetKinds.map((kind) => sorTables[kind].name);
  const inTheWay = new Map<Partition | undefined, Code>();
  for (const { code, table, partition } of findings) {
    const isInTheWay =
      code === 'columns-unknown' ||
      code === 'codec-unreadable' ||
      (code === 'columns-wrong' && raw.includes(table));
    if (isInTheWay) inTheWay.set(partition, code);
  }
  return findings.map((each) => {
    const obstacle = inTheWay.get(each.partition);
    const kind = each.fix?.kind;
    if (obstacle === undefined || (kind !== 'rebuild' && kind !== 'set-aside')) return each;
    const remedy = `First see to ${obstacle} of the same day: until then it is left alone.`;
    return { ...each, fix: undefined, remedy };
  });
}
