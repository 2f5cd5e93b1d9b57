/** The tables of data sets as resources of the CloudFormation template. */
import type { Column } from '../src/catalog/column.ts';
import { type Dataset, type Layer, layers, type Table } from '../src/catalog/dataset.ts';
import { datasets as allDatasets } from '../src/catalog/datasets.ts';

const BEGIN = '  # <generated>';
const END = '  # </generated>';

/**
 * The database of a layer's tables: the resource, where this stack creates it, so that the table is created
 * after it; else its name. One name may serve several layers, and then the first of them creates it.
 */
const databases: Readonly<Record<Layer, string>> = {
  sor: '!If [MakeSorDatabase, !Ref SorDatabase, !Ref SorDatabaseName]',
  sot: '!If [MakeSotDatabase, !Ref SotDatabase, !If [MakeSorDatabase, !Ref SorDatabase, !Ref SotDatabaseName]]',
  spec: '!If [MakeSpecDatabase, !Ref SpecDatabase, !If [SpecIsInSotDatabase, !Ref SotDatabase, !If [MakeSorDatabase, !Ref SorDatabase, !Ref SpecDatabaseName]]]',
};

/** The template with its generated part replaced. @throws where the template has no such part */
export function withTables(template: string, datasets: readonly Dataset[] = allDatasets): string {
  const begin = template.indexOf(BEGIN);
  const end = template.indexOf(END);
  if (begin < 0 || end < begin)
    throw new Error(`the template lacks ${BEGIN.trim()} … ${END.trim()}`);
  const body = template.indexOf('\n', begin) + 1;
  const resources = layers.flatMap((layer) =>
    datasets.flatMap(({ id, tables: { [layer]: table } }) =>
      table === undefined ? [] : [formatTable(`${capitalize(layer)}${capitalize(id)}Table`, table)],
    ),
  );
  return template.slice(0, body) + resources.join('') + template.slice(end);
}

function formatTable(logicalId: string, table: Table): string {
  const { column, description } = table.partition;
  return `  ${logicalId}:
    Type: AWS::Glue::Table
    Condition: MakeTables
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
    Properties:
      CatalogId: !Ref AWS::AccountId
      DatabaseName: ${databases[table.layer]}
      TableInput:
        Name: ${table.name}
        Description: ${quote(table.description)}
        TableType: EXTERNAL_TABLE
        Parameters: { EXTERNAL: 'TRUE', classification: parquet }
        PartitionKeys:
          - { Name: ${column}, Type: int, Comment: ${quote(description)} }
        StorageDescriptor:
          Location: !Sub 's3://\${${capitalize(table.layer)}BucketInUse.Value}/${table.name}/'
          InputFormat: org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat
          OutputFormat: org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat
          SerdeInfo:
            SerializationLibrary: org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe
            Parameters: { serialization.format: '1' }
          Columns:
${table.columns.map(formatColumn).join('')}`;
}

function formatColumn({ name, type, description }: Column): string {
  return `            - { Name: ${name}, Type: ${type}, Comment: ${quote(description)} }\n`;
}

function capitalize(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Text as YAML takes it between double quotes, in ASCII: the template says why. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
