/** What every library is asked to write. */

const day = (text) => new Date(`${text}T00:00:00Z`);

/** Values that must be read back as they were written. */
export const storable = [
  { what: 'INT64: 0, -1, 2^53 - 1', type: 'bigint', values: [0n, -1n, 2n ** 53n - 1n] },
  { what: 'INT64: 2^53 + 1', type: 'bigint', values: [2n ** 53n + 1n] },
  { what: 'INT64: -(2^53 + 1)', type: 'bigint', values: [-(2n ** 53n) - 1n] },
  { what: 'INT64: 2^63 - 1', type: 'bigint', values: [2n ** 63n - 1n] },
  { what: 'INT64: -2^63', type: 'bigint', values: [-(2n ** 63n)] },
  { what: 'negative decimals', type: 'double', values: [-0.0066, -1234567.89, 0.1, 5e-324] },
  {
    what: 'dates, some before 1970',
    type: 'date',
    values: ['2026-07-03', '1970-01-01', '1969-12-31', '1900-01-01'].map(day),
  },
  {
    what: 'text, empty text, null',
    type: 'string',
    values: ['', null, 'Ação', '\u{1F4C8}', 'a"\n\'b', '-', ''],
  },
  ...['bigint', 'double', 'date', 'string'].map((type) => ({
    what: `nothing but nulls, ${type}`,
    type,
    values: [null, null, null],
  })),
];

/** Values that do not fit their column: an error is right, and whatever is stored instead is wrong. */
export const unstorable = [
  { type: 'bigint', value: '12abc' },
  { type: 'bigint', value: '1.234' },
  { type: 'bigint', value: 'abc' },
  { type: 'bigint', value: '' },
  { type: 'bigint', value: 1.5 },
  { type: 'bigint', value: 2n ** 63n },
  { type: 'double', value: '1.234,56' },
  { type: 'double', value: 'abc' },
  { type: 'double', value: '' },
  { type: 'date', value: 'abc' },
  { type: 'date', value: '2026-07-03' },
  { type: 'string', value: '\ud800' },
  { type: 'string', value: 12.5 },
];

/** Like the typed table of stocks: 67 columns, of which 56 are decimals. */
export const wideColumns = [
  ...Array.from({ length: 7 }, (_, n) => ({ name: `text_${n}`, type: 'string' })),
  ...Array.from({ length: 56 }, (_, n) => ({ name: `vlr_${n}`, type: 'double' })),
  ...Array.from({ length: 2 }, (_, n) => ({ name: `dt_${n}`, type: 'date' })),
  ...Array.from({ length: 2 }, (_, n) => ({ name: `num_${n}`, type: 'bigint' })),
];

/** Numbers that are the same in every run. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function wideRows(count) {
  const random = randomNumbers(7);
  const one = {
    string: (row, n) => (n < 2 ? `TICK${row}` : `Setor número ${Math.floor(random() * 40)}`),
    double: () => Math.round((random() - 0.3) * 1e6) / 1e4,
    date: () => new Date(Date.UTC(2026, 6, 1 + Math.floor(random() * 28))),
    bigint: () => BigInt(Math.floor(random() * 1e12)),
  };
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(
      wideColumns.map(({ name, type }, n) => [name, random() < 0.08 ? null : one[type](row, n)]),
    ),
  );
}

/** Enough rows for several pages or row groups, and values on both sides of zero. */
export const longColumns = ['bigint', 'double', 'date', 'string'].map((type) => ({
  name: type,
  type,
}));
export function longRows(count) {
  const random = randomNumbers(11);
  return Array.from({ length: count }, (_, row) => ({
    bigint: BigInt(row * 3 - 20_000) * 1_000_000_007n,
    double: random() < 0.1 ? null : Math.round((random() - 0.5) * 1e6) / 100,
    date: new Date(Date.UTC(1950, 0, 1 + (row % 20_000))),
    string: random() < 0.1 ? null : `TICK${Math.floor(random() * 500)}`,
  }));
}

/** A value as a reader prints it. */
export const asText = (value) =>
  value === null || value === undefined
    ? null
    : value instanceof Date
      ? value.toISOString().slice(0, 10)
      : String(value);
