import { describe, expect, it } from 'vitest';
import { type AssetKind, assetKinds, assets } from '../../src/catalog/asset.ts';
import type { ColumnType, IndicatorColumn } from '../../src/catalog/column.ts';
import { getTable, type Table } from '../../src/catalog/dataset.ts';
import { defineIndicators } from '../../src/catalog/datasets/shared-indicators.ts';
import { dailyTables, tables } from '../../src/catalog/datasets.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';
import {
  acoesNames,
  dateNames,
  fiisNames,
  integerNames,
  quoteNames,
  textNames,
} from './column-names.ts';

const NAMES: Readonly<Record<AssetKind, readonly string[]>> = {
  acoes: acoesNames,
  fiis: fiisNames,
};

function namesOf(table: Table): string[] {
  return table.columns.map(({ name }) => name);
}

function typeByName(name: string): ColumnType {
  if (integerNames.includes(name)) return 'bigint';
  if (dateNames.includes(name)) return 'date';
  return textNames.includes(name) ? 'string' : 'double';
}

describe('the tables', () => {
  it('have the names, databases and layers that users depend on', () => {
    expect(tables.map(({ name, database, layer }) => [layer, `${database}.${name}`])).toEqual([
      ['sor', 'db_pynvest_sor.tbsor_fundamentus_indicadores_acoes_raw'],
      ['sor', 'db_pynvest_sor.tbsor_fundamentus_indicadores_fiis_raw'],
      ['sor', 'db_pynvest_sor.tbsor_fundamentus_proventos'],
      ['sor', 'db_pynvest_sor.tbsor_b3_eventos'],
      ['sot', 'db_pynvest_sot.tbsot_fundamentus_indicadores_acoes_prep'],
      ['sot', 'db_pynvest_sot.tbsot_fundamentus_indicadores_fiis_prep'],
      ['sot', 'db_pynvest_sot.tbsot_b3_cotacoes_historicas'],
      ['sot', 'db_pynvest_sot.tbsot_eventos_corporativos'],
      ['sot', 'db_pynvest_sot.tbsot_bcb_series'],
      ['spec', 'db_pynvest_spec.tbspec_fundamentus_cotacao_ativos'],
      ['spec', 'db_pynvest_spec.tbspec_fatores_ajuste'],
    ]);
  });

  it('name the column that holds the ticker, and it comes first', () => {
    expect(dailyTables.map(({ tickerColumn }) => tickerColumn)).toEqual([
      'nome_papel',
      'fii',
      'nome_papel',
      'fii',
      'codigo_ticker_ativo',
    ]);
    for (const table of tables) expect(namesOf(table)[0]).toBe(table.tickerColumn);
  });

  it.each(tables)('$name has no column twice, and none of the partition', (table) => {
    const names = namesOf(table);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain(table.partition.column);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  });
});

describe('the columns', () => {
  it.each(assetKinds)('of %s stand in the order of the first edition, later ones last', (kind) => {
    expect(namesOf(sorTables[kind])).toEqual(NAMES[kind]);
    expect(namesOf(sotTables[kind])).toEqual(NAMES[kind]);
  });

  it('of the quotes are those of the design, in its order', () => {
    expect(namesOf(specTable)).toEqual(quoteNames);
  });

  it.each(assetKinds)('of %s are in the order of their editions', (kind) => {
    const { columns } = assets[kind];
    const namesWhere = (isOf: (column: IndicatorColumn) => boolean | undefined): string[] =>
      columns.filter(isOf).map(({ name }) => name);
    expect(namesOf(sotTables[kind])).toEqual([
      ...namesWhere(({ secondEdition, addedLater }) => !secondEdition && !addedLater),
      'datetime_exec',
      ...namesWhere(({ secondEdition }) => secondEdition),
      'outros_indicadores',
      ...namesWhere(({ addedLater }) => addedLater),
    ]);
  });

  it('that are new come after all others, outros_indicadores too', () => {
    const added = { name: 'vlr_novo', type: 'double', label: 'Novo', description: '' } as const;
    const extended = defineIndicators({
      ...{ id: 'acoes', subject: '', tickerColumn: 'nome_papel' },
      columns: [...assets.acoes.columns, { ...added, addedLater: true }],
    });
    expect(namesOf(getTable(extended, 'sot'))).toEqual([...NAMES.acoes, 'vlr_novo']);
    expect(namesOf(getTable(extended, 'sor'))).toEqual([...NAMES.acoes, 'vlr_novo']);
  });

  it.each(assetKinds)('of %s are all text in SoR', (kind) => {
    expect(new Set(sorTables[kind].columns.map(({ type }) => type))).toEqual(new Set(['string']));
  });

  it.each([sotTables.acoes, sotTables.fiis, specTable])('of $name have their types', (table) => {
    const types = table.columns.map(({ name, type }) => `${name} ${type}`);
    expect(types).toEqual(namesOf(table).map((name) => `${name} ${typeByName(name)}`));
  });
});

describe('the descriptions', () => {
  const all = tables.flatMap((table) =>
    table.columns.map((column) => ({ table: table.name, ...column })),
  );
  const described = (column: { name: string; description: string }): string =>
    `${column.name}: ${column.description}`;

  it('say in Portuguese what every column and every table is', () => {
    // Words that nearly every Portuguese phrase has and no English one.
    const portuguese = /(^| )(da|de|do|das|dos|na|no|em|que|por|sobre|ou|com)[ ,]/;
    for (const column of all) expect(described(column)).toMatch(portuguese);
    for (const { description } of tables) expect(description).toMatch(portuguese);
  });

  it('say the unit of every number', () => {
    const unit = /R\$|fração|em vezes|em unidades|metros quadrados|em dias|em por cento/;
    const numbers = all.filter(({ type }) => type === 'double' || type === 'bigint');
    for (const column of numbers) expect(described(column)).toMatch(unit);
  });

  it('say "em fração" of every variation, yield and margin, and of nothing counted in reais', () => {
    const fraction = /^pct_|yield|margem|_roe$|_roic$|cap_rate|vacancia|ebit_sobre_ativo|sobre_pl$/;
    const typed = all.filter(({ type }) => type === 'double');
    const said = typed.filter(({ description }) => /em fração/.test(description));
    expect(said.map(({ name }) => name)).toEqual(
      typed.filter(({ name }) => fraction.test(name)).map(({ name }) => name),
    );
  });

  it.each(assetKinds)('say of the text of a fraction of %s that it is in %', (kind) => {
    const said = sorTables[kind].columns.filter(({ description }) => /, em %$/.test(description));
    const fractions = assets[kind].columns.filter(({ fraction }) => fraction);
    expect(said.map(({ name }) => name).sort()).toEqual(fractions.map(({ name }) => name).sort());
    for (const { description } of sorTables[kind].columns)
      expect(description).not.toMatch(/fração/);
  });

  it.each(assetKinds)('say "em fração" of the fractions of %s, and of no other column', (kind) => {
    const { columns } = assets[kind];
    const said = columns.filter(({ description }) => /em fração/.test(description));
    expect(columns.filter(({ fraction }) => fraction)).toEqual(said);
    expect(new Set(said.map(({ type }) => type))).toEqual(new Set(['double']));
  });

  it('fit into a comment of Glue: one line of at most 255 characters', () => {
    for (const column of all) {
      expect(column.description.length, column.name).toBeLessThanOrEqual(255);
      expect(described(column)).not.toMatch(/[\n\r\t]/);
    }
  });
});
