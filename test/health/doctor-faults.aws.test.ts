/** Faults made on purpose in a lake on this machine and in one in AWS: found, mended, and nothing else. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AssetKind, assetKinds } from '../../src/catalog/asset.ts';
import type { ColumnType, Row } from '../../src/catalog/column.ts';
import type { Table } from '../../src/catalog/dataset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { formatIsoDate, PARTITION_COLUMN, type Partition } from '../../src/catalog/partition.ts';
import { getTradingDays } from '../../src/catalog/trading-days.ts';
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
let good: ReadonlyMap<string, Held>;
let goodCatalog: string;

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

/** Brings the lake, and its catalog, back to what they were before the first fault. */
async function restore(target: TargetName): Promise<void> {
  const lake = bytes[target];
  const { contents: now, catalog: catalogNow } = await readState(lake);
  for (const path of Object.keys(now)) {
    if (good.has(path)) continue;
    await lake.remove(path.replace(/^_quarantine\/(sor|sot|spec)/, fromQuarantine(target)));
  }
  for (const [path, { held, hash }] of good) {
    if (now[path] !== hash) await lake.put(path, held);
  }
  if (catalogNow === goodCatalog) return;
  const { catalog } = createS3Inspector(twins.system);
  await Promise.all(
    tables.map(async (table) => {
      for (const partition of [thursday, friday]) await catalog?.register(table, partition);
    }),
  );
}

