/** The three months that a day's folder belongs to. Pure. */
import { PARTITION_COLUMN } from '../catalog/partition.ts';

/** Such as `2026-q1`. */
export type Quarter = `${string}-q${number}`;

const MONTHS = ['0[1-3]', '0[4-6]', '0[7-9]', '1[0-2]'];

const DAY = new RegExp(`^${PARTITION_COLUMN}=(\\d{4})(\\d{2})\\d{2}$`);

/** The quarter of a day's folder; undefined where the lake names none so. */
export function quarterOf(folder: string): Quarter | undefined {
  const [, year, month] = DAY.exec(folder) ?? [];
  const number = Math.ceil(Number(month) / 3);
  return number >= 1 && number <= 4 ? `${year}-q${number}` : undefined;
}

/** How the folders of a quarter's days are named, as a pattern of files. */
export function daysPattern(quarter: Quarter): string {
  return `${PARTITION_COLUMN}=${quarter.slice(0, 4)}${MONTHS[Number(quarter.slice(-1)) - 1]}*`;
}
