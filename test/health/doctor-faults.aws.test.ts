/** Faults made on purpose in a lake on this machine and in one in AWS: found, mended, and nothing else. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AssetKind, assetKinds } from '../../src/catalog/asset.ts';
import type { ColumnType, Row } from '../../src/catalog/column.ts';
import type { Table } from '../../src/catalog/dataset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { encodeRows } from '../../src/lake/parquet/encode.ts';
import { createS3Inspector } from '../../src/lake/s3/lake.ts';
import { rebuild } from '../../src/pipeline/rebuild.ts';
import { jsonRows, type PrintedRow } from '../support/answers.ts';
import { hasAws } from '../support/aws-account.ts';
import { bytesInBuckets, bytesInFolder, type LakeBytes, pathOf } from '../support/lake-bytes.ts';
import { rowsOf } from '../support/lake-rows.ts';
import { day } from '../support/made-up-lake.ts';
import { packedUnreadably } from '../support/packed-files.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';
import { startTwinLakes, type TargetName, type TwinLakes } from '../support/twin-lakes.ts';

const friday = day('2026-11-20');
const thursday = day('2026-11-19');

let twins: TwinLakes;
let bytes: Readonly<Record<TargetName, LakeBytes>>;
let good: Readonly<Record<TargetName, ReadonlyMap<string, Held>>>;

interface Held {
  readonly held: Buffer;
  readonly hash: string;
}

async function everything(lake: LakeBytes): Promise<Map<string, Held>> {
  const all = new Map<string, Held>();
  for (const [path, hash] of Object.entries(await lake.contents())) {
    all.set(path, { held: await lake.get(path), hash });
  }
  return all;
}

/** Brings the lake back to what it was before the first fault. */
async function restore(target: TargetName): Promise<void> {
  const lake = bytes[target];
  const now = await lake.contents();
  for (const path of Object.keys(now)) {
    if (good[target].has(path)) continue;
    await lake.remove(path.replace(/^_quarantine\/(sor|sot|spec)/, fromQuarantine(target)));
  }
  for (const [path, { held, hash }] of good[target]) {
    if (now[path] !== hash) await lake.put(path, held);
  }
  if (target === 'local') return;
  const { catalog } = createS3Inspector(twins.system);
  for (const table of tables) {
    for (const partition of [thursday, friday]) await catalog?.register(table, partition);
  }
}

const fromQuarantine = (target: TargetName) => (target === 'local' ? '$&' : '$1/_quarantine');

interface Answer {
  readonly status: number | null;
  readonly rows: readonly PrintedRow[];
  readonly stderr: string;
}

async function doctor(target: TargetName, ...args: string[]): Promise<Answer> {
  const all = ['doctor', '--no-site', '--format', 'json', ...args];
  const { status, stdout, stderr } = await twins.on(target, all);
  return { status, rows: jsonRows(stdout), stderr };
}

const codesOf = (rows: readonly PrintedRow[], status: string): string[] =>
  [
    ...new Set(rows.filter((row) => row['status'] === status).map((row) => String(row['code']))),
  ].sort();

interface Fault {
  readonly what: string;
  readonly make: (lake: LakeBytes, target: TargetName) => Promise<unknown>;
  /** The codes of the problems that it is, and of those that `--fix` mends on the way. */
  readonly problems: readonly string[];
  readonly mends?: readonly string[];
  /** Files that are gone when it is mended; all others are as they were before the fault. */
  readonly gone?: readonly string[];
  /** The file that is moved aside. */
  readonly aside?: string;
}

const broken = (table: Table): Pick<Fault, 'aside'> => ({ aside: pathOf(table, friday) });

async function cutShort(lake: LakeBytes, path: string): Promise<void> {
  const whole = await lake.get(path);
  await lake.put(path, whole.subarray(0, whole.length - 10));
}

/** The values are spoilt, the footer is whole. */
async function spoil(lake: LakeBytes, path: string): Promise<void> {
  const whole = Buffer.from(await lake.get(path));
  const footer = whole.readUInt32LE(whole.length - 8);
  whole.fill(0xff, 4, whole.length - 8 - footer);
  await lake.put(path, whole);
}

