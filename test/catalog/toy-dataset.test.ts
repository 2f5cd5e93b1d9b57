/**
 * A data set that pynvest does not know, partitioned by year and identified by two columns: declared here in one value
 * and one source, it is collected, typed, deduplicated, queried, examined and put into the template like all others.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { withTables } from '../../scripts/glue-tables.ts';
import type { Row } from '../../src/catalog/column.ts';
import { defineDataset, getTable, getTables } from '../../src/catalog/dataset.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { byYear, byYearOfEvent } from '../../src/catalog/partition.ts';
import type { Ticker } from '../../src/catalog/ticker.ts';
import { examineLake } from '../../src/health/doctor.ts';
import type { Finding } from '../../src/health/finding.ts';
import { repairLake } from '../../src/health/repair.ts';
import type { Lake } from '../../src/lake/lake.ts';
import { createLocalInspector, createLocalLake } from '../../src/lake/local/lake.ts';
import { DEDUP_NAME } from '../../src/lake/names.ts';
import { parseObjectKey } from '../../src/lake/s3/layout.ts';
import { collect } from '../../src/pipeline/collect.ts';
import type { DataSource } from '../../src/pipeline/data-source.ts';
import { deduplicatePartition } from '../../src/pipeline/deduplicate-partition.ts';
import { followFile } from '../../src/pipeline/next-layer.ts';
import { rebuild } from '../../src/pipeline/rebuild.ts';
import { getSteps } from '../../src/pipeline/steps.ts';
import { getResultColumns } from '../../src/query/columns.ts';
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import { readRows } from '../../src/query/read-rows.ts';
import { noSignal } from '../support/days.ts';
import { filesBelow, newFolder } from '../support/folders.ts';
import { rowsOf } from '../support/lake-rows.ts';
import { templateText } from '../support/template-text.ts';

const columns = [
  { name: 'codigo', description: 'Código da série' },
  { name: 'data', description: 'Dia do valor (data)' },
  { name: 'vlr', description: 'Valor da série, em reais (R$)' },
  { name: 'pct', description: 'Variação do valor, em fração' },
  { name: 'lido_em', description: 'Data e hora da leitura (texto)' },
];
const types = { data: 'date', vlr: 'double', pct: 'double' } as const;

const toy = defineDataset({
  id: 'toy',
  source: 'toy',
  keyColumns: ['codigo', 'data'],
  versionColumn: 'lido_em',
  partition: byYear,
  tables: {
    sor: {
      name: 'tbsor_toy_raw',
      description: 'Valores de brinquedo, como impressos',
      columns: columns.map((column) => ({ ...column, type: 'string' })),
    },
    sot: {
      name: 'tbsot_toy_prep',
      description: 'Valores de brinquedo, com tipo',
      columns: columns.map((column) => ({
        ...column,
        type: types[column.name as keyof typeof types] ?? 'string',
      })),
    },
  },
  typing: { notation: 'iso', fractions: ['pct'], copied: ['lido_em'] },
});

const datasets = [toy];
const tables = getTables(datasets);
const [raw, typed] = [getTable(toy, 'sor'), getTable(toy, 'sot')];
const years = [2024, 2025] as Partition[];

/** Each series has two values a year, one of them printed twice. */
const source: DataSource = {
  datasets,
  list: async () => ({ keys: ['SELIC', 'IPCA'], rejected: [] }),
  read: async (codigo, ano) => ({
    dataset: toy,
    rows: [
      toyRow(codigo, `${ano}-01-02`, '1.25', '08:00'),
      toyRow(codigo, `${ano}-07-01`, '2.50', '08:00'),
      toyRow(codigo, `${ano}-07-01`, '2.75', '09:00'),
    ],
  }),
};

function toyRow(codigo: string, data: string, vlr: string, time: string): Row {
  return { codigo, data, vlr, pct: '12.5%', lido_em: `2026-11-20T${time}:00.000-03:00` };
}

