/**
 * The tables of data sets, and the view of adjusted prices over them, as resources of the CloudFormation template.
 * Athena keeps a view as a table of Glue, whose text is Presto's description of it in base64.
 */

import type { Column } from '../src/catalog/column.ts';
import { type Dataset, type Layer, layers, type Table } from '../src/catalog/dataset.ts';
import { adjustmentState, adjustments } from '../src/catalog/datasets/b3.ts';
import { datasets as allDatasets } from '../src/catalog/datasets.ts';
import { adjustedPriceColumns } from '../src/query/history.ts';
import { adjustedPricesView } from '../src/query/named-views.ts';
import { quoteLiteral, sqlTypes } from '../src/query/sql.ts';

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
  const views = datasets.includes(adjustments) ? formatViews() : '';
  return template.slice(0, body) + resources.join('') + views + template.slice(end);
}

/** A resource up to what is its own. */
function formatHeader(logicalId: string, database: string): string {
  return `  ${logicalId}:
    Type: AWS::Glue::Table
    Condition: MakeTables
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
    Properties:
      CatalogId: !Ref AWS::AccountId
      DatabaseName: ${database}
      TableInput:
`;
}

function formatTable(logicalId: string, table: Table): string {
  const { column, description } = table.partition;
  return `${formatHeader(logicalId, databases[table.layer])}        Name: ${table.name}
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

function formatViews(): string {
  return formatStateTable() + formatAdjustedPrices();
}

function formatStateTable(): string {
  const { tableName, description, column, folder } = adjustmentState;
  return `${formatHeader('SpecAdjustmentStateTable', databases.spec)}        Name: ${tableName}
        Description: ${quote(description)}
        TableType: EXTERNAL_TABLE
        Parameters: { EXTERNAL: 'TRUE', classification: csv }
        PartitionKeys: []
        StorageDescriptor:
          Location: !Sub 's3://\${SorBucketInUse.Value}/${folder}/'
          InputFormat: org.apache.hadoop.mapred.TextInputFormat
          OutputFormat: org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat
          SerdeInfo:
            SerializationLibrary: org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe
            Parameters: { serialization.format: '1' }
          Columns:
${formatColumn(column)}`;
}

function formatAdjustedPrices(): string {
  const description =
    'Preços de uma unidade, ajustados por proventos e desdobramentos; ajuste_provado diz se tudo é provado';
  return `${formatHeader('SpecAdjustedPricesView', databases.spec)}        Name: ${adjustedPricesView.name}
        Description: ${quote(description)}
        TableType: VIRTUAL_VIEW
        Parameters: { presto_view: 'true' }
        PartitionKeys: []
        ViewExpandedText: '/* Presto View */'
        ViewOriginalText:
          Fn::Join:
            - ''
            - - '/* Presto View: '
              - Fn::Base64: !Sub |-
${describeView().replace(/^/gm, ' '.repeat(18))}
              - ' */'
        # Athena fails on a table without SerdeInfo, even on a view, which has no files.
        StorageDescriptor:
          SerdeInfo: { Name: '-', SerializationLibrary: '-' }
          Columns:
${adjustedPriceColumns.map(formatColumn).join('')}`;
}

/** By the names of databases that the person chose, as `Fn::Sub` takes them. */
function describeView(): string {
  const { tableName, column, pending } = adjustmentState;
  const databaseOf = (layer: Layer): string => `\${${capitalize(layer)}DatabaseName}`;
  const nameOf = ({ layer, name }: Pick<Table, 'layer' | 'name'>): string =>
    `"${databaseOf(layer)}"."${name}"`;
  const stateTable = nameOf({ layer: 'spec', name: tableName });
  const condition = `(SELECT count(*) FROM ${stateTable} WHERE ${column.name} = ${quoteLiteral(pending)}) = 0`;
  const columns = adjustedPriceColumns.map(({ name, type }) =>
    JSON.stringify({ name, type: sqlTypes[type] }),
  );
  const originalSql = adjustedPricesView.formatSelect(nameOf, { condition }).replaceAll('\n', ' ');
  return `{
  "originalSql": ${JSON.stringify(originalSql)},
  "catalog": "awsdatacatalog",
  "schema": "${databaseOf('spec')}",
  "columns": [
    ${columns.join(',\n    ')}
  ]
}`;
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
