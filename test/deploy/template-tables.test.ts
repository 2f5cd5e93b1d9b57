/** The tables of the template are the catalog's, and stand in the databases that the parameters name. */
import { describe, expect, test } from 'vitest';
import { withTables } from '../../scripts/glue-tables.ts';
import type { Layer } from '../../src/catalog/dataset.ts';
import { tables } from '../../src/catalog/datasets.ts';
import { noteDerived } from '../../src/pipeline/adjustment-state.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { at, type Resource } from '../support/template.ts';
import { templateText } from '../support/template-text.ts';

const stack = new ResolvedStack();

test('`npm run generate` would change nothing', () => {
  expect(withTables(templateText)).toBe(templateText);
});

test('ASCII only: CloudFormation shows other characters as question marks', () => {
  expect(templateText.match(/[^\n\x20-\x7e]/g)).toBe(null);
});

describe.each(tables)('$name', (table) => {
  const [resource] = tableResources(stack, table.name);
  const input = resource?.properties['TableInput'];

  test('has the catalog’s columns, types and comments, in its order', () => {
    expect(at(input, 'StorageDescriptor', 'Columns')).toEqual(
      table.columns.map(({ name, type, description }) => ({
        Name: name,
        Type: type,
        Comment: description,
      })),
    );
    expect(at(input, 'Description')).toBe(table.description);
  });

  test('is partitioned by its grain and read as Parquet, from its folder of its bucket', () => {
    const { column } = table.partition;
    expect(at(input, 'PartitionKeys')).toMatchObject([{ Name: column, Type: 'int' }]);
    expect(at(input, 'Parameters')).toEqual({ EXTERNAL: 'TRUE', classification: 'parquet' });
    expect(at(input, 'StorageDescriptor', 'SerdeInfo', 'SerializationLibrary')).toMatch(
      /ParquetHiveSerDe$/,
    );
    expect(at(input, 'StorageDescriptor', 'Location')).toBe(
      `s3://pynvest-${table.layer}-123456789012-sa-east-1/${table.name}/`,
    );
    expect(resource?.properties['DatabaseName']).toBe(table.database);
  });

  test('keeps to the lengths that Glue takes', () => {
    for (const { description } of table.columns)
      expect(description.length).toBeLessThanOrEqual(255);
    expect(table.description.length).toBeLessThanOrEqual(2048);
  });
});

describe('cotacoes_ajustadas', () => {
  const parameters = { SotDatabaseName: 'typed', SpecDatabaseName: 'prices' };
  const of = new ResolvedStack(parameters);
  const [resource] = tableResources(of, 'cotacoes_ajustadas');
  const input = resource?.properties['TableInput'];
  const text = String(at(input, 'ViewOriginalText'));
  const [, encoded = ''] = /^\/\* Presto View: (\S+) \*\/$/.exec(text) ?? [];
  const view = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as {
    readonly originalSql: string;
    readonly schema: string;
    readonly columns: readonly { readonly name: string; readonly type: string }[];
  };

  test('has the columns of its description, with the types of Trino', () => {
    const columns = at(input, 'StorageDescriptor', 'Columns') as { Name: string; Type: string }[];
    const types = columns.map(({ Name, Type }) => ({
      name: Name,
      type: Type === 'string' ? 'varchar' : Type,
    }));
    expect(view.columns).toEqual(types);
    expect(at(input, 'TableType')).toBe('VIRTUAL_VIEW');
    expect(at(input, 'Parameters')).toEqual({ presto_view: 'true' });
    // Without these two Glue takes it, and Athena does not read it.
    expect(at(input, 'PartitionKeys')).toEqual([]);
    expect(at(input, 'StorageDescriptor', 'SerdeInfo')).not.toEqual({});
  });

  test('reads tables of the template alone, in the databases that the person chose', () => {
    expect(view.schema).toBe('prices');
    expect(resource?.properties['DatabaseName']).toBe('prices');
    const read = [...view.originalSql.matchAll(/"(\w+)"\."(\w+)"/g)];
    expect(read.map(([, database, name]) => `${database}.${name}`).sort()).toEqual([
      'prices.tbspec_fatores_ajuste',
      'prices.tbspec_situacao_ajustes',
      'typed.tbsot_b3_cotacoes_historicas',
    ]);
    for (const [, database, name = ''] of read) {
      expect(tableResources(of, name)[0]?.properties['DatabaseName']).toBe(database);
    }
  });

  test('reads the note of the last import where an import writes it', async () => {
    const written: string[] = [];
    await noteDerived(
      { read: async () => undefined, write: async (name) => void written.push(name) },
      new Map([['VVAR3', 'VIIA3']]),
    );
    const [state] = tableResources(of, 'tbspec_situacao_ajustes');
    const location = String(at(state?.properties['TableInput'], 'StorageDescriptor', 'Location'));
    expect(location).toBe('s3://pynvest-sor-123456789012-sa-east-1/adjustment-state/');
    expect(written).toEqual(['adjustment-state/state.txt']);
  });
});

describe('databases', () => {
  const made = (parameters: Readonly<Record<string, string>>): string[] =>
    new ResolvedStack(parameters)
      .ofType('AWS::Glue::Database')
      .map(([, { properties }]) => String(at(properties['DatabaseInput'], 'Name')));
  const names = (sor: string, sot: string, spec: string) => ({
    SorDatabaseName: sor,
    SotDatabaseName: sot,
    SpecDatabaseName: spec,
  });

  test.each([
    [
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ],
    [['a', 'a', 'a'], ['a']],
    [
      ['a', 'b', 'b'],
      ['a', 'b'],
    ],
    [
      ['a', 'a', 'c'],
      ['a', 'c'],
    ],
    [
      ['a', 'b', 'a'],
      ['a', 'b'],
    ],
  ])('%j: each name once', ([sor = '', sot = '', spec = ''], expected) => {
    const parameters = names(sor, sot, spec);
    expect(made(parameters)).toEqual(expected);
    expect(made({ ...parameters, CreateDatabases: 'no' })).toEqual([]);
    for (const create of ['yes', 'no']) {
      const of = new ResolvedStack({ ...parameters, CreateDatabases: create });
      const layers: Readonly<Record<Layer, string>> = { sor, sot, spec };
      for (const { name, layer } of tables) {
        expect(tableResources(of, name)[0]?.properties['DatabaseName']).toBe(layers[layer]);
      }
    }
  });

  test('tables that an earlier stack left behind are left alone', () => {
    expect(new ResolvedStack({ CreateTables: 'no' }).ofType('AWS::Glue::Table')).toEqual([]);
  });
});

function tableResources(of: ResolvedStack, name: string): Resource[] {
  return of
    .ofType('AWS::Glue::Table')
    .filter(([, { properties }]) => at(properties['TableInput'], 'Name') === name)
    .map(([, resource]) => resource);
}
