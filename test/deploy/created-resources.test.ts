/** The READMEs name every kind of thing that the template makes. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { template } from '../support/template.ts';

/** Parts of what is named: who deploys need not know them. */
const PARTS = [
  ...['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'],
  ...['AWS::Lambda::Permission', 'AWS::Lambda::EventSourceMapping'],
  'AWS::Lambda::EventInvokeConfig',
];

const WORDS: Readonly<Record<string, readonly [english: string, portuguese: string]>> = {
  'AWS::Athena::WorkGroup': ['an Athena workgroup', 'um workgroup do Athena'],
  'AWS::CloudWatch::Alarm': ['alarms', 'alarmes'],
  'AWS::Events::Rule': ['two schedules', 'dois agendamentos'],
  'AWS::Glue::Database': ['three Glue databases', 'três bancos Glue'],
  'AWS::Glue::Table': ['twelve tables and a view', 'doze tabelas e uma view'],
  'AWS::IAM::ManagedPolicy': ['policies', 'políticas'],
  'AWS::IAM::Role': ['roles', 'papéis'],
  'AWS::Lambda::Function': ['ten functions', 'dez funções'],
  'AWS::Logs::LogGroup': ['log groups', 'grupos de log'],
  'AWS::Logs::MetricFilter': ['a metric filter', 'um filtro de métrica'],
  'AWS::S3::Bucket': ['four private, encrypted buckets', 'quatro buckets privados e cifrados'],
  'AWS::SNS::Topic': ['an SNS topic', 'um tópico SNS'],
  'AWS::SQS::Queue': ['two queues with a dead-letter queue each', 'duas filas com uma dead-letter'],
  'AWS::SSM::Parameter': ['three SSM parameters', 'três parâmetros SSM'],
  'AWS::StepFunctions::StateMachine': ['a state machine', 'uma máquina de estados'],
};

const types = [...new Set(Object.values(template.resources).map(({ type }) => type))]
  .filter((type) => !PARTS.includes(type))
  .sort();

describe.each([
  ['README.md', 'What is created:', 0],
  ['README.pt-BR.md', 'O que é criado:', 1],
] as const)('%s', (file, heading, language) => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const [, paragraph = ''] = text.split(heading);
  const made = paragraph.split('18:45')[0]?.replaceAll(/\s+/g, ' ');

  test.each(types)('names %s', (type) => {
    expect(WORDS[type]).toBeDefined();
    expect(made).toContain(WORDS[type]?.[language]);
  });
});

/** How many of each kind the words above say. */
test.each([
  ['AWS::Glue::Database', 3],
  ['AWS::Glue::Table', 12 + 1],
  ['AWS::Lambda::Function', 10],
  ['AWS::Events::Rule', 2],
  ['AWS::S3::Bucket', 4],
  ['AWS::SSM::Parameter', 3],
])('the template has as many of %s as they say', (type, count) => {
  const found = Object.values(template.resources).filter((each) => each.type === type);
  expect(found).toHaveLength(count);
});
