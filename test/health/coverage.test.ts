import { describe, expect, test } from 'vitest';
import type { Table } from '../../src/catalog/dataset.ts';
import { tables } from '../../src/catalog/datasets.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import type { Ticker } from '../../src/catalog/ticker.ts';
import type { Facts, Sections, TableFacts } from '../../src/health/facts/model.ts';
import { findCoverage, isTolerable } from '../../src/health/rules/table-health.ts';
import { sorTables } from '../support/tables.ts';

const partition = 20261124 as Partition;

function tableWith(table: Table, tickers: readonly string[], on = partition): TableFacts {
  const newest = {
    readable: true as const,
    partition: on,
    rows: tickers.length,
    tickers: new Set(tickers),
    repeated: [],
    isInBatches: false,
    readAt: undefined,
  };
  return { table, partitions: [on], newest, previous: undefined };
}

const listed: Sections['site'] = {
  value: {
    origin: '',
    listings: {
      acoes: { value: ['AAAA3', 'BBBB3', 'CCCC11'] as Ticker[] },
      fiis: { value: ['DDDD11'] as Ticker[] },
    },
    pages: { acoes: undefined, fiis: undefined },
  },
};

function factsOf(tableFacts: readonly TableFacts[], sections: Sections = { site: listed }): Facts {
  return {
    now: new Date('2026-11-25T12:00:00Z'),
    due: { day: partition, inProgress: undefined },
    target: 'local',
    isDemo: false,
    sections: {
      ...sections,
      'last-run': { value: { run: undefined, collections: [], broken: [] } },
      tables: { value: tableFacts },
    },
  };
}

describe('the tickers of a day', () => {
  const acoes = tableWith(sorTables.acoes, ['AAAA3']);

  test('one that is listed among the stocks, and whose page is a fund, is there', () => {
    const fiis = tableWith(sorTables.fiis, ['CCCC11', 'DDDD11']);
    expect(findCoverage(factsOf([acoes, fiis]), acoes)).toEqual({
      comparedWith: 'site',
      basis: 'listed by the site',
      expected: 3,
      missing: ['BBBB3'],
    });
    const earlier = tableWith(sorTables.fiis, ['CCCC11'], 20261123 as Partition);
    expect(findCoverage(factsOf([acoes, earlier]), acoes)?.missing).toEqual(['BBBB3', 'CCCC11']);
  });

  test('the quotes are to have both kinds', () => {
    const [spec] = tables.filter(({ layer }) => layer === 'spec');
    if (spec === undefined) throw new Error('no quotes');
    const quotes = tableWith(spec, ['AAAA3', 'BBBB3']);
    expect(findCoverage(factsOf([quotes]), quotes)).toMatchObject({
      expected: 4,
      missing: ['CCCC11', 'DDDD11'],
    });
  });

  test.each([
    ['one that the last run found without a page is not expected', 1, 10, 2, ['CCCC11']],
    ['most of them are: the site may have lost its pages', 2, 4, 3, ['BBBB3', 'CCCC11']],
  ])('%s', (_, withoutPage, asked, expected, missing) => {
    const failed = ['BBBB3', 'CCCC11'].slice(0, withoutPage).map((ticker) => {
      return { ticker, kind: 'not-found', reason: '' };
    });
    const run = {
      ...{ command: 'run', date: '2026-11-24', started_at: '2026-11-24T18:45:00.000-03:00' },
      ...{
        seconds: 1,
        asked,
        stored: asked - failed.length,
        failed,
        without_page: [],
        interrupted: false,
      },
      ...{ error: null, listing_faults: [] },
    };
    const facts = factsOf([acoes]);
    const lastRun = { value: { run, collections: [run], broken: [] } };
    const sections = { ...facts.sections, 'last-run': lastRun };
    expect(findCoverage({ ...facts, sections }, acoes)).toMatchObject({ expected, missing });
  });

  test('with nothing to compare, nothing is said', () => {
    expect(findCoverage(factsOf([acoes], {}), acoes)).toBeUndefined();
  });
});

test.each([
  [0, 5, true],
  [1, 5, false],
  [1, 99, false],
  [1, 100, true],
  [9, 986, true],
  [10, 986, false],
])('%i of %i tickers missing may be: %s', (missing, expected, answer) => {
  const tickers = Array.from({ length: missing }, (_, index) => `AAA${index}3`);
  expect(
    isTolerable({ comparedWith: 'site', basis: 'listed by the site', expected, missing: tickers }),
  ).toBe(answer);
});
