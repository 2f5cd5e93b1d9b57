/** Whether a file's statistics and indexes, which let a reader skip parts of it, are right. */

import { readFile } from 'node:fs/promises';
import { formatValue } from './readers.mjs';
import { asText, longColumns } from './samples.mjs';

const asNumber = (value) => (value instanceof Date ? value.getTime() : value);
const least = (values) => values.reduce((a, b) => (asNumber(b) < asNumber(a) ? b : a));
const most = (values) => values.reduce((a, b) => (asNumber(b) > asNumber(a) ? b : a));
const equal = (a, b) => asText(a) === asText(b);

/** Compares each row group's statistics, and each page's entry in the index, with the rows that it describes. */
export async function checkStatistics({ hyparquet, indexes }, file, rows) {
  const bytes = await readFile(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const metadata = hyparquet.parquetMetadata(buffer);
  const problems = { statistics: new Set(), index: new Set() };
  const seen = { statistics: 0, index: 0, offsets: 0, pages: 0, chunks: 0 };
  const compare = (kind, name, values, { min, max, nulls }) => {
    const there = values.filter((value) => value !== null);
    if (min !== undefined && !equal(min, least(there))) {
      problems[kind].add(
        `${name}: the least is ${formatValue(least(there) && asText(least(there)))}, stated ${formatValue(asText(min))}`,
      );
    }
    if (max !== undefined && !equal(max, most(there)))
      problems[kind].add(`${name}: the largest is wrong`);
    if (nulls !== undefined && Number(nulls) !== values.length - there.length) {
      problems[kind].add(`${name}: nulls`);
    }
  };
  let first = 0;
  for (const group of metadata.row_groups) {
    const part = rows.slice(first, first + Number(group.num_rows));
    first += Number(group.num_rows);
    for (const [n, chunk] of group.columns.entries()) {
      const { name } = longColumns[n];
      const values = part.map((row) => row[name]);
      const element = metadata.schema[n + 1];
      seen.chunks += 1;
      const stats = chunk.meta_data?.statistics;
      if (stats && (stats.min_value ?? stats.min) !== undefined) {
        seen.statistics += 1;
        compare('statistics', name, values, {
          min: stats.min_value ?? stats.min,
          max: stats.max_value ?? stats.max,
          nulls: stats.null_count,
        });
      }
      if (chunk.offset_index_offset === undefined) continue;
      seen.offsets += 1;
      try {
        const readerAt = (offset, length) => ({
          view: new DataView(buffer, Number(offset), Number(length)),
          offset: 0,
        });
        const pages = indexes.readOffsetIndex(
          readerAt(chunk.offset_index_offset, chunk.offset_index_length),
        ).page_locations;
        const starts = pages.map(({ first_row_index: row }) => Number(row));
        seen.pages += pages.length;
        if (starts[0] !== 0 || starts.some((row, at) => at > 0 && row <= starts[at - 1])) {
          problems.index.add(`${name}: first rows ${starts.slice(0, 3).join(', ')}`);
        }
        if (chunk.column_index_offset === undefined) continue;
        seen.index += 1;
        const index = indexes.readColumnIndex(
          readerAt(chunk.column_index_offset, chunk.column_index_length),
          element,
        );
        if (index.min_values.length !== pages.length || index.null_pages?.length !== pages.length) {
          problems.index.add(
            `${name}: ${pages.length} pages, ${index.min_values.length} minima, ` +
              `${index.null_pages?.length ?? 'no'} null marks`,
          );
        }
        for (const [at, start] of starts.entries()) {
          compare('index', name, values.slice(start, starts[at + 1]), {
            min: index.min_values[at],
            max: index.max_values[at],
            nulls: index.null_counts?.[at],
          });
        }
      } catch (error) {
        problems.index.add(`${name}: ${error.message.slice(0, 60)}`);
      }
    }
  }
  const list = (set) => [...set].slice(0, 3).join('; ');
  return {
    statistics: problems.statistics.size
      ? `**wrong**: ${list(problems.statistics)}`
      : `${seen.statistics} of ${seen.chunks} chunks, right`,
    index: problems.index.size
      ? `**wrong**: ${list(problems.index)}`
      : seen.index
        ? `${seen.pages} pages, right`
        : 'none',
  };
}

/** How many of the filters `column = value` find the rows that are there. */
export async function checkFilters(readers, file, rows) {
  const { pyarrow, datafusion } = readers.versions;
  const filters = longColumns.flatMap(({ name }) =>
    [0, 1, 2, 777, 9_999, 19_998, 19_999].map((at) => {
      const there = rows.map((row) => row[name]).filter((value) => value !== null);
      const value = asText(there[at % there.length]);
      const count = there.filter((each) => asText(each) === value).length;
      return { name, value, count };
    }),
  );
  const say = (found) => {
    const right = filters.filter(({ count }, n) => count === found[n]).length;
    const bad = filters.find(({ count }, n) => count !== found[n]);
    return right === filters.length
      ? `${right} of ${right}`
      : `**${right} of ${filters.length}** (such as ${bad.name} = ${bad.value})`;
  };
  const sql = ({ name, value }) =>
    `"${name}" = ${{ bigint: value, double: `${value}::DOUBLE`, date: `DATE '${value}'`, string: `'${value}'` }[name]}`;
  const found = [];
  for (const each of filters) found.push(await readers.count(file, sql(each)).catch(() => -1));
  const asked = filters.map(({ name, value }) => [name, value]);
  return {
    duckdb: say(found),
    datafusion: datafusion
      ? await readers.datafusion(file).then(
          (count) =>
            count ===
            rows.filter(({ double, bigint }) => double !== null && double < 0 && bigint >= 0n)
              .length
              ? 'right'
              : `**wrong**: ${count}`,
          (error) =>
            `**unreadable** (${String(error.stderr).trim().split('\n').at(-1).slice(-60)})`,
        )
      : 'not asked',
    pyarrow: pyarrow
      ? await readers
          .pyarrowCount(file, asked)
          .then(
            say,
            (error) => `**fails**: ${String(error.stderr).trim().split('\n').at(-1).slice(0, 80)}`,
          )
      : 'not asked',
  };
}
