import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ProfileOptions, readProfile } from '../../src/analysis/profile.ts';
import type { Row } from '../../src/catalog/column.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import type { QueryEngine } from '../../src/query/engine.ts';
import { newFolder } from '../support/folders.ts';
import { day, typed, writeRowsTo } from '../support/made-up-lake.ts';
import { sotTables } from '../support/tables.ts';

const { acoes, fiis } = sotTables;

const stock = (ticker: string, pl: number | null, rest: Row = {}): Row =>
  typed('acoes', ticker, {
    nome_setor: 'Transporte',
    nome_empresa: `EMPRESA ${ticker}`,
    dt_ult_cot: '2026-11-19',
    vlr_cot: 10,
    vlr_ind_p_sobre_l: pl,
    vol_med_neg_2m: 1000,
    datetime_exec: '2026-11-20T18:45:00.000-03:00',
    ...rest,
  });

let engine: QueryEngine;
beforeAll(async () => {
  const root = await newFolder();
  await writeRowsTo(root, acoes, '2026-11-19', [stock('GONE3', 7), stock('AAAA3', 99)]);
  await writeRowsTo(root, acoes, '2026-11-20', [
    stock('AAAA3', 8, { pct_var_ano_a1: 0.5 }),
    // The paper of the same company that is traded more counts for it.
    stock('AAAA4', 6, { vol_med_neg_2m: 5000 }),
    stock('BBBB3', 12),
    stock('CCCC3', -20),
    stock('DDDD3', 4),
    // No peer: it was last traded a month and a day before.
    stock('OLDD3', 1, { dt_ult_cot: '2026-10-20' }),
    // Nor is one that was never traded, or one of another sector.
    stock('NEVR3', 1, { dt_ult_cot: null }),
    stock('OTHR3', 1, { nome_setor: 'Comércio' }),
    stock('BANK3', null, { nome_setor: 'Bancos', vlr_depositos: 5e9, vlr_patrim_liq: 1e9 }),
  ]);
  await writeRowsTo(root, fiis, '2026-11-20', [
    typed('fiis', 'FUND11', { segmento: 'Shoppings', vlr_cot: 100, vlr_vacancia_media: 0.05 }),
  ]);
  engine = await openDuckDb(root);
});
afterAll(() => engine.close());

const profileOf = (ticker: string, options?: ProfileOptions) =>
  readProfile(engine, parseTicker(ticker), options);

async function itemOf(ticker: string, column: string, options?: ProfileOptions) {
  const { sections } = await profileOf(ticker, options);
  return sections.flatMap(({ items }) => items).find((item) => item.column === column);
}

test('a figure is beside the median of the companies of its sector, each counted once', async () => {
  // 6 (of AAAA4), 12, -20 and 4.
  expect(await itemOf('AAAA3', 'vlr_ind_p_sobre_l')).toEqual({
    ...{ column: 'vlr_ind_p_sobre_l', label: 'P/L', value: 8, median: 5, peers: 4 },
  });
  expect(await profileOf('AAAA3')).toMatchObject({
    ...{ kind: 'acoes', name: 'EMPRESA AAAA3', sector: 'Transporte', sectorSize: 4 },
    ...{ day: 20261120, source: 'fundamentus', readAt: '2026-11-20T18:45:00.000-03:00' },
  });
});

test('a price has no median, and neither has a sector of one company', async () => {
  expect(await itemOf('AAAA3', 'vlr_cot')).toMatchObject({ value: 10, median: null, peers: 0 });
  expect(await itemOf('OTHR3', 'vlr_ind_p_sobre_l')).toMatchObject({ median: null, peers: 1 });
});

test('a year is labelled by the year of the row', async () => {
  expect(await itemOf('AAAA3', 'pct_var_ano_a1')).toMatchObject({ label: '2025', value: 0.5 });
});

test('a bank has its own lines, and no line that it lacks', async () => {
  const { sections } = await profileOf('BANK3');
  const columns = sections.flatMap(({ items }) => items.map(({ column }) => column));
  expect(columns).toContain('vlr_depositos');
  expect(columns).toContain('vlr_cart_credito');
  expect(columns).not.toContain('vlr_ind_ev_sobre_ebit');
  expect(await itemOf('AAAA3', 'vlr_depositos')).toBeUndefined();
});

test('a fund has sections of its own', async () => {
  const { kind, sector, sections } = await profileOf('FUND11');
  expect([kind, sector]).toEqual(['fiis', 'Shoppings']);
  expect(sections.map(({ title }) => title)).toContain('Imóveis');
});

test('as of a past day it is what the lake knew then', async () => {
  const asOf = day('2026-11-19');
  expect((await profileOf('AAAA3', { asOf })).day).toBe(20261119);
  // 99 and 7.
  const item = { value: 99, median: 53, peers: 2 };
  expect(await itemOf('AAAA3', 'vlr_ind_p_sobre_l', { asOf })).toMatchObject(item);
});

test('an asset that the newest day lacks has its newest day', async () => {
  expect((await profileOf('GONE3')).day).toBe(20261119);
});

test('an unknown ticker is an error with the one that may be meant', async () => {
  await expect(profileOf('BBBB4')).rejects.toMatchObject({ hint: 'Did you mean BBBB3?' });
  await expect(profileOf('AAAA3', { asOf: day('2026-11-01') })).rejects.toMatchObject({
    message: 'AAAA3: the lake has no indicators up to 2026-11-01',
    hint: expect.stringMatching(
      /no command brings those of a past day: ask for a later day, or for none/,
    ),
  });
});
