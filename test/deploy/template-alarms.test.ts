/** The alarms: they exist in any case, and are mailed where there is an address. Tags, too. */
import { describe, expect, test } from 'vitest';
import { functionNames } from '../../src/aws/resource-names.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { at, isObject, type JsonObject, listOf } from '../support/template.ts';

const silent = new ResolvedStack();
const mailing = new ResolvedStack({ AlarmEmail: 'someone@example.org' });

function alarmsOf(stack: ResolvedStack): JsonObject[] {
  return stack.ofType('AWS::CloudWatch::Alarm').map(([, { properties }]) => properties);
}

/** The alarms on a metric, by what they watch. */
function watching(namespace: string, metric: string): Map<string, JsonObject> {
  const found = alarmsOf(silent).filter(
    ({ Namespace: of, MetricName: name }) => of === namespace && name === metric,
  );
  return new Map(found.map((alarm) => [String(at(alarm['Dimensions'], 0, 'Value')), alarm]));
}

test('dead letters and failed events: one is enough', () => {
  const alarms = watching('AWS/SQS', 'ApproximateNumberOfMessagesVisible');
  expect([...alarms.keys()]).toEqual([
    'pynvest-tickers-acoes-dead-letter-queue',
    'pynvest-tickers-fiis-dead-letter-queue',
    'pynvest-failed-events-queue',
  ]);
  for (const alarm of alarms.values()) {
    expect(alarm).toMatchObject({ Statistic: 'Maximum', Threshold: 1 });
    expect(alarm['ComparisonOperator']).toBe('GreaterThanOrEqualToThreshold');
  }
});

test('errors: every function, and the state machine', () => {
  const functions = watching('AWS/Lambda', 'Errors');
  expect([...functions.keys()].sort()).toEqual(
    functionNames.map((name) => `pynvest-lambda-${name}`).sort(),
  );
  const machines = ['ExecutionsFailed', 'ExecutionsTimedOut'].map((metric) =>
    watching('AWS/States', metric),
  );
  for (const alarms of machines) {
    expect([...alarms.keys()]).toEqual([silent.value({ Ref: 'DedupStateMachine' })]);
  }
  for (const alarm of [functions, ...machines].flatMap((alarms) => [...alarms.values()])) {
    expect(alarm).toMatchObject({
      Statistic: 'Sum',
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    });
  }
});

describe('no new data', () => {
  const { properties: filter } = silent.resource('QuotesOfTheDay');
  const [counted] = listOf(filter['MetricTransformations']);

  test('an evening that counts no quotes rings, and so does one that counts nothing', () => {
    const { properties: alarm } = silent.resource('NoNewDataAlarm');
    expect(alarm).toMatchObject({
      Namespace: at(counted, 'MetricNamespace'),
      MetricName: at(counted, 'MetricName'),
      Statistic: 'Maximum',
      Period: 86_400,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
    expect(alarm['Dimensions']).toBeUndefined();
  });

  test('they are counted where the function says how many there are', () => {
    expect(filter['LogGroupName']).toBe(
      '/aws/lambda/pynvest-lambda-dedup-financial-data-for-spec-ativos',
    );
    expect(filter['FilterPattern']).toBe('{ $.message = "deduplicated" }');
    expect(at(counted, 'MetricValue')).toBe('$.rowsAfter');
  });

  test('not where nothing is scheduled', () => {
    const stopped = new ResolvedStack({ SchedulesEnabled: 'DISABLED' });
    expect(stopped.resources['NoNewDataAlarm']).toBeUndefined();
  });
});

describe('mail', () => {
  test('to the address, from every alarm', () => {
    const topic = mailing.value({ Ref: 'AlarmTopic' });
    expect(mailing.resource('AlarmTopic').properties['Subscription']).toEqual([
      { Protocol: 'email', Endpoint: 'someone@example.org' },
    ]);
    for (const alarm of alarmsOf(mailing)) expect(alarm['AlarmActions']).toEqual([topic]);
  });

  test('none without an address; the alarms are the same', () => {
    expect(silent.ofType('AWS::SNS::Topic')).toEqual([]);
    for (const alarm of alarmsOf(silent)) expect(alarm['AlarmActions']).toBeUndefined();
    const names = (stack: ResolvedStack) => alarmsOf(stack).map((alarm) => alarm['AlarmName']);
    expect(names(silent)).toEqual(names(mailing));
  });
});

test('whatever takes tags carries the project’s', () => {
  const takesNone = [
    'AWS::S3::BucketPolicy',
    'AWS::SQS::QueuePolicy',
    'AWS::SNS::TopicPolicy',
    'AWS::IAM::ManagedPolicy',
    'AWS::Glue::Database',
    'AWS::Glue::Table',
    'AWS::Lambda::Permission',
    'AWS::Lambda::EventInvokeConfig',
    'AWS::Logs::MetricFilter',
  ];
  for (const [name, { type, properties }] of Object.entries(mailing.resources)) {
    if (takesNone.includes(type)) continue;
    const tags = properties['Tags'];
    const project = isObject(tags) ? tags['project'] : at(tags, 0, 'Value');
    expect({ name, project }).toEqual({ name, project: 'pynvest' });
  }
});
