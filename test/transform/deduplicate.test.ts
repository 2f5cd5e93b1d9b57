import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatInSaoPaulo } from '../../src/catalog/partition.ts';
import { deduplicate, type RowIdentity } from '../../src/transform/deduplicate.ts';

const COLUMN = 'nome_papel';
const IDENTITY: RowIdentity = { keyColumns: [COLUMN], versionColumn: 'datetime_exec' };

function rowOf(ticker: string, readAt: string | null, mark: number) {
  return { [COLUMN]: ticker, datetime_exec: readAt, mark };
}

const tickers = fc.constantFrom('ABEV3', 'B3SA3', 'PETR4', 'VALE3', 'WEGE3');
const times = fc.date({
  min: new Date('2026-11-20T00:00:00Z'),
  max: new Date('2026-11-21T00:00:00Z'),
  noInvalidDate: true,
});
const anyRows = fc
  .array(fc.tuple(tickers, fc.option(times, { nil: null })), { maxLength: 25 })
  .map((all) =>
    all.map(([ticker, time], index) => rowOf(ticker, time && formatInSaoPaulo(time), index)),
  );
const rowsOfDistinctTimes = fc
  .uniqueArray(fc.tuple(tickers, times), { selector: ([, time]) => time.getTime(), maxLength: 25 })
  .map((all) => all.map(([ticker, time], index) => rowOf(ticker, formatInSaoPaulo(time), index)));

describe('deduplicating', () => {
  it('keeps the newest row of a ticker, in the order of tickers', () => {
    const early = '2026-11-20T18:45:00.000-03:00';
    const late = '2026-11-20T18:46:00.000-03:00';
    const rows = [
      rowOf('WEGE3', early, 1),
      rowOf('ABEV3', late, 2),
      rowOf('WEGE3', late, 3),
      rowOf('ABEV3', early, 4),
    ];
    expect(deduplicate(rows, IDENTITY)).toEqual([rows[1], rows[2]]);
  });

  it('compares instants, not their text', () => {
    const rows = [
      rowOf('WEGE3', '2026-11-20T21:50:00.000+00:00', 1),
      rowOf('WEGE3', '2026-11-20T18:51:00.000-03:00', 2),
      rowOf('WEGE3', '2026-11-20T21:49:00.000Z', 3),
    ];
    expect(deduplicate(rows, IDENTITY)).toEqual([rows[1]]);
  });

  it('keeps the last of those that are equally new, or that do not say', () => {
    const same = '2026-11-20T18:45:00.000-03:00';
    const rows = [rowOf('WEGE3', same, 1), rowOf('WEGE3', same, 2)];
    expect(deduplicate(rows, IDENTITY)).toEqual([rows[1]]);
    const silent = [
      { [COLUMN]: 'WEGE3', mark: 1 },
      { [COLUMN]: 'WEGE3', mark: 2 },
    ];
    expect(deduplicate(silent, IDENTITY)).toEqual([silent[1]]);
  });

  it('prefers a row that says when it was read to one that does not', () => {
    const rows = [
      rowOf('WEGE3', '2026-11-20T18:45:00.000-03:00', 1),
      rowOf('WEGE3', null, 2),
      rowOf('WEGE3', 'ontem', 3),
    ];
    expect(deduplicate(rows, IDENTITY)).toEqual([rows[0]]);
  });

  it('goes by the ticker’s column of the table', () => {
    const rows = [
      { fii: 'HGLG11', nome_papel: 'X' },
      { fii: 'XPLG11', nome_papel: 'X' },
    ];
    expect(deduplicate(rows, { keyColumns: ['fii'], versionColumn: 'datetime_exec' })).toEqual(
      rows,
    );
  });

  it('of nothing is nothing', () => {
    expect(deduplicate([], IDENTITY)).toEqual([]);
  });
});

describe('deduplicating any rows', () => {
  it('leaves exactly one row of every ticker, sorted, and only rows that were there', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const kept = deduplicate(rows, IDENTITY);
        const expected = [...new Set(rows.map((row) => row[COLUMN]))].sort();
        expect(kept.map((row) => row[COLUMN])).toEqual(expected);
        for (const row of kept) expect(rows).toContain(row);
      }),
    );
  });

  it('leaves no row behind that is newer than the one it kept', () => {
    const instant = (text: unknown): number =>
      typeof text === 'string' ? Date.parse(text) : Number.NEGATIVE_INFINITY;
    fc.assert(
      fc.property(anyRows, (rows) => {
        for (const kept of deduplicate(rows, IDENTITY)) {
          const ofTicker = rows.filter((row) => row[COLUMN] === kept[COLUMN]);
          const newest = Math.max(...ofTicker.map((row) => instant(row['datetime_exec'])));
          expect(instant(kept['datetime_exec'])).toBe(newest);
        }
      }),
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const once = deduplicate(rows, IDENTITY);
        expect(deduplicate(once, IDENTITY)).toEqual(once);
      }),
    );
  });

  it('does not depend on the order of rows that were read at distinct times', () => {
    const shuffled = rowsOfDistinctTimes.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
    );
    fc.assert(
      fc.property(shuffled, ([rows, otherwise]) => {
        expect(deduplicate(otherwise, IDENTITY)).toEqual(deduplicate(rows, IDENTITY));
      }),
    );
  });

  it('may be done in parts', () => {
    fc.assert(
      fc.property(rowsOfDistinctTimes, rowsOfDistinctTimes, (first, second) => {
        const inParts = [...deduplicate(first, IDENTITY), ...deduplicate(second, IDENTITY)];
        const atOnce = deduplicate([...first, ...second], IDENTITY);
        expect(deduplicate(inParts, IDENTITY)).toEqual(atOnce);
      }),
    );
  });
});
