import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { formatDayNumber, type WritableColumnBatch } from '../../../src/catalog/column.ts';
import type { Partition } from '../../../src/catalog/partition.ts';
import { InvalidFileError } from '../../../src/errors.ts';
import {
  CotahistParser,
  type ExpectedContents,
  type Markets,
} from '../../../src/sources/b3/cotahist.ts';
import { QuoteRows } from '../../../src/sources/b3/quote-rows.ts';
import { formatCotahist, formatRecord, type RecordFields } from '../../support/cotahist.ts';

const CASH: Markets = new Set(['010']);

function parse(
  bytes: Uint8Array,
  markets: Markets = CASH,
  chunkBytes = bytes.byteLength,
  expected: ExpectedContents = {},
) {
  const rows = new QuoteRows();
  const parser = new CotahistParser('A.TXT', () => rows, 1, markets, expected);
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
    parser.push(bytes.subarray(at, at + chunkBytes));
  }
  const summary = parser.end();
  const merged = rows.merge();
  if (!('batch' in merged)) throw new Error('two rows of one key differ');
  return { summary, batch: merged.batch, rows: toRows(merged.batch) };
}

function toRows({ rowCount, texts, numbers }: WritableColumnBatch) {
  return Array.from({ length: rowCount }, (_, row) => {
    const values = Object.entries(texts).map(([name, column]) => {
      const text = 'codes' in column ? column.values[column.codes[row] ?? 0] : column[row];
      return [name, text];
    });
    const figures = Object.entries(numbers).map(([name, column]) => {
      const value = column[row] ?? Number.NaN;
      if (Number.isNaN(value)) return [name, null];
      return [name, name.startsWith('dt_') ? formatDayNumber(value) : value];
    });
    return Object.fromEntries([...values, ...figures]);
  });
}

