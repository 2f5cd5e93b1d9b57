/** The tables of the template are the catalog's, and stand in the databases that the parameters name. */
import { describe, expect, test } from 'vitest';
import { withTables } from '../../scripts/glue-tables.ts';
import type { Layer } from '../../src/catalog/dataset.ts';
import { tables } from '../../src/catalog/datasets.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { at, type Resource, templateText } from '../support/template.ts';

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
