/** The three months that a day belongs to. Pure. */
import { isoDate, type Partition } from '../catalog/partition.ts';

/** Such as `2026-q1`. */
export type Quarter = `${string}-q${number}`;

export function quarterOf(day: Partition): Quarter {
  const [year = '', month] = isoDate(day).split('-');
  return `${year}-q${Math.ceil(Number(month) / 3)}`;
}
