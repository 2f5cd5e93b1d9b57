/** The catalog's tables as resources of the CloudFormation template. */
import type { Column } from '../src/catalog/column.ts';
import { PARTITION_COLUMN } from '../src/catalog/partition.ts';
import { type Layer, type Table, tables } from '../src/catalog/tables.ts';

const BEGIN = '  # <generated>';
const END = '  # </generated>';

/**
 * The database of a layer's tables: the resource, where this stack makes it, so that the table comes
 * after it; else its name. One name may serve several layers, and then the first of them makes it.
 */
const databases: Readonly<Record<Layer, string>> = {
  sor: '!If [MakeSorDatabase, !Ref SorDatabase, !Ref SorDatabaseName]',
  sot: '!If [MakeSotDatabase, !Ref SotDatabase, !If [MakeSorDatabase, !Ref SorDatabase, !Ref SotDatabaseName]]',
  spec: '!If [MakeSpecDatabase, !Ref SpecDatabase, !If [SpecIsInSotDatabase, !Ref SotDatabase, !If [MakeSorDatabase, !Ref SorDatabase, !Ref SpecDatabaseName]]]',
};
const layerNames: Readonly<Record<Layer, string>> = { sor: 'Sor', sot: 'Sot', spec: 'Spec' };

const partitionComment = 'Dia da coleta em São Paulo, como inteiro AAAAMMDD (partição)';

/** The template with its generated part made anew. @throws where the template has no such part */
export function withTables(template: string): string {
  const begin = template.indexOf(BEGIN);
  const end = template.indexOf(END);
  if (begin < 0 || end < begin)
    throw new Error(`the template lacks ${BEGIN.trim()} … ${END.trim()}`);
  const body = template.indexOf('\n', begin) + 1;
  return template.slice(0, body) + tables.map(tableResource).join('') + template.slice(end);
}

/** The resource's name in the template: SorAcoesTable for tbsor_fundamentus_indicadores_acoes_raw. */
export function tableLogicalId({ name, layer }: Table): string {
  const kind = ['acoes', 'fiis'].find((each) => name.includes(`_${each}_`)) ?? 'cotacoes';
  return `${layerNames[layer]}${kind.charAt(0).toUpperCase()}${kind.slice(1)}Table`;
}

function tableResource(table: Table): string {
  const layer = layerNames[table.layer];
  return `  ${tableLogicalId(table)}:
    Type: AWS::Glue::Table
    Condition: MakeTables
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
    Properties:
      CatalogId: !Ref AWS::AccountId
      DatabaseName: ${databases[table.layer]}
      TableInput:
        Name: ${table.name}
        Description: ${quoted(table.description)}
        TableType: EXTERNAL_TABLE
        Parameters: { EXTERNAL: 'TRUE', classification: parquet }
        PartitionKeys:
          - { Name: ${PARTITION_COLUMN}, Type: int, Comment: ${quoted(partitionComment)} }
        StorageDescriptor:
          Location: !Sub 's3://\${${layer}BucketInUse.Value}/${table.name}/'
          InputFormat: org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat
          OutputFormat: org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat
          SerdeInfo:
            SerializationLibrary: org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe
            Parameters: { serialization.format: '1' }
          Columns:
${table.columns.map(columnLine).join('')}`;
}

function columnLine({ name, type, description }: Column): string {
  return `            - { Name: ${name}, Type: ${type}, Comment: ${quoted(description)} }\n`;
}

/** Text as YAML takes it between double quotes, in ASCII: the template says why. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