async function changeRows(
  lake: LakeBytes,
  target: TargetName,
  table: Table,
  change: (rows: readonly Row[]) => readonly Row[],
  as: Table = table,
): Promise<void> {
  const rows = await rowsOf(twins.lakes[target], table, friday);
  await lake.put(pathOf(table, friday), encodeRows(as, change(rows)));
}

/** The table with one column of another type. */
function withType(table: Table, column: string, type: ColumnType): Table {
  const columns = table.columns.map((each) => (each.name === column ? { ...each, type } : each));
  return { ...table, columns };
}

const without = (table: Table, column: string): Table => ({
  ...table,
  columns: table.columns.filter(({ name }) => name !== column),
});

/** What means something else in an address. */
const ODD_PATH = pathOf(specTable, friday, 'a+b %20#c?d.parquet');

/** One bit of a value is another, as a failing disk leaves it. */
async function flipBit(lake: LakeBytes, path: string): Promise<void> {
  const whole = Buffer.from(await lake.get(path));
  const footer = whole.readUInt32LE(whole.length - 8);
  const middle = Math.floor((whole.length - 8 - footer) / 2);
  whole.writeUInt8(whole.readUInt8(middle) ^ 1, middle);
  await lake.put(path, whole);
}

const faults: readonly Fault[] = [
  ...[specTable, sotTables.acoes, sotTables.fiis].flatMap((table): Fault[] => [
    {
      what: `${table.name}: cut short`,
      make: (lake) => cutShort(lake, pathOf(table, friday)),
      problems: ['file-unreadable'],
      ...broken(table),
    },
    {
      what: `${table.name}: spoilt within`,
      make: (lake) => spoil(lake, pathOf(table, friday)),
      problems: ['file-unreadable'],
      ...broken(table),
    },
    {
      what: `${table.name}: a flipped bit`,
      make: (lake) => flipBit(lake, pathOf(table, friday)),
      problems: ['file-unreadable'],
      ...broken(table),
    },
    {
      what: `${table.name}: empty`,
      make: (lake) => lake.put(pathOf(table, friday), ''),
      problems: ['file-unreadable'],
      ...broken(table),
    },
  ]),
  {
    what: 'a file with an odd name that is cut short',
    make: async (lake) => {
      await lake.put(ODD_PATH, (await lake.get(pathOf(specTable, friday))).subarray(0, -9));
    },
    problems: ['file-unreadable'],
    aside: ODD_PATH,
  },
  {
    what: 'raw text cut short',
    make: (lake) => cutShort(lake, pathOf(sorTables.acoes, friday)),
    problems: ['file-unreadable'],
    mends: ['file-unreadable', 'partition-empty'],
    gone: [pathOf(sorTables.acoes, friday)],
    ...broken(sorTables.acoes),
  },
  ...[...Object.values(sorTables), ...Object.values(sotTables), specTable].map(
    (table): Fault => ({
      what: `${table.name}: a ticker twice`,
      make: async (lake) =>
        lake.put(pathOf(table, friday, 'again.parquet'), await lake.get(pathOf(table, friday))),
      problems: ['duplicates'],
    }),
  ),
  ...[...Object.values(sotTables), specTable].map(
    (table): Fault => ({
      what: `${table.name}: a day without its file`,
      make: (lake) => lake.remove(pathOf(table, friday)),
      problems: ['day-unfinished', 'partition-empty'],
    }),
  ),
  {
    what: 'quotes from the midst of a run',
    make: async (lake) =>
      lake.put(
        pathOf(specTable, friday, 'acoes-0123.cotacao.parquet'),
        await lake.get(pathOf(specTable, friday)),
      ),
    problems: ['day-unfinished'],
  },
  {
    what: 'a typed value that does not follow from the raw text',
    make: (lake, target) =>
      changeRows(lake, target, sotTables.acoes, (rows) =>
        rows.map((row, index) => (index === 1 ? { ...row, vlr_ind_roe: 123.25 } : row)),
      ),
    problems: ['typed-differs'],
  },
  {
    what: 'a typed row that is gone',
    make: (lake, target) => changeRows(lake, target, sotTables.fiis, (rows) => rows.slice(1)),
    problems: ['typed-differs'],
  },
  {
    what: 'a quote that does not follow from the typed row',
    make: (lake, target) =>
      changeRows(lake, target, specTable, (rows) => rows.map((row) => ({ ...row, vlr_cot: 1 }))),
    problems: ['quotes-differ'],
  },
  {
    what: 'a quote that is gone',
    make: (lake, target) => changeRows(lake, target, specTable, (rows) => rows.slice(0, -1)),
    problems: ['quotes-differ'],
  },
  {
    what: 'a column that is gone',
    make: (lake, target) =>
      changeRows(
        lake,
        target,
        sotTables.acoes,
        (rows) => rows,
        without(sotTables.acoes, 'nome_setor'),
      ),
    problems: ['columns-wrong'],
  },
  {
    what: 'a column of another type',
    make: (lake, target) =>
      changeRows(
        lake,
        target,
        specTable,
        (rows) => rows.map((row) => ({ ...row, vlr_cot: `R$ ${row['vlr_cot']}` })),
        withType(specTable, 'vlr_cot', 'string'),
      ),
    problems: ['columns-wrong'],
    ...broken(specTable),
  },
];

