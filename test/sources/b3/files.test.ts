import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { describe, expect, it, test } from 'vitest';
import { parsePartition } from '../../../src/catalog/partition.ts';
import { InvalidFileError, SiteError, UsageError } from '../../../src/errors.ts';
import {
  createDayFile,
  createYearFile,
  defaultB3Settings,
  fetchPriceFile,
  findPriceFiles,
  readContents,
} from '../../../src/sources/b3/files.ts';
import { createHttpClient } from '../../../src/sources/http/client.ts';
import { formatCotahist, formatRecord } from '../../support/cotahist.ts';
import { newFolder } from '../../support/folders.ts';
import { serve } from '../../support/raw-server.ts';

const bytes = formatCotahist([formatRecord()]);

async function write(name: string, content: Uint8Array): Promise<string> {
  const path = join(await newFolder(), name);
  await writeFile(path, content);
  return path;
}

/** The names and the bytes of what a file contains, and how many of its own bytes were counted. */
async function contentsOf(path: string) {
  const contents: [name: string, bytes: Buffer][] = [];
  let counted = 0;
  const count = (read: number): void => {
    counted += read;
  };
  for await (const { name, chunks } of readContents(path, 'A', count)) {
    const parts: Buffer[] = [];
    for await (const chunk of chunks) parts.push(Buffer.from(chunk));
    contents.push([name, Buffer.concat(parts)]);
  }
  return { contents, counted };
}

describe('what a file contains', () => {
  it('is itself, if it is plain', async () => {
    const long = Buffer.alloc(5_000_000, 'x');
    const { contents, counted } = await contentsOf(await write('a.txt', long));
    expect(contents.map(([name, content]) => [name, content.equals(long)])).toEqual([['A', true]]);
    expect(counted).toBe(long.byteLength);
    const empty = await contentsOf(await write('b.txt', Buffer.from('')));
    expect(empty).toEqual({ contents: [['A', Buffer.from('')]], counted: 0 });
  });

  it('is each of the files of an archive, whatever they are called', async () => {
    const files: Zippable = {
      'COTAHIST.A1986': [bytes, { level: 9 }],
      'B/COTAHIST_A2001': [bytes, { level: 0 }],
    };
    const { contents, counted } = await contentsOf(await write('a.zip', zipSync(files)));
    expect(contents).toEqual([
      ['A/COTAHIST.A1986', bytes],
      ['A/B/COTAHIST_A2001', bytes],
    ]);
    expect(counted).toBeGreaterThan(bytes.byteLength);
  });

  const archive = zipSync({ 'A.TXT': bytes });
  const damaged = Uint8Array.from(archive);
  damaged[60] = (damaged[60] ?? 0) ^ 0xff;
  const wrongChecksum = zipSync({ 'A.TXT': [bytes, { level: 0 }] });
  wrongChecksum[100] = (wrongChecksum[100] ?? 0) ^ 1;
  it.each([
    ['is cut short', archive.subarray(0, -30)],
    ['has damaged bytes', damaged],
    ['has other bytes than its checksum says', wrongChecksum],
    ['has no files', zipSync({})],
    ['has a name out of its folder', zipSync({ '../A.TXT': bytes })],
  ])('cannot be read of an archive that %s', async (_, content) => {
    const read = contentsOf(await write('a.zip', content));
    await expect(read).rejects.toThrow(InvalidFileError);
    await expect(read).rejects.toThrow(/^A: /);
  });

  it('cannot be read of a file that is missing', async () => {
    await expect(contentsOf(join(await newFolder(), 'none'))).rejects.toThrow(InvalidFileError);
  });
});

describe('the files at a place', () => {
  it('are those of a folder that may be prices, by name, with the years of their names', async () => {
    const folder = await newFolder();
    const names = ['COTAHIST_A2024.ZIP', 'COTAHIST_M082023.TXT', 'cotahist.a1986', 'x.txt'];
    for (const name of [...names, 'notes.pdf']) await writeFile(join(folder, name), 'abc');
    await mkdir(join(folder, 'COTAHIST_D01012024.ZIP'));
    const found = await findPriceFiles(folder);
    expect(
      found.map(({ name, bytes: size, year }) => [name.slice(folder.length + 1), size, year]),
    ).toEqual([
      ['COTAHIST_A2024.ZIP', 3, 2024],
      ['COTAHIST_M082023.TXT', 3, 2023],
      ['cotahist.a1986', 3, 1986],
      ['x.txt', 3, undefined],
    ]);
  });

  it('may be an address', async () => {
    expect(await findPriceFiles('https://b3.example/x/COTAHIST_D08112024.ZIP')).toMatchObject([
      { name: 'COTAHIST_D08112024.ZIP', kind: 'remote', year: 2024 },
    ]);
  });

  it('must be there', async () => {
    const folder = await newFolder();
    for (const place of [folder, join(folder, 'none')]) {
      await expect(findPriceFiles(place)).rejects.toThrow(UsageError);
    }
  });
});

describe('a file of B3', () => {
  const clientOf = (baseUrl: string) =>
    createHttpClient(
      { ...defaultB3Settings, baseUrl, pauseMs: 0, backoffMs: 1, retries: 1 },
      new AbortController().signal,
    );

  test('is asked for by its year or its day', () => {
    expect(createYearFile(1986).location).toBe('InstDados/SerHist/COTAHIST_A1986.ZIP');
    expect(createDayFile(parsePartition('2024-11-08')).location).toBe(
      'InstDados/SerHist/COTAHIST_D08112024.ZIP',
    );
  });

  test('is fetched again if it was cut short on its way', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      response.writeHead(200, { 'content-length': bytes.byteLength });
      if (requests > 1) response.end(bytes);
      else response.write(bytes.subarray(0, 100), () => response.destroy());
    });
    const folder = await newFolder();
    const path = await fetchPriceFile(clientOf(url), createYearFile(2024), folder, () => undefined);
    expect(await readFile(path)).toEqual(bytes);
    expect(requests).toBe(2);
  });

  test('that does not exist is an error that says so, and leaves nothing', async () => {
    const url = await serve((_, response) => response.writeHead(404).end());
    const folder = await newFolder();
    const [address] = await findPriceFiles(`${url}/files/COTAHIST_A2023.ZIP`);
    if (address === undefined) throw new Error('an address is a file');
    for (const [file, name, hint] of [
      [createDayFile(parsePartition('2024-11-09')), 'COTAHIST_D09112024.ZIP', 'no session'],
      [createYearFile(2023), 'COTAHIST_A2023.ZIP', 'each year from 1986 on'],
      [address, 'COTAHIST_A2023.ZIP', 'Check the address'],
    ] as const) {
      const fetched = fetchPriceFile(clientOf(url), file, folder, () => undefined);
      await expect(fetched).rejects.toBeInstanceOf(SiteError);
      await expect(fetched).rejects.toMatchObject({
        message: `${name}: B3 has no such file`,
        hint: expect.stringContaining(hint),
      });
    }
    expect(await readdir(folder)).toEqual([]);
  });
});
