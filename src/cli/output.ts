/** Rows to stdout, as a table, JSON or CSV. Streams: a row is written when it comes. */
import { once } from 'node:events';
import { counted } from '../counted.ts';
import type { OutputValue } from '../query/engine.ts';
import type { OutputFormat } from './output-formats.ts';
import { type Terminal, widthOf } from './terminal.ts';

export interface TabularData {
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly OutputValue[]> | AsyncIterable<readonly OutputValue[]>;
}

/** The format asked for; without one, a table on a terminal and CSV elsewhere. */
export function chosenFormat(terminal: Terminal, format: OutputFormat | undefined): OutputFormat {
  return format ?? (terminal.stdout.isTTY ? 'table' : 'csv');
}

/** Writes rows to stdout in the chosen format. */
export async function writeRows(
  terminal: Terminal,
  format: OutputFormat | undefined,
  data: TabularData,
): Promise<void> {
  const render = RENDERERS[chosenFormat(terminal, format)];
  for await (const text of render(data, terminal)) await write(terminal.stdout, text);
}

/** Writes one object as JSON. */
export async function writeObject(terminal: Terminal, object: object): Promise<void> {
  await write(terminal.stdout, `${JSON.stringify(object, null, 2)}\n`);
}

type Renderer = (data: TabularData, terminal: Terminal) => AsyncIterable<string>;

const RENDERERS: Readonly<Record<OutputFormat, Renderer>> = {
  csv: renderCsv,
  json: renderJson,
  table: renderTable,
};

async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}

async function* renderCsv({ columns, rows }: TabularData): AsyncIterable<string> {
  const { stringify } = await import('csv-stringify/sync');
  yield stringify([columns]);
  for await (const batch of inBatches(rows)) {
    yield stringify(batch.map((row) => row.map(plainText)));
  }
}

async function* renderJson({ columns, rows }: TabularData): AsyncIterable<string> {
  const names = columns.map((column) => JSON.stringify(column));
  yield '[';
  let separator = '\n';
  for await (const batch of inBatches(rows)) {
    let text = '';
    for (const row of batch) {
      const fields = names.map((name, index) => `${name}:${jsonOf(row[index] ?? null)}`);
      text += `${separator}{${fields.join(',')}}`;
      separator = ',\n';
    }
    yield text;
  }
  yield '\n]\n';
}

async function* renderTable({ columns, rows }: TabularData, terminal: Terminal) {
  const { layOutTable } = await import('./table.ts');
  const all: (readonly string[])[] = [];
  for await (const row of rows) all.push(row.map(plainText));
  const { text, hidden } = layOutTable(columns, all, widthOf(terminal.stdout) ?? 0);
  yield text;
  if (hidden.length > 0) {
    terminal.notice(
      `${counted(hidden.length, 'more column')} ${hidden.length === 1 ? 'does' : 'do'} not fit here: --format csv shows them all.`,
    );
  }
}

/** Few writes of many rows: a system call a row would cost more than the query. */
async function* inBatches<T>(items: Iterable<T> | AsyncIterable<T>): AsyncIterable<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < 512) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function plainText(value: OutputValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? jsonOf(value) : String(value);
}

/** JSON with integers of any size as numbers; JSON.stringify knows no bigint. */
function jsonOf(value: OutputValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value))
    return `[${value.map((item) => jsonOf(item as OutputValue)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}:${jsonOf(item)}`,
    );
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value);
}