async function collectYears(lake: Lake): Promise<void> {
  const { keys } = await source.list(toy);
  const request = { source, lake, keys, concurrency: 2, signal: noSignal, now: () => new Date() };
  for (const partition of years) {
    const { failed } = await collect({ ...request, partition });
    expect(failed).toEqual([]);
  }
}

const expected = (year: number): Row[] =>
  ['IPCA', 'SELIC'].flatMap((codigo) => [
    { ...toyRow(codigo, `${year}-01-02`, '', '08:00'), vlr: 1.25, pct: 0.125 },
    { ...toyRow(codigo, `${year}-07-01`, '', '09:00'), vlr: 2.75, pct: 0.125 },
  ]);

let root: string;
let lake: Lake;

beforeAll(async () => {
  root = await newFolder();
  lake = createLocalLake(root);
  await collectYears(lake);
  for (const year of years) await rebuild(lake, year, datasets);
});

describe('a data set of years', () => {
  test('is stored in a folder a year, one file each', async () => {
    expect((await filesBelow(root)).sort()).toEqual(
      tables
        .flatMap(({ layer, name }) =>
          years.map((year) => `${layer}/${name}/ano=${year}/dedup.parquet`),
        )
        .sort(),
    );
    for (const table of tables) expect(await lake.partitions(table)).toEqual(years);
    expect(parseObjectKey('tbsot_toy_prep/ano=2025/dedup.parquet', tables)).toEqual({
      table: typed,
      partition: 2025,
      name: DEDUP_NAME,
    });
    expect(parseObjectKey('tbsot_toy_prep/ano=20251120/dedup.parquet', tables)).toBeUndefined();
  });

  test('is typed, with one row a key: the newest', async () => {
    for (const year of years) {
      expect(await rowsOf(lake, typed, year)).toEqual(expected(year));
      expect(await rowsOf(lake, raw, year)).toHaveLength(4);
    }
  });

  test('follows events of new files by the same steps', async () => {
    const chain = createLocalLake(await newFolder());
    await collectYears(chain);
    for (const year of years) {
      for (const file of await chain.files(raw, year)) {
        const followed = await followFile(chain, getSteps(datasets), file);
        expect(followed.outcome).toBe('written');
      }
      await deduplicatePartition(chain, toy, 'sot', year);
      expect(await rowsOf(chain, typed, year)).toEqual(expected(year));
    }
    const [file] = await chain.files(raw, 2025 as Partition);
    const late = file && (await followFile(chain, getSteps(datasets), file));
    expect(late).toEqual({ outcome: 'skipped', reason: 'its rows are in the table already' });
  });

  test('is queried by its names', async () => {
    const engine = await openDuckDb(root, { tables });
    try {
      const sums = await engine.query({
        sql: `SELECT ano, codigo, sum(vlr) FROM ${typed.database}.${typed.name}
          WHERE ano >= 2025 GROUP BY ALL ORDER BY codigo`,
      });
      const rows: unknown[] = [];
      for await (const row of sums.rows) rows.push(row);
      expect(rows).toEqual([
        [2025, 'IPCA', 4],
        [2025, 'SELIC', 4],
      ]);
      const ofOne = { table: typed, columns: typed.columns.slice(1, 3), days: {} };
      expect(await readRows(engine, { ...ofOne, tickers: ['SELIC' as Ticker] })).toEqual([
        ['2024-01-02', 1.25],
        ['2024-07-01', 2.75],
        ['2025-01-02', 1.25],
        ['2025-07-01', 2.75],
      ]);
      expect(await engine.newestPartition(typed)).toBe(2025);
    } finally {
      engine.close();
    }
  });
});

test('its columns are listed under its own names', () => {
  expect(getResultColumns(toy).map(({ name, type }) => [name, type])).toEqual([
    ['ano', 'integer'],
    ...typed.columns.map(({ name, type }) => [name, type]),
  ]);
});

