/** An import of events that is interrupted, or that dies, and the same one in AWS. */
import { describe, expect, test } from 'vitest';
import { getTable } from '../../src/catalog/dataset.ts';
import { companyEvents, dividends } from '../../src/catalog/datasets/corporate-events.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import type { Lake } from '../../src/lake/lake.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { createReadingFinder, findOldestReading } from '../../src/pipeline/event-readings.ts';
import { importEvents } from '../../src/pipeline/import-events.ts';
import type { ImportNotes } from '../../src/pipeline/imported-years.ts';
import { contentsBelow, newFolder } from '../support/folders.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const assets = Array.from({ length: 130 }, (_, at) => ({
  ticker: parseTicker(`AB${letters[Math.floor(at / 26)]}${letters[at % 26]}3`),
  kind: 'acoes' as const,
}));

function createNotes(): ImportNotes {
  const notes = new Map<string, string>();
  return {
    read: async (name) => notes.get(name),
    write: async (name, text) => {
      notes.set(name, text);
    },
  };
}

const NOW = new Date('2026-11-20T12:00:00Z');

/** Each ticker has a dividend in two years, and each issuer a split; `onRead` is called before each answer. */
function importInto(
  lake: Lake,
  notes: ImportNotes,
  {
    onRead = () => undefined,
    signal = new AbortController().signal,
  }: {
    onRead?: (key: string) => void;
    signal?: AbortSignal;
  } = {},
) {
  return importEvents({
    ...{ assets, lake, notes, signal, concurrency: 4, again: false },
    now: () => NOW,
    onKey: () => undefined,
    site: {
      async dividends(ticker) {
        onRead(ticker);
        signal.throwIfAborted();
        return ['15/03/2023', '15/03/2024'].map((comDay) => ({
          ...{ comDay, type: 'DIVIDENDO', amount: '0,10', paymentDay: '-', unitCount: '1' },
          others: {},
        }));
      },
    },
    companies: {
      async events(issuer) {
        onRead(issuer);
        signal.throwIfAborted();
        const isin = `BR${issuer}ACNOR1`;
        return [
          {
            ...{ category: 'stockDividends' as const, isin, type: 'DESDOBRAMENTO' },
            ...{ comDay: '02/05/2024', approvalDay: null, paymentDay: null, amount: null },
            ...{ factor: '100,00000000000', issuedIsin: isin, others: {} },
          },
        ];
      },
    },
  });
}

async function importWhole(): Promise<Record<string, unknown>> {
  const root = await newFolder();
  await importInto(createLocalLake(root), createNotes());
  return contentsBelow(root);
}