function refusalOf(
  bytes: Uint8Array,
  markets: Markets = CASH,
  expected: ExpectedContents = {},
): string {
  try {
    parse(bytes, markets, bytes.byteLength, expected);
  } catch (error) {
    if (error instanceof InvalidFileError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('a record', () => {
  it('gives every field its column', () => {
    const record = formatRecord({
      ...{
        ticker: 'JABU4',
        market: '030',
        term: '090',
        bdi: '62',
        strike: 1234,
        expiry: '20250117',
      },
      ...{ factor: 1000, points: 2500000, distribution: '245', specification: 'PN      N1' },
    });
    const { rows, summary } = parse(formatCotahist([record]), 'all');
    expect(summary).toEqual({
      ...{ year: 2024, records: 3, kept: 1, made: 20241230, lastSession: 20241108 },
    });
    expect(rows).toEqual([
      {
        ...{ codigo_ticker_ativo: 'JABU4', dt_pregao: '2024-11-08', codigo_mercado: '030' },
        ...{ prazo_termo: 90, codigo_bdi: '62', nome_resumido: 'TUCANO S/A' },
        ...{ especificacao_papel: 'PN      N1', moeda: 'R$', vlr_abertura: 10.1, vlr_max: 10.5 },
        ...{ vlr_min: 10, vlr_medio: 10.23, vlr_fechamento: 10.41, vlr_melhor_compra: 10.4 },
        ...{ vlr_melhor_venda: 10.42, qtd_negocios: 12, qtd_titulos: 3400, vlr_volume: 34782 },
        ...{ vlr_exercicio: 12.34, codigo_correcao: '0', dt_vencimento: '2025-01-17' },
        ...{ fator_cotacao: 1000, vlr_exercicio_pontos: 2.5, codigo_isin: 'BRTUCAACNOR1' },
        num_distribuicao: 245,
      },
    ]);
  });

  it('has no value where a field is blank or stands for none', () => {
    const blank = { term: '', expiry: '99991231', correction: ' ', distribution: '', isin: '' };
    const [row] = parse(formatCotahist([formatRecord(blank)])).rows;
    expect(row).toMatchObject({
      ...{ prazo_termo: null, dt_vencimento: null, codigo_correcao: null },
      ...{ num_distribuicao: null, codigo_isin: null },
    });
  });

  it('gives an amount the double nearest to it, also one of eighteen digits', () => {
    const volumes = ['000000000000000007', '123456789012345678', '900719925474099399'];
    const records = volumes.map((volume, at) => formatRecord({ ticker: `AAA${at}3`, volume }));
    const { rows } = parse(formatCotahist(records));
    expect(rows.map(({ vlr_volume: volume }) => volume)).toEqual([
      0.07, 1234567890123456.8, 9007199254740994,
    ]);
  });

  it('keeps letters of ISO-8859-1', () => {
    const [row] = parse(formatCotahist([formatRecord({ name: 'AÇÚCAR BR\xa0É' })])).rows;
    expect(row?.['nome_resumido']).toBe('AÇÚCAR BR\xa0É');
  });
});

describe('a file', () => {
  const records = ['TUCA3', 'JABU4', 'ONCA11'].map((ticker) => formatRecord({ ticker }));

  it.each(['\r\n', '\n'])(
    'has lines that end with %j, the last one also with nothing',
    (lineEnd) => {
      const bytes = formatCotahist(records, { lineEnd });
      expect(parse(bytes).rows).toHaveLength(3);
      expect(parse(bytes.subarray(0, -lineEnd.length)).rows).toHaveLength(3);
    },
  );

  it('gives the same rows in chunks of any length', () => {
    const bytes = formatCotahist(records);
    const whole = parse(bytes).rows;
    for (const chunkBytes of [1, 7, 244, 245, 246, 247, 248, 493, 500]) {
      expect(parse(bytes, CASH, chunkBytes).rows).toEqual(whole);
    }
  });

  it('gives the rows of the wanted markets alone, with every BDI code', () => {
    const mixed = [
      formatRecord({ ticker: 'TUCA3', bdi: '08' }),
      formatRecord({ ticker: 'TUCA3F', market: '020', bdi: '96' }),
      formatRecord({ ticker: 'ONCA11', bdi: '13' }),
    ];
    const bytes = formatCotahist(mixed);
    const tickersOf = (markets: Markets) =>
      parse(bytes, markets).rows.map(({ codigo_ticker_ativo: ticker }) => ticker);
    expect(tickersOf(CASH)).toEqual(['ONCA11', 'TUCA3']);
    expect(tickersOf(new Set(['020']))).toEqual(['TUCA3F']);
    expect(tickersOf('all')).toEqual(['ONCA11', 'TUCA3', 'TUCA3F']);
  });

  const refused: readonly (readonly [string, Uint8Array, string])[] = [
    ['without a line', Buffer.from(''), 'line 1: the file is empty'],
    [
      'without a header',
      Buffer.from(`${records[0]}\r\n`),
      'line 1: the first line is not a header',
    ],
    [
      'of another exchange',
      formatCotahist(records, { header: '00COTAHIST.2024NASDAQ  20241230' }),
      'line 1: the header is "00COTAHIST.2024NASDAQ  20241230"',
    ],
    [
      'made on an impossible day',
      formatCotahist(records, { header: '00COTAHIST.2024BOVESPA 20241330' }),
      'line 1: the header is "00COTAHIST.2024BOVESPA 20241330"',
    ],
    [
      'with a second header',
      formatCotahist(['00COTAHIST.2024BOVESPA 20241230'.padEnd(245)]),
      'line 2: a second header',
    ],
    [
      'with a record of an unknown type',
      formatCotahist(['02'.padEnd(245)]),
      'line 2: a record of the type "02"',
    ],
    [
      'whose trailer counts wrongly',
      formatCotahist(records, { trailer: '99COTAHIST.2024BOVESPA 2024123000000000006' }),
      'line 5: the trailer counts "00000000006" records, and the file has 5',
    ],
    [
      'with the trailer of another year',
      formatCotahist(records, { trailer: '99COTAHIST.2023BOVESPA 2024123000000000005' }),
      'line 5: the trailer is for 2023, made on 20241230, and the header for 2024, made on 20241230',
    ],
    [
      'with the trailer of a file of another day',
      formatCotahist(records, { trailer: '99COTAHIST.2024BOVESPA 2024122900000000005' }),
      'line 5: the trailer is for 2024, made on 20241229, and the header for 2024, made on 20241230',
    ],
    [
      'without a trailer',
      formatCotahist(records).subarray(0, 247 * 3),
      'line 3: the file ends without a trailer',
    ],
    [
      'cut within a line',
      formatCotahist(records).subarray(0, 247 * 3 + 100),
      'line 4: the line has 100 bytes',
    ],
    [
      'that goes on behind its trailer',
      Buffer.concat([formatCotahist([]), formatCotahist([])]),
      'line 3: the trailer is not the last',
    ],
    [
      'with a short line',
      formatCotahist([records[0]?.slice(0, -1) ?? '', ...records]),
      'line 2: the line has 244 bytes',
    ],
    [
      'with a long line',
      formatCotahist([`${records[0]} `, ...records]),
      'line 2: the line has more than 245 bytes',
    ],
    ['with a blank line', formatCotahist(['', ...records]), 'line 2: the line has 0 bytes'],
    [
      'with two lines of one length',
      formatCotahist(['x'.repeat(100), 'x'.repeat(143)]),
      'line 2: the line has 100 bytes',
    ],
    ['with CR alone', formatCotahist(records, { lineEnd: '\r' }), 'line 1: the line has'],
  ];
  it.each(refused)('%s is refused', (_, bytes, reason) => {
    expect(refusalOf(bytes)).toMatch(`A.TXT: ${reason}`);
  });

  const faulty: readonly (readonly [string, Partial<RecordFields>, string])[] = [
    [
      'a day that does not exist',
      { day: '20240230' },
      'the day "20240230" is not a day of the calendar (bytes 3 to 10)',
    ],
    ['a day of another year', { day: '20230102' }, 'the day "20230102" is not in 2024'],
    ['a Saturday', { day: '20241109' }, 'the day "20241109" is a Saturday or a Sunday'],
    ['a Sunday', { day: '20241110' }, 'the day "20241110" is a Saturday or a Sunday'],
    [
      'a high below its low',
      { high: 999, low: 1000 },
      'the highest price "0000000000999" is below the lowest, "0000000001000" (bytes 70 to 82)',
    ],
    [
      'prices for no units',
      { factor: 0 },
      'the quotation factor "0000000" is zero: prices for no units say nothing (bytes 211 to 217)',
    ],
    ['a day that is text', { day: '2024-1-2' }, 'the day "2024-1-2" is not a number'],
    ['an expiry that does not exist', { expiry: '20241301' }, 'the expiry "20241301" is not a day'],
    [
      'a volume with a letter',
      { volume: '00000000000000O178' },
      'the volume "00000000000000O178" is not a number (bytes 171 to 188)',
    ],
    [
      'a blank volume',
      { volume: ' '.repeat(18) },
      'the volume "                  " is not a number',
    ],
    ['a term with a letter', { term: '9x0' }, 'the term "9x0" is not a number'],
    ['a market with a letter', { market: '01O' }, 'the market "01O" is not a number'],
    ['a blank ticker', { ticker: '' }, 'the ticker "            " does not begin'],
    [
      'a distribution number with a letter',
      { distribution: '1A1' },
      'the distribution number "1A1"',
    ],
    ['a zero byte', { name: 'TUCANO\0' }, 'the byte 34 is 0x00, which is not text'],
    ['a control character of C1', { isin: 'BRTUCAACNO\x85' }, 'the byte 241 is 0x85'],
    ['Christmas as its day', { day: '20241225' }, 'the day "20241225" is a holiday'],
    ['New Year as its day', { day: '20240101' }, 'the day "20240101" is a holiday'],
    ['a letter beyond ASCII in the ISIN', { isin: 'BRTUCAACNOR\xff' }, 'the byte 242 is 0xff'],
    ['one in the ticker', { ticker: 'TUCÃ3' }, 'the byte 16 is 0xc3, which this field cannot'],
    ['one in the currency', { currency: 'R\xa3' }, 'the byte 54 is 0xa3'],
    ['a filler byte in the name', { name: 'TUCANO\xff' }, 'the byte 34 is 0xff'],
    ['a delete character', { specification: 'ON\x7f' }, 'the byte 42 is 0x7f'],
  ];
  it.each(faulty)('with %s is refused, whatever its market', (_, fields, reason) => {
    for (const market of fields.market === undefined ? ['010', '070'] : [fields.market]) {
      const bytes = formatCotahist([...records, formatRecord({ market, ...fields })]);
      expect(refusalOf(bytes)).toContain(`A.TXT: line 5: ${reason}`);
    }
  });

  it('with a close of zero is refused in the cash market', () => {
    const record = (market: string) => formatRecord({ market, close: 0, low: 0 });
    expect(refusalOf(formatCotahist([record('010')]))).toBe(
      'A.TXT: line 2: the closing price "0000000000000" is zero, and the paper was traded (bytes 109 to 121)',
    );
    expect(refusalOf(formatCotahist([record('070')]))).toBe('accepted');
  });

  it.each([
    [{ wholeYear: 2024 }, 'accepted'],
    [{ wholeYear: 2023 }, 'A.TXT: line 1: it is the file of 2024: 2023 was asked for'],
    [{ session: 20241108 }, 'accepted'],
    [
      { session: 20241107 },
      'A.TXT: line 2: it has the session of 2024-11-08: 2024-11-07 was asked for',
    ],
    [{ session: 20231108 }, 'A.TXT: line 1: it is the file of 2024: 2023-11-08 was asked for'],
  ])('that is expected to be %j is %s', (expected, answer) => {
    const bytes = formatCotahist(records);
    expect(refusalOf(bytes, CASH, expected as ExpectedContents)).toBe(answer);
  });

  it('without a record of the session that is expected is refused', () => {
    expect(refusalOf(formatCotahist([]), CASH, { session: 20241108 as Partition })).toBe(
      'A.TXT: line 2: it has no record of the session of 2024-11-08, which was asked for',
    );
  });

  it('with a session of days after it was made is refused; its last one may be on the next day', () => {
    const of = (day: string): Uint8Array =>
      formatCotahist([formatRecord({ day })], {
        header: '00COTAHIST.2024BOVESPA 20241230',
        trailer: '99COTAHIST.2024BOVESPA 2024123000000000003',
      });
    const made = (day: string, bytes: Uint8Array): Uint8Array =>
      Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('20241230', day), 'latin1');
    expect(refusalOf(of('20241231'))).toBe('accepted');
    expect(refusalOf(made('20241229', of('20241231')))).toContain(
      'A.TXT: line 2: the day "20241231" is after 20241229, the day on which the file was made (bytes 3 to 10)',
    );
  });

  it('with more units than an integer can hold exactly is refused', () => {
    const record = formatRecord().slice(0, 152) + '9'.repeat(18) + formatRecord().slice(170);
    expect(refusalOf(formatCotahist([record]))).toContain(
      'the quantity "999999999999999999" is too',
    );
  });

  it('leaves the rows of the files before it, and none of its own, if it is refused', () => {
    const rows = new QuoteRows();
    const good = new CotahistParser('A.TXT', () => rows, 1, CASH);
    good.push(formatCotahist(records));
    good.end();
    const bad = new CotahistParser('B.TXT', () => rows, 2, CASH);
    expect(() => bad.push(formatCotahist([...records, 'x']))).toThrow(InvalidFileError);
    expect(rows.length).toBe(3);
  });

  test('of any bytes is accepted, or refused with its name', () => {
    const bytes = formatCotahist(records);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.byteLength - 1), fc.nat(255))),
        fc.nat(600),
        (changes, cut) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, byte] of changes) changed[at] = byte;
          refusalOf(cut > 500 ? changed.subarray(0, changed.byteLength - cut) : changed, 'all');
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (any) => void refusalOf(any, 'all')));
  });

  test('with one byte changed to another that a field cannot have is never accepted', () => {
    const bytes = formatCotahist([formatRecord()]);
    for (let at = 0; at < 247; at += 1) {
      const changed = Uint8Array.from(bytes);
      changed[247 + at] = 0;
      expect(refusalOf(changed), `byte ${at + 1}`).not.toBe('accepted');
    }
    for (let at = 56; at < 230; at += 1) {
      for (const byte of [0x2f, 0x3a, 0xb5, 0x20]) {
        // The correction and the expiry may be blank as a whole.
        if (byte === 0x20 && at === 201) continue;
        const changed = Uint8Array.from(bytes);
        changed[247 + at] = byte;
        expect(refusalOf(changed), `byte ${at + 1}`).not.toBe('accepted');
      }
    }
  });
});