describe('the doctor', () => {
  const examine = async (folder: string) =>
    examineLake({
      ...{ lake: createLocalLake(folder), store: createLocalInspector(folder), datasets },
      ...{ bounds: { from: undefined, to: undefined }, everyValue: false, mayBeInProgress: false },
      now: new Date('2026-11-21T12:00:00Z'),
    });
  const faults = (findings: readonly Finding[]) =>
    findings
      .filter(({ severity }) => severity !== 'ok')
      .map(({ code, table, partition, detail }) => [code, table?.name, partition, detail]);

  test('finds nothing wrong with it', async () => {
    const { findings, files, days } = await examine(root);
    expect(faults(findings)).toEqual([]);
    expect(findings.map(({ detail }) => detail)).toEqual([
      '2 years, the newest 2025 with 4 rows',
      '2 years, the newest 2025 with 4 rows',
    ]);
    expect([files, days]).toEqual([4, 2]);
  });

  test('does not call the daily run what fills its empty tables', async () => {
    const { findings } = await examine(await newFolder());
    expect(findings.map(({ code, remedy }) => [code, remedy])).toEqual(
      tables.map(() => ['empty', '`pynvest run` does not collect it.']),
    );
  });

  test('finds a row that does not follow from its raw text, and rebuilds it', async () => {
    const folder = await newFolder();
    const changed = createLocalLake(folder);
    await collectYears(changed);
    for (const year of years) await rebuild(changed, year, datasets);
    const [file] = await changed.files(typed, 2025 as Partition);
    if (file === undefined) throw new Error('nothing was typed');
    const rows = await changed.read(file);
    await changed.write(
      file,
      rows.map((row, index) => (index === 0 ? { ...row, vlr: 9 } : row)),
    );
    expect(faults((await examine(folder)).findings)).toEqual([
      ['typed-differs', typed.name, 2025, 'IPCA 2025-01-02 vlr is 9, 1.25 follows'],
    ]);
    const tools = { lake: changed, store: createLocalInspector(folder), datasets };
    const { repaired, failed } = await repairLake(() => examine(folder), tools);
    expect([repaired.length, failed.length]).toEqual([1, 0]);
    expect(await rowsOf(changed, typed, 2025 as Partition)).toEqual(expected(2025));
  });
});

test('the template has its tables, with the year as their partition', () => {
  const text = withTables(templateText, datasets);
  expect(text).toContain('  SorToyTable:\n');
  expect(text).toContain('  SotToyTable:\n');
  expect(text).toContain('Name: tbsot_toy_prep\n');
  expect(text).toMatch(/PartitionKeys:\n +- \{ Name: ano, Type: int, Comment: "Ano dos dados, /);
  expect(text).not.toContain('SorAcoesTable');
});

test('a data set of events puts each row into the year of its event', async () => {
  const { tables: definitions, typing } = toy;
  const { sor, sot } = definitions;
  if (sor === undefined || sot === undefined || typing === undefined) throw new Error('no tables');
  const events = defineDataset({
    id: 'eventos',
    source: 'toy',
    keyColumns: ['codigo', 'data'],
    partition: byYearOfEvent('data'),
    tables: { sor, sot },
    typing: { notation: 'iso', fractions: ['pct'] },
  });
  const folder = createLocalLake(await newFolder());
  const rows = [
    toyRow('SELIC', '2019-03-01', '1', '08:00'),
    toyRow('SELIC', '2024-03-01', '2', '08:00'),
  ];
  const eventSource: DataSource = {
    datasets: [events],
    list: async () => ({ keys: [], rejected: [] }),
    read: async () => ({ dataset: events, rows }),
  };
  await collect({
    ...{ source: eventSource, lake: folder, keys: ['SELIC'], partition: 2026 as Partition },
    ...{ concurrency: 1, signal: noSignal, now: () => new Date() },
  });
  const table = getTable(events, 'sot');
  for (const year of [2019, 2024] as Partition[]) await rebuild(folder, year, [events]);
  expect(await folder.partitions(table)).toEqual([2019, 2024]);
  expect((await rowsOf(folder, table, 2024 as Partition)).map(({ vlr }) => vlr)).toEqual([2]);
});