const goodContents = (): Record<string, string> =>
  Object.fromEntries([...good].map(([path, { hash }]) => [path, hash]));

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
  /** The file that is gone when it is mended; all others are as they were before the fault. */
  readonly gone?: string;
  /** The file that is moved aside. */
  readonly aside?: string;
}

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
  partition: Partition,
  change: (rows: readonly Row[]) => readonly Row[],
  as: Table = table,
): Promise<void> {
  const rows = await rowsOf(twins.lakes[target], table, partition);
  await lake.put(pathOf(table, partition), encodeRows(as, change(rows)));
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

/** Of characters that mean something else in an address. */
const ODD_NAME = 'a+b %20#c?d.parquet';

/** One bit of a value is another, as a failing disk leaves it. */
async function flipBit(lake: LakeBytes, path: string): Promise<void> {
  const whole = Buffer.from(await lake.get(path));
  const footer = whole.readUInt32LE(whole.length - 8);
  const middle = Math.floor((whole.length - 8 - footer) / 2);
  whole.writeUInt8(whole.readUInt8(middle) ^ 1, middle);
  await lake.put(path, whole);
}

/** What can be wrong in a day; last what only the rows show: of the newest days, they are read unasked. */
const faultsOf = (partition: Partition): readonly Fault[] => [
  ...[specTable, sotTables.acoes, sotTables.fiis].flatMap((table): Fault[] => [
    {
      what: `${table.name}: cut short`,
      make: (lake) => cutShort(lake, pathOf(table, partition)),
      problems: ['file-unreadable'],
      aside: pathOf(table, partition),
    },
    {
      what: `${table.name}: spoilt within`,
      make: (lake) => spoil(lake, pathOf(table, partition)),
      problems: ['file-unreadable'],
      aside: pathOf(table, partition),
    },
    {
      what: `${table.name}: a flipped bit`,
      make: (lake) => flipBit(lake, pathOf(table, partition)),
      problems: ['file-unreadable'],
      aside: pathOf(table, partition),
    },
    {
      what: `${table.name}: empty`,
      make: (lake) => lake.put(pathOf(table, partition), ''),
      problems: ['file-unreadable'],
      aside: pathOf(table, partition),
    },
  ]),
  {
    what: 'a file with an odd name that is cut short',
    make: async (lake) => {
      await lake.put(
        pathOf(specTable, partition, ODD_NAME),
        (await lake.get(pathOf(specTable, partition))).subarray(0, -9),
      );
    },
    problems: ['file-unreadable'],
    aside: pathOf(specTable, partition, ODD_NAME),
  },
  {
    what: 'raw text cut short',
    make: (lake) => cutShort(lake, pathOf(sorTables.acoes, partition)),
    problems: ['file-unreadable'],
    mends: ['file-unreadable', 'partition-empty'],
    gone: pathOf(sorTables.acoes, partition),
    aside: pathOf(sorTables.acoes, partition),
  },
  ...[...Object.values(sorTables), ...Object.values(sotTables), specTable].map(
    (table): Fault => ({
      what: `${table.name}: a ticker twice`,
      make: async (lake) =>
        lake.put(
          pathOf(table, partition, 'again.parquet'),
          await lake.get(pathOf(table, partition)),
        ),
      problems: ['duplicates'],
    }),
  ),
  ...[...Object.values(sotTables), specTable].map(
    (table): Fault => ({
      what: `${table.name}: a day without its file`,
      make: (lake) => lake.remove(pathOf(table, partition)),
      problems: ['day-unfinished', 'partition-empty'],
    }),
  ),
  {
    what: 'quotes from the midst of a run',
    make: async (lake) =>
      lake.put(
        pathOf(specTable, partition, 'acoes-0123.cotacao.parquet'),
        await lake.get(pathOf(specTable, partition)),
      ),
    problems: ['day-unfinished'],
  },
  {
    what: 'a typed row that is gone',
    make: (lake, target) =>
      changeRows(lake, target, sotTables.fiis, partition, (rows) => rows.slice(1)),
    problems: ['typed-differs'],
  },
  {
    what: 'a quote that is gone',
    make: (lake, target) =>
      changeRows(lake, target, specTable, partition, (rows) => rows.slice(0, -1)),
    problems: ['quotes-differ'],
  },
  {
    what: 'a column that is gone',
    make: (lake, target) =>
      changeRows(
        lake,
        target,
        sotTables.acoes,
        partition,
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
        partition,
        (rows) => rows.map((row) => ({ ...row, vlr_cot: `R$ ${row['vlr_cot']}` })),
        withType(specTable, 'vlr_cot', 'string'),
      ),
    problems: ['columns-wrong'],
    aside: pathOf(specTable, partition),
  },
  {
    what: 'a typed value that does not follow from the raw text',
    make: (lake, target) =>
      changeRows(lake, target, sotTables.acoes, partition, (rows) =>
        rows.map((row, index) => (index === 1 ? { ...row, vlr_ind_roe: 123.25 } : row)),
      ),
    problems: ['typed-differs'],
  },
  {
    what: 'a quote that does not follow from the typed row',
    make: (lake, target) =>
      changeRows(lake, target, specTable, partition, (rows) =>
        rows.map((row) => ({ ...row, vlr_cot: 1 })),
      ),
    problems: ['quotes-differ'],
  },
];

/** The lake, and what the doctor says of it, before and after it repairs faults. */
interface Course {
  readonly before: LakeState;
  readonly spoilt: LakeState;
  readonly after: LakeState;
  readonly found: Answer;
  readonly fixed: Answer;
}

interface LakeState {
  readonly contents: Readonly<Record<string, string>>;
  readonly catalog: string;
}

async function readState(lake: LakeBytes): Promise<LakeState> {
  const [contents, catalog] = await Promise.all([lake.contents(), lake.catalog()]);
  return { contents, catalog };
}

/**
 * Makes faults, has them found without a word about which days to look at, and repaired; what was repaired has nothing
 * more to repair.
 */
async function repairFaults(
  target: TargetName,
  faults: readonly Fault[],
  ...args: string[]
): Promise<Course> {
  const lake = bytes[target];
  const before = await readState(lake);
  for (const { make } of faults) await make(lake, target);
  const spoilt = await readState(lake);
  const found = await doctor(target);
  expect(found.status).toBe(1);
  expect(await readState(lake)).toEqual(spoilt);

  const fixed = await doctor(target, '--fix', ...args);
  expect(fixed.status, fixed.stderr).toBe(0);
  const after = await readState(lake);

  const again = await doctor(target, '--fix', ...args);
  expect(again.rows.filter((row) => row['fixable'] || row['status'] === 'mended')).toEqual([]);
  expect(again.status).toBe(0);
  expect(await readState(lake)).toEqual(after);
  return { before, spoilt, after, found, fixed };
}

const folderOf = (partition: Partition): string => `${PARTITION_COLUMN}=${partition}/`;

/** What is about one day. */
function inDay({ before, spoilt, after, found, fixed }: Course, partition: Partition): Course {
  const folder = folderOf(partition);
  const ofState = ({ contents, catalog }: LakeState): LakeState => ({
    contents: Object.fromEntries(
      Object.entries(contents).filter(([path]) => path.includes(folder)),
    ),
    catalog: catalog
      .split('\n')
      .filter((line) => line.includes(folder))
      .join('\n'),
  });
  const ofAnswer = (answer: Answer): Answer => ({
    ...answer,
    rows: answer.rows.filter((row) => row['partition'] === partition),
  });
  return {
    ...{ before: ofState(before), spoilt: ofState(spoilt), after: ofState(after) },
    ...{ found: ofAnswer(found), fixed: ofAnswer(fixed) },
  };
}

/** The fault, and no other, was found and repaired; all files but those that it names are as they were before. */
function expectRepaired(
  { problems, mends = problems, gone, aside }: Fault,
  { before, spoilt, after, found, fixed }: Course,
  isAsked: (code: string) => boolean,
): void {
  const ofProblems = found.rows.filter((row) => row['status'] === 'problem');
  expect(codesOf(found.rows, 'problem')).toEqual(problems.filter(isAsked));
  expect(ofProblems.every((row) => row['fixable'])).toBe(true);
  expect(codesOf(fixed.rows, 'mended'), fixed.stderr).toEqual(mends.filter(isAsked));
  expect(codesOf(fixed.rows, 'problem')).toEqual([]);

  const quarantined = Object.keys(after.contents).filter((path) => path.startsWith('_quarantine/'));
  for (const path of quarantined) {
    expect(after.contents[path]).toBe(spoilt.contents[aside ?? '']);
    expect(path).toContain(aside?.replace(/\.parquet$/, '-'));
  }
  expect(quarantined).toHaveLength(aside === undefined ? 0 : 1);
  const omit = (contents: LakeState['contents'], paths: readonly (string | undefined)[]) =>
    Object.fromEntries(Object.entries(contents).filter(([path]) => !paths.includes(path)));
  expect(omit(after.contents, quarantined)).toEqual(omit(before.contents, [gone]));
  if (gone === undefined) expect(after.catalog).toBe(before.catalog);
}

/** Two lakes with these days, for the tests of a block. */
function useLakes(days: readonly Partition[]): void {
  beforeAll(async () => {
    twins = await startTwinLakes({ days });
    bytes = { local: bytesInFolder(twins.root), aws: bytesInBuckets(twins.system) };
  }, 120_000);
  afterAll(() => twins?.close());
}

describe.runIf(hasAws)('two lakes', () => {
  useLakes([thursday, friday]);

  describe.each(['local', 'aws'] as const)('%s', (target) => {
    beforeAll(async () => {
      good = await everything(bytes[target]);
      goodCatalog = await bytes[target].catalog();
    });
    beforeEach(() => restore(target));

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
        expect(await readState(bytes[target])).toEqual({
          contents: goodContents(),
          catalog: goodCatalog,
        });
      }
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
        [
          'foreign-file',
          target === 'aws' ? 'problem' : 'note',
          `anomesdia_exec=${friday}/notes.txt`,
        ],
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
        friday,
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
      await changeRows(bytes[target], target, acoes, friday, (rows) => rows, older);
      // Its typed rows are as they were made of the same pages by that version.
      const typed = { ...sotTables.acoes, columns: sotTables.acoes.columns.slice(0, -2) };
      await changeRows(bytes[target], target, sotTables.acoes, friday, (rows) => rows, typed);
      const found = await leftAlone({ 'columns-older': 'note' });
      expect(found.map((row) => row['table'])).toEqual([acoes.name, sotTables.acoes.name]);
    });

    test('typed rows without raw text are a note', async () => {
      for (const kind of assetKinds)
        await twins.lakes[target].remove(
          await twins.lakes[target].files(sorTables[kind], thursday),
        );
      const { rows, status } = await doctor(target, '--fix');
      expect(status).toBe(0);
      expect(codesOf(rows, 'note')).toContain('raw-missing');
      expect(Object.keys(await bytes[target].contents())).toEqual(
        Object.keys(goodContents()).filter(
          (path) => !(path.startsWith('sor/') && path.includes(String(thursday))),
        ),
      );
    });

    test('rows that follow from none before them are a note, and stay through a rebuild', async () => {
      const stranger = (rows: readonly Row[], column: string): Row => ({
        ...rows[0],
        [column]: 'ZZZZ9',
      });
      await changeRows(bytes[target], target, sotTables.acoes, friday, (rows) => [
        ...rows.map((row, index) =>
          index === 1
            ? { ...row, vlr_cot: 1.23, datetime_exec: '2026-11-21T00:00:00.000-03:00' }
            : row,
        ),
        stranger(rows, sotTables.acoes.tickerColumn),
      ]);
      await rebuild(twins.lakes[target], friday);
      await changeRows(bytes[target], target, specTable, friday, (rows) => [
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
        await changeRows(bytes[target], target, sorTables[kind], friday, (rows) =>
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
});

// To examine and repair a lake takes long: all faults are asked about at once.
describe.runIf(hasAws)('two lakes with a fault in each of their days', () => {
  const days = getTradingDays(day('2026-09-01'), thursday).slice(-faultsOf(friday).length);
  const faults = days.flatMap((partition, index) =>
    faultsOf(partition)
      .slice(index, index + 1)
      .map((fault) => ({ ...fault, partition })),
  );

  useLakes(days);

  describe.each(['local', 'aws'] as const)('%s', (target) => {
    let course: Course;

    beforeAll(async () => {
      // The days that are looked at do not depend on where the lake is: one is repaired as it is found, one by its days.
      const args = target === 'local' ? [] : ['--from', formatIsoDate(days[0] ?? thursday)];
      course = await repairFaults(target, faults, ...args);
    });

    test('has no other', () => {
      expect(faults).toHaveLength(faultsOf(friday).length);
      const { before, after, found, fixed } = course;
      const ofFaults = [...found.rows, ...fixed.rows].filter(
        ({ status }) => status === 'problem' || status === 'mended',
      );
      expect([...new Set(ofFaults.map((row) => row['partition']))].sort()).toEqual(days);
      const isOfDay = (text: string, partition: Partition): boolean =>
        text.includes(folderOf(partition));
      const isOfSome = (text: string): boolean => days.some((each) => isOfDay(text, each));
      // The copies of many days that queries of a folder read are made anew by every writer.
      const isCopy = (path: string): boolean => target === 'local' && path.startsWith('_quarters/');
      const isOther = (path: string): boolean => !isOfSome(path) && !isCopy(path);
      expect(Object.keys(after.contents).filter(isOther)).toEqual([]);
      const ofTables = ({ catalog }: LakeState) =>
        catalog.split('\n').filter((line) => !isOfSome(line));
      expect(ofTables(after)).toEqual(ofTables(before));
    });

    // A folder has no catalog.
    const isAsked = (code: string): boolean => target === 'aws' || !code.startsWith('partition-');

    test.each(faults)('$what', ({ partition, ...fault }) => {
      expectRepaired(fault, inDay(course, partition), isAsked);
    });
  });
});