describe('the rows of several files', () => {
  const parseAll = (files: readonly (readonly string[])[]) => {
    const rows = new QuoteRows();
    for (const [at, records] of files.entries()) {
      const parser = new CotahistParser(`${at}.TXT`, () => rows, at + 1, CASH);
      parser.push(formatCotahist(records));
      parser.end();
    }
    return rows.merge();
  };

  it('are sorted by ticker, day, market and term, each once, in any order of files and records', () => {
    const keys = fc.record({
      ticker: fc.constantFrom('TUCA3', 'TUCA4', 'JABU4', 'ONCA11'),
      day: fc.constantFrom('20240102', '20240103', '20241230'),
    });
    fc.assert(
      fc.property(fc.array(fc.array(keys)), fc.infiniteStream(fc.nat()), (files, shuffle) => {
        const close = (ticker: string, day: string) => Number(day) + ticker.length;
        const made = files.map((file) =>
          file.map((key) => formatRecord({ ...key, close: close(key.ticker, key.day) })),
        );
        const shuffled = made
          .flat()
          .map((record) => ({ record, at: shuffle.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ record }) => record);
        const [one, other] = [parseAll(made), parseAll([shuffled])];
        if (!('batch' in one) || !('batch' in other)) throw new Error('unexpected conflict');
        const rows = toRows(one.batch);
        expect(toRows(other.batch)).toEqual(rows);
        const order = rows.map((row) => `${row['codigo_ticker_ativo']} ${row['dt_pregao']}`);
        expect(order).toEqual([...new Set(order)].sort());
      }),
      { numRuns: 50 },
    );
  });

  it('conflict if one key has two values', () => {
    const conflict = parseAll([
      [formatRecord({ ticker: 'JABU4' }), formatRecord()],
      [formatRecord({ close: 1 })],
    ]);
    expect(conflict).toMatchObject({
      ticker: 'TUCA3',
      ...{ first: { source: 1, line: 3 }, second: { source: 2, line: 2 } },
    });
  });
});

const sampleDay = join(process.env['PYNVEST_REFERENCE'] ?? '', 'b3', 'COTAHIST_D08112024.ZIP');

describe.skipIf(!existsSync(sampleDay))('the real day 2024-11-08', () => {
  const bytes = (): Buffer =>
    execFileSync('unzip', ['-p', sampleDay], { maxBuffer: 16 * 1024 ** 2 });
  const sumOfVolumes = ({ numbers }: WritableColumnBatch): number => {
    const volumes = numbers['vlr_volume'] ?? new Float64Array();
    return volumes.reduce((sum, volume) => sum + Math.round(volume * 100), 0) / 100;
  };

  it('has the counts and the volume that B3 published', () => {
    const all = parse(bytes(), 'all');
    expect(all.summary.records).toBe(12_228);
    expect(sumOfVolumes(all.batch)).toBe(30_013_494_912.34);
    const cash = parse(bytes());
    expect(cash.batch.rowCount).toBe(1_341);
    expect(sumOfVolumes(cash.batch)).toBe(28_723_392_089.2);
  });
});
