/** Buckets, databases, tables and queues in the stand-in, as the template makes them, without it. */
import { CreateDatabaseCommand, CreateTableCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { ByLayer, Table } from '../../src/catalog/dataset.ts';
import { tables } from '../../src/catalog/datasets.ts';
import { PARTITION_COLUMN } from '../../src/catalog/partition.ts';
import type { S3LakeLocation } from '../../src/lake/s3/layout.ts';
import type { AwsAccount } from './aws-account.ts';

export interface AwsLake extends S3LakeLocation {
  readonly account: AwsAccount;
  readonly sqs: SQSClient;
  readonly acoesQueueUrl: string;
  readonly fiisQueueUrl: string;
  /** What the functions find in their environment. */
  readonly environment: Readonly<Record<string, string>>;
}

const LAYERS = ['sor', 'sot', 'spec'] as const;

/** Clients that need nothing from the environment. */
export function clientsOf({ clientSettings: settings }: AwsAccount): {
  s3: S3Client;
  glue: GlueClient;
  sqs: SQSClient;
} {
  return {
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    glue: new GlueClient(settings),
    sqs: new SQSClient(settings),
  };
}

/** An empty lake; another name is another lake. */
export async function makeAwsLake(account: AwsAccount, name = 'pynvest'): Promise<AwsLake> {
  const { s3, glue, sqs } = clientsOf(account);
  const buckets: ByLayer = { sor: `${name}-sor`, sot: `${name}-sot`, spec: `${name}-spec` };
  const databases: ByLayer = {
    sor: `db_${name}_sor`,
    sot: `db_${name}_sot`,
    spec: `db_${name}_spec`,
  };
  for (const layer of LAYERS) {
    await s3.send(new CreateBucketCommand({ Bucket: buckets[layer] }));
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: databases[layer] } }));
  }
  for (const table of tables) await makeTable(glue, table, buckets, databases);
  const queue = async (kind: string): Promise<string> => {
    const { QueueUrl: url = '' } = await sqs.send(
      new CreateQueueCommand({ QueueName: `${name}-tickers-${kind}-queue` }),
    );
    return url;
  };
  const acoesQueueUrl = await queue('acoes');
  const fiisQueueUrl = await queue('fiis');
  const environment = {
    PYNVEST_SOR_BUCKET: buckets.sor,
    PYNVEST_SOT_BUCKET: buckets.sot,
    PYNVEST_SPEC_BUCKET: buckets.spec,
    PYNVEST_SOR_DATABASE: databases.sor,
    PYNVEST_SOT_DATABASE: databases.sot,
    PYNVEST_SPEC_DATABASE: databases.spec,
    PYNVEST_ACOES_QUEUE_URL: acoesQueueUrl,
    PYNVEST_FIIS_QUEUE_URL: fiisQueueUrl,
  };
  const clients = { s3, glue, sqs };
  return { account, ...clients, buckets, databases, acoesQueueUrl, fiisQueueUrl, environment };
}

async function makeTable(
  glue: GlueClient,
  table: Table,
  buckets: ByLayer,
  databases: ByLayer,
): Promise<void> {
  await glue.send(
    new CreateTableCommand({
      DatabaseName: databases[table.layer],
      TableInput: {
        Name: table.name,
        TableType: 'EXTERNAL_TABLE',
        Parameters: { classification: 'parquet' },
        PartitionKeys: [{ Name: PARTITION_COLUMN, Type: 'int' }],
        StorageDescriptor: {
          Columns: table.columns.map(({ name, type, description }) => ({
            Name: name,
            Type: type,
            Comment: description,
          })),
          Location: `s3://${buckets[table.layer]}/${table.name}/`,
          InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          SerdeInfo: {
            SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
          },
        },
      },
    }),
  );
}