describe.runIf(hasAws).each(['local', 'aws'] as const)('a lake: %s', (target) => {
  let before: Record<string, string>;
  let catalog: string;

  beforeAll(async () => {
    twins = await startTwinLakes();
    bytes = { local: bytesInFolder(twins.root), aws: bytesInBuckets(twins.system) };
    good = { local: await everything(bytes.local), aws: await everything(bytes.aws) };
  }, 120_000);
  afterAll(() => twins?.close());
  beforeEach(async () => {
    await restore(target);
    before = await bytes[target].contents();
    catalog = await bytes[target].catalog();
  });

  test('nothing is found in a good one, and --fix changes nothing', async () => {
    for (const args of [[], ['--fix']]) {
      const { status, rows, stderr } = await doctor(target, ...args);
      expect({ status, problems: codesOf(rows, 'problem') }, stderr).toEqual({
        status: 0,
        problems: [],
      });
      const notes = codesOf(rows, 'note').filter((code) => code !== 'aws-quota');
      expect(notes).toEqual(['day-missing']);
      expect(rows.some((row) => row['fixable'])).toBe(false);
      expect(await bytes[target].contents()).toEqual(before);
      expect(await bytes[target].catalog()).toBe(catalog);
    }
  });

  test.each(faults)('$what', async ({ make, problems, mends, gone = [], aside }) => {
    await make(bytes[target], target);
    const spoilt = await bytes[target].contents();
    const inAws = (code: string): boolean => target === 'aws' || !code.startsWith('partition-');

    const found = await doctor(target);
    expect(codesOf(found.rows, 'problem')).toEqual(problems.filter(inAws));
    expect(
      found.rows.filter((row) => row['status'] === 'problem').every((row) => row['fixable']),
    ).toBe(true);
    expect(found.status).toBe(1);
    expect(await bytes[target].contents()).toEqual(spoilt);

    const fixed = await doctor(target, '--fix');
    expect(codesOf(fixed.rows, 'mended'), fixed.stderr).toEqual((mends ?? problems).filter(inAws));
    expect(codesOf(fixed.rows, 'problem')).toEqual([]);
    expect(fixed.status).toBe(0);

    const after = await bytes[target].contents();
    const kept = Object.fromEntries(
      Object.entries(before).filter(([path]) => !gone.includes(path)),
    );
    const quarantined = Object.keys(after).filter((path) => path.startsWith('_quarantine/'));
    for (const path of quarantined) {
      expect(after[path]).toBe(spoilt[aside ?? '']);
      expect(path).toContain(aside?.replace(/\.parquet$/, '-'));
    }
    expect(quarantined).toHaveLength(aside === undefined ? 0 : 1);
    expect(
      Object.fromEntries(Object.entries(after).filter(([path]) => !quarantined.includes(path))),
    ).toEqual(kept);
    if (gone.length === 0) expect(await bytes[target].catalog()).toBe(catalog);

    const again = await doctor(target, '--fix');
    expect(again.rows.filter((row) => row['fixable'] || row['status'] === 'mended')).toEqual([]);
    expect(again.status).toBe(0);
    expect(await bytes[target].contents()).toEqual(after);
  });

  /** What is found and left as it is: rows of these codes, each with this status. */
  async function leftAlone(expected: Readonly<Record<string, string>>): Promise<PrintedRow[]> {
    const spoilt = await bytes[target].contents();
    const { rows } = await doctor(target, '--fix');
    for (const [code, status] of Object.entries(expected)) {
      const ofCode = rows.filter((row) => row['code'] === code);
      expect(ofCode.length, code).toBeGreaterThan(0);
      for (const row of ofCode) expect(row['status'], code).toBe(status);
    }
    expect(codesOf(rows, 'mended')).toEqual([]);
    expect(await bytes[target].contents()).toEqual(spoilt);
    return rows.filter((row) => String(row['code']) in expected);
  }

  test('what is not of the lake is left where it is', async () => {
    const { layer, name } = specTable;
    await bytes[target].put(pathOf(specTable, friday, 'notes.txt'), 'mine');
    await bytes[target].put(pathOf(specTable, friday, '_SUCCESS'), '');
    await bytes[target].put(`${layer}/${name}/anomesdia_exec=2026-11-20/dedup.parquet`, 'mine');
    await bytes[target].put(`${layer}/${name}/backup/old.parquet`, 'mine');
    const spoilt = await bytes[target].contents();
    const { rows, status } = await doctor(target, '--fix');
    expect(status).toBe(1);
    expect(
      rows
        .filter((row) => String(row['code']).startsWith('foreign-'))
        .map(({ code, status, subject }) => [code, status, subject]),
    ).toEqual([
      ['foreign-folder', 'problem', 'anomesdia_exec=2026-11-20'],
      ['foreign-file', 'note', `anomesdia_exec=${friday}/_SUCCESS`],
      ['foreign-file', target === 'aws' ? 'problem' : 'note', `anomesdia_exec=${friday}/notes.txt`],
      ['foreign-folder', 'note', 'backup'],
    ]);
    expect(await bytes[target].contents()).toEqual(spoilt);
  });

  test('raw text with a column of another type is left as it is', async () => {
    const { acoes } = sorTables;
    await changeRows(
      bytes[target],
      target,
      acoes,
      (rows) => rows.map((row) => ({ ...row, vlr_cot: 2.5 })),
      withType(acoes, 'vlr_cot', 'double'),
    );
    const [row] = await leftAlone({ 'columns-wrong': 'problem' });
    expect(row?.['detail']).toBe('vlr_cot is a number, not text');
    expect(row?.['fixable']).toBe(false);
  });

  test.each([sorTables.acoes, sotTables.acoes, specTable])(
    'a file of $name that is packed in a way of its own is no broken one, and left as it is',
    async (table) => {
      const path = pathOf(table, friday);
      await bytes[target].put(path, await packedUnreadably(await bytes[target].get(path)));
      const [row, ...more] = await leftAlone({ 'codec-unreadable': 'problem' });
      expect(row).toMatchObject({ table: table.name, fixable: false });
      expect(row?.['detail']).toContain('cannot be decompressed (codec ZSTD)');
      expect(more).toEqual([]);
    },
  );

  test('what a newer version wrote is left as it is, even where a ticker is there twice', async () => {
    const newer: Table = {
      ...specTable,
      columns: [...specTable.columns, { name: 'vlr_novo', type: 'double', description: '' }],
    };
    const rows = await rowsOf(twins.lakes[target], specTable, friday);
    await bytes[target].put(pathOf(specTable, friday), encodeRows(newer, [...rows, ...rows]));
    const found = await leftAlone({ 'columns-unknown': 'note', duplicates: 'problem' });
    expect(found.map((row) => row['remedy'])).toEqual([
      expect.stringContaining('update this one'),
      expect.stringContaining('First resolve columns-unknown'),
    ]);
  });

  test('a file of an earlier version is a note', async () => {
    const { acoes } = sorTables;
    const older = { ...acoes, columns: acoes.columns.slice(0, -2) };
    await changeRows(bytes[target], target, acoes, (rows) => rows, older);
    // Its typed rows are as they were made of the same pages by that version.
    const typed = { ...sotTables.acoes, columns: sotTables.acoes.columns.slice(0, -2) };
    await changeRows(bytes[target], target, sotTables.acoes, (rows) => rows, typed);
    const found = await leftAlone({ 'columns-older': 'note' });
    expect(found.map((row) => row['table'])).toEqual([acoes.name, sotTables.acoes.name]);
  });

  test('typed rows without raw text are a note', async () => {
    for (const kind of assetKinds)
      await twins.lakes[target].remove(await twins.lakes[target].files(sorTables[kind], thursday));
    const { rows, status } = await doctor(target, '--fix');
    expect(status).toBe(0);
    expect(codesOf(rows, 'note')).toContain('raw-missing');
    expect(Object.keys(await bytes[target].contents())).toEqual(
      Object.keys(before).filter(
        (path) => !(path.startsWith('sor/') && path.includes(String(thursday))),
      ),
    );
  });

  test('rows that follow from none before them are a note, and stay through a rebuild', async () => {
    const stranger = (rows: readonly Row[], column: string): Row => ({
      ...rows[0],
      [column]: 'ZZZZ9',
    });
    await changeRows(bytes[target], target, sotTables.acoes, (rows) => [
      ...rows.map((row, index) =>
        index === 1
          ? { ...row, vlr_cot: 1.23, datetime_exec: '2026-11-21T00:00:00.000-03:00' }
          : row,
      ),
      stranger(rows, sotTables.acoes.tickerColumn),
    ]);
    await rebuild(twins.lakes[target], friday);
    await changeRows(bytes[target], target, specTable, (rows) => [
      ...rows,
      { ...stranger(rows, specTable.tickerColumn), codigo_ticker_ativo: 'YYYY9' },
    ]);
    const [, second] = await rowsOf(twins.lakes[target], sorTables.acoes, friday);
    const found = await leftAlone({ 'row-alone': 'note' });
    expect(found.map(({ table, detail }) => [table, detail])).toEqual([
      [sotTables.acoes.name, `${second?.[sorTables.acoes.tickerColumn]}, ZZZZ9`],
      [specTable.name, 'YYYY9'],
    ]);
    await rebuild(twins.lakes[target], friday);
    expect(codesOf((await doctor(target)).rows, 'note')).toContain('row-alone');
  });

  test('values that can hardly be are named, and stay as the site prints them', async () => {
    const odd: Readonly<Record<AssetKind, Row>> = {
      acoes: {
        vlr_cot: '1.000,00',
        vlr_min_52_sem: '2,00',
        vlr_max_52_sem: '3,00',
        pct_var_12m: '1.500,0%',
        vlr_ind_roe: '-1.200,0%',
      },
      fiis: {
        vlr_cot: '-1,00',
        dt_ult_cot: '23/11/2026',
        vlr_min_52_sem: '-',
        vlr_max_52_sem: '-',
      },
    };
    for (const kind of assetKinds) {
      await changeRows(bytes[target], target, sorTables[kind], (rows) =>
        rows.map((row, index) => (index === 0 ? { ...row, ...odd[kind] } : row)),
      );
    }
    await rebuild(twins.lakes[target], friday);
    const found = await leftAlone({
      ...{ 'value-band': 'note', 'value-price': 'note', 'value-fraction': 'note' },
      'value-date': 'note',
    });
    const details = found.map(({ code, subject, detail }) => [
      code,
      String(subject).split(' ')[1],
      detail,
    ]);
    expect(details).toEqual(
      expect.arrayContaining([
        ['value-band', 'vlr_cot', '1000, above the highest of 52 weeks, 3'],
        ['value-fraction', 'pct_var_12m', '15'],
        ['value-fraction', 'vlr_ind_roe', '-12'],
        ['value-price', 'vlr_cot', '-1'],
        ['value-date', 'dt_ult_cot', '2026-11-23, after the day, 2026-11-20'],
      ]),
    );
  });

  test('only the days asked for are looked at', async () => {
    await cutShort(bytes[target], pathOf(specTable, friday));
    const { status, rows } = await doctor(target, '--to', '2026-11-19');
    expect([status, codesOf(rows, 'problem')]).toEqual([0, []]);
    const from = await doctor(target, '--from', '2026-11-20');
    expect(codesOf(from.rows, 'problem')).toEqual(['file-unreadable']);
  });
});
