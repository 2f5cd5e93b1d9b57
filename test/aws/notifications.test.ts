// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders
import { readFileSync } from 'node:fs';
import type { LambdaFunctionConfiguration, NotificationConfiguration } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNotifications, mergeNotifications, triggers } from '../../src/aws/notifications.ts';
import { toFields } from '../../src/deploy/fields.ts';
import { parseTemplate } from '../../src/deploy/template.ts';

const aws = { account: '123456789012', region: 'sa-east-1', partition: 'aws' };
const buckets = { sor: 'a', sot: 'b' };
const ours = createNotifications('a', buckets, { prefix: 'pynvest', aws });

const theirs: fc.Arbitrary<NotificationConfiguration> = fc.record(
  {
    QueueConfigurations: fc.array(
      fc.record({
        Id: fc.string({ minLength: 1 }),
        QueueArn: fc.constantFrom('arn:aws:sqs:x:1:a', 'arn:aws:sqs:x:1:b'),
        Events: fc.constant<'s3:ObjectRemoved:*'[]>(['s3:ObjectRemoved:*']),
      }),
      { minLength: 1 },
    ),
    LambdaFunctionConfigurations: fc.array(
      fc.record({
        Id: fc.string({ minLength: 1 }),
        LambdaFunctionArn: fc.constantFrom('arn:aws:lambda:x:1:function:theirs', 'arn:other'),
        Events: fc.constant<'s3:ObjectCreated:*'[]>(['s3:ObjectCreated:*']),
      }),
      { minLength: 1 },
    ),
    EventBridgeConfiguration: fc.constant({}),
  },
  { requiredKeys: [] },
);

describe('notifications', () => {
  test('ours come and go; all others stay as they are', () => {
    fc.assert(
      fc.property(theirs, (existing) => {
        const merged = mergeNotifications(existing, ours, true);
        expect(merged?.LambdaFunctionConfigurations).toEqual([
          ...(existing.LambdaFunctionConfigurations ?? []),
          ...ours,
        ]);
        expect(merged?.QueueConfigurations).toEqual(existing.QueueConfigurations);
        expect(merged?.EventBridgeConfiguration).toEqual(existing.EventBridgeConfiguration);
        expect(merged && mergeNotifications(merged, ours, true)).toBeUndefined();
        expect(merged && mergeNotifications(merged, ours, false)).toEqual(existing);
        expect(mergeNotifications(existing, ours, false)).toBeUndefined();
      }),
    );
  });

  test('those of an earlier stack, under ids that S3 made up, are known by their function', () => {
    const left: LambdaFunctionConfiguration[] = ours.map((each, index) => ({
      ...each,
      Id: `made-up-${index}`,
    }));
    expect(mergeNotifications({ LambdaFunctionConfigurations: left }, ours, false)).toEqual({});
    // S3 writes the names of rules its own way.
    const asS3Writes = JSON.parse(JSON.stringify(left).replaceAll('"prefix"', '"Prefix"'));
    expect(
      mergeNotifications({ LambdaFunctionConfigurations: asS3Writes }, ours, true),
    ).toBeUndefined();
    const stale = left.slice(0, 1).map((each) => ({ ...each, Events: [] }));
    const mended = mergeNotifications({ LambdaFunctionConfigurations: stale }, ours, true);
    expect(mended).toEqual({ LambdaFunctionConfigurations: ours });
  });

  test('one bucket for both layers has all four', () => {
    const both = createNotifications('a', { sor: 'a', sot: 'a' }, { prefix: 'pynvest', aws });
    expect(both).toHaveLength(4);
    expect(new Set(both.map(({ Id }) => Id)).size).toBe(4);
  });

  test('are the same as those of the template, for the buckets that it makes', () => {
    const text = readFileSync(
      new URL('../../cloudformation/pynvest.yaml', import.meta.url),
      'utf8',
    );
    const template = parseTemplate(text);
    const stated = (['Sor', 'Sot'] as const).flatMap((layer) => {
      const bucket = template.resources.get(`${layer}Bucket`);
      const settings = toFields(bucket?.properties['NotificationConfiguration']);
      return (settings['LambdaConfigurations'] as readonly unknown[]).map((each) => {
        const { Event, Function: target, Filter } = toFields(each);
        const rules = toFields(toFields(Filter)['S3Key'])['Rules'] as { Value: string }[];
        const [id] = toFields(target)['Fn::GetAtt'] as string[];
        const name = template.resources.get(id ?? '')?.properties['FunctionName'];
        const functionName = String(toFields(name)['Fn::Sub']).replace('${NamePrefix}-lambda-', '');
        return [layer.toLowerCase(), Event, functionName, ...rules.map(({ Value }) => Value)];
      });
    });
    expect(
      triggers.map(({ layer, functionName, table, suffix }) => [
        layer,
        's3:ObjectCreated:*',
        functionName,
        `${table}/`,
        suffix,
      ]),
    ).toEqual(stated);
  });
});