describe('an import of events', () => {
  test('stores what was read when it is interrupted, and asks only for the rest the next time', async () => {
    const [root, notes] = [await newFolder(), createNotes()];
    const controller = new AbortController();
    let count = 0;
    const interrupted = importInto(createLocalLake(root), notes, {
      signal: controller.signal,
      onRead: () => {
        count += 1;
        if (count === 100) controller.abort(new Error('Ctrl-C'));
      },
    });
    await expect(interrupted).rejects.toThrow('Ctrl-C');
    const asked: string[] = [];
    const { sources } = await importInto(createLocalLake(root), notes, {
      onRead: (key) => asked.push(key),
    });
    const skipped = sources.reduce((sum, source) => sum + source.skipped, 0);
    expect(skipped).toBeGreaterThan(80);
    expect(asked).toHaveLength(2 * assets.length - skipped);
    expect(await contentsBelow(root)).toEqual(await importWhole());
  });

  test('that dies at any write is completed by the next one', async () => {
    const whole = await importWhole();
    for (let last = 0; last < 6; last += 1) {
      const [root, notes] = [await newFolder(), createNotes()];
      const lake = createLocalLake(root);
      let writes = 0;
      const dying: Lake = {
        ...lake,
        async write(...args) {
          writes += 1;
          if (writes > last) throw new Error('the process dies');
          return lake.write(...args);
        },
      };
      await expect(importInto(dying, notes)).rejects.toThrow('the process dies');
      await importInto(lake, notes);
      expect(await contentsBelow(root)).toEqual(whole);
    }
  });

  test('notes when each asset was read last, whichever of its tickers', async () => {
    const notes = createNotes();
    expect((await createReadingFinder(notes))([parseTicker('ABAA3')])).toBeUndefined();
    await importInto(createLocalLake(await newFolder()), notes);
    const find = await createReadingFinder(notes);
    expect(find([parseTicker('ABAA3')])).toBe('2026-11-20');
    // Of the same issuer, but nobody has read its dividends.
    expect(find([parseTicker('ABAA4')])).toBeUndefined();
    expect(find([parseTicker('ZZZZ3')])).toBeUndefined();
    expect(find([parseTicker('ZZZZ3'), parseTicker('ABAA3')])).toBe('2026-11-20');
  });

  test('knows the events of an asset up to the day of the source that was read less lately', async () => {
    const [ofTicker, ofIssuer] = [dividends, companyEvents].map(
      (each) => getTable(each, 'sor').name,
    );
    const findAfter = async (...lines: string[]): Promise<string | undefined> => {
      const notes = createNotes();
      await notes.write('eventos.imported', lines.map((line) => `${line}\n`).join(''));
      return (await createReadingFinder(notes))([parseTicker('ABAA3')]);
    };
    const [early, late] = ['2024-01-05T12:00:00.000Z', '2026-11-20T12:00:00.000Z'];
    const [tickerEarly, tickerLate] = [early, late].map((time) => `${ofTicker} ABAA3,${time}`);
    const [issuerEarly, issuerLate] = [early, late].map((time) => `${ofIssuer} ABAA,${time}`);
    expect(await findAfter(tickerEarly ?? '', issuerLate ?? '')).toBe('2024-01-05');
    expect(await findAfter(tickerLate ?? '', issuerEarly ?? '')).toBe('2024-01-05');
    expect(await findAfter(tickerLate ?? '', issuerLate ?? '')).toBe('2026-11-20');
    expect(await findAfter(tickerLate ?? '')).toBe('2026-11-20');
    expect(await findAfter(issuerLate ?? '')).toBeUndefined();
  });

  test('knows of several assets since when all of them were read, and of none the newest reading', async () => {
    const notes = createNotes();
    expect(await findOldestReading(notes, [])).toBeUndefined();
    const { name } = getTable(dividends, 'sor');
    const [early, late] = ['2024-01-05T12:00:00.000Z', '2026-11-20T12:00:00.000Z'];
    await notes.write('eventos.imported', `${name} ABAA3,${early}\n${name} ABAB3,${late}\n`);
    const [first, second, third] = ['ABAA3', 'ABAB3', 'ABAC3'].map((each) => parseTicker(each));
    if (first === undefined || second === undefined || third === undefined) throw new Error();
    expect(await findOldestReading(notes, [second])).toBe('2026-11-20');
    expect(await findOldestReading(notes, [second, first])).toBe('2024-01-05');
    expect(await findOldestReading(notes, [second, first, third])).toBeUndefined();
    expect(await findOldestReading(notes, [])).toBe('2026-11-20');
  });

  test('counts what is new by table, and has one file a year', async () => {
    const root = await newFolder();
    const { sources, unknown } = await importInto(createLocalLake(root), createNotes());
    const common = { read: 130, skipped: 0, vanished: 0, failed: [] };
    expect({ sources, unknown }).toEqual({
      sources: [
        { ...common, table: getTable(dividends, 'sor').name, added: 260 },
        { ...common, table: getTable(companyEvents, 'sor').name, added: 130 },
      ],
      unknown: [],
    });
    expect(Object.keys(await contentsBelow(root)).sort()).toEqual([
      'sor/tbsor_b3_eventos/ano=2024/dedup.parquet',
      'sor/tbsor_fundamentus_proventos/ano=2023/dedup.parquet',
      'sor/tbsor_fundamentus_proventos/ano=2024/dedup.parquet',
    ]);
  });
});
