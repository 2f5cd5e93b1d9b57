/** The parameters: described, bounded, used, and kept from contradicting one another. */
import { describe, expect, test } from 'vitest';
import { FUNCTIONS_TARGET } from '../../scripts/bundle-functions.ts';
import { functionNames, getCodeKeyParameter } from '../../src/aws/resource-names.ts';
import { findBrokenRules } from '../../src/deploy/intrinsics.ts';
import { resolveParameters } from '../../src/deploy/parameters.ts';
import { parseTemplate } from '../../src/deploy/template.ts';
import { defaultSiteSettings } from '../../src/sources/fundamentus/site.ts';
import { functionProperties } from '../support/permissions.ts';
import { ResolvedStack } from '../support/resolved-stack.ts';
import { at, type JsonObject, listOf, template } from '../support/template.ts';
import { templateText } from '../support/template-text.ts';

const parameters = Object.entries(template.parameters);
const codeKeys = functionNames.map(getCodeKeyParameter);

describe.each(parameters)('%s', (name, definition) => {
  test('says what it is and what it takes', () => {
    expect(String(definition['Description']).length).toBeGreaterThan(10);
    const bounds = ['AllowedValues', 'AllowedPattern', 'MinValue', 'MaxValue'];
    expect(bounds.some((bound) => definition[bound] !== undefined)).toBe(true);
    if (definition['Type'] === 'Number' && definition['AllowedValues'] === undefined) {
      expect(Number(definition['MinValue'])).toBeLessThan(Number(definition['MaxValue']));
    }
  });

  test('says in words what its pattern takes', () => {
    const isOurs = ['ArtifactsBucket', ...codeKeys].includes(name);
    if (definition['AllowedPattern'] === undefined || isOurs) return;
    expect(String(definition['ConstraintDescription'])).toMatch(/^[a-z].{10,}/);
  });

  test('has a default that it takes itself, but for the code', () => {
    const isCode = ['ArtifactsBucket', ...codeKeys].includes(name);
    expect(definition['Default'] === undefined).toBe(isCode);
    if (!isCode) expect(takes(definition, String(definition['Default']))).toBe(true);
  });

  test('is used', () => {
    expect(templateText).toMatch(new RegExp(`!Ref ${name}\\b|\\$\\{${name}\\}`));
  });
});

function takes(definition: JsonObject, value: string): boolean {
  const {
    AllowedValues: allowed,
    AllowedPattern: pattern,
    MinValue: min,
    MaxValue: max,
  } = definition;
  if (allowed !== undefined && !listOf(allowed).map(String).includes(value)) return false;
  if (pattern !== undefined && !new RegExp(String(pattern)).test(value)) return false;
  return (
    (min === undefined || Number(value) >= Number(min)) &&
    (max === undefined || Number(value) <= Number(max))
  );
}

test('each is in one group of the console', () => {
  const groups = listOf(at(template.metadata, 'AWS::CloudFormation::Interface', 'ParameterGroups'));
  const grouped = groups.flatMap((group) => listOf(at(group, 'Parameters')).map(String));
  expect(grouped.sort()).toEqual(parameters.map(([name]) => name).sort());
});

test('a key of code for each function, and each function runs its own', () => {
  expect(parameters.map(([name]) => name).filter((name) => name.startsWith('CodeKey'))).toEqual(
    codeKeys,
  );
  const stack = new ResolvedStack();
  for (const name of functionNames) {
    const properties = functionProperties(stack, name);
    expect(properties['Code']).toEqual({
      S3Bucket: 'given-ArtifactsBucket',
      S3Key: `given-${getCodeKeyParameter(name)}`,
    });
    expect(properties).toMatchObject({
      Handler: 'index.handler',
      Runtime: FUNCTIONS_TARGET.replace('node', 'nodejs').concat('.x'),
      Architectures: ['arm64'],
    });
  }
});

test.each([
  ['pynvest', true],
  ['p2', true],
  ['a', false],
  ['Pynvest', false],
  ['-pynvest', false],
  ['pynvest-', false],
  ['aws-lake', false],
  ['ssm', false],
])('the prefix %s: %s', (prefix, taken) => {
  const definition = template.parameters['NamePrefix'] ?? {};
  expect(takes(definition, prefix)).toBe(taken);
});

describe('the functions’ environment', () => {
  const lakeNames = ['SOR', 'SOT', 'SPEC'].flatMap((layer) => [
    `PYNVEST_${layer}_BUCKET`,
    `PYNVEST_${layer}_DATABASE`,
  ]);
  const queueNames = ['PYNVEST_ACOES_QUEUE_URL', 'PYNVEST_FIIS_QUEUE_URL'];
  const siteNames = ['FUNDAMENTUS_URL', 'CONCURRENCY', 'PAUSE_MS', 'TIMEOUT_MS', 'RETRIES'].map(
    (name) => `PYNVEST_${name}`,
  );
  const stack = new ResolvedStack();

  test.each(functionNames)('%s', (name) => {
    const asksSite = /^check|^get/.test(name);
    const variables = at(functionProperties(stack, name)['Environment'], 'Variables');
    expect(Object.keys(variables ?? {}).sort()).toEqual(
      [
        ...lakeNames,
        ...(name === 'get-tickers' ? queueNames : []),
        ...(/^get-financial/.test(name) ? ['PYNVEST_QUEUE_URL', 'PYNVEST_RETRY_WAIT_S'] : []),
        ...(asksSite ? siteNames : []),
      ].sort(),
    );
  });

  test.each(['acoes', 'fiis'])('what fails goes back into the queue of %s', (kind) => {
    const properties = functionProperties(stack, `get-financial-data-for-${kind}`);
    expect(at(properties['Environment'], 'Variables')).toMatchObject({
      PYNVEST_QUEUE_URL: `https://sqs/pynvest-tickers-${kind}-queue`,
      PYNVEST_RETRY_WAIT_S: '120',
    });
  });

  test('the site is asked as the command asks it, by one page at a time', () => {
    const variables = at(functionProperties(stack, 'get-tickers')['Environment'], 'Variables');
    expect(variables).toMatchObject({
      PYNVEST_FUNDAMENTUS_URL: defaultSiteSettings.baseUrl,
      PYNVEST_CONCURRENCY: '1',
      PYNVEST_PAUSE_MS: String(defaultSiteSettings.pauseMs),
      PYNVEST_TIMEOUT_MS: String(defaultSiteSettings.timeoutMs),
      PYNVEST_RETRIES: String(defaultSiteSettings.retries),
    });
  });
});

describe('rules', () => {
  test.each([
    [{}, []],
    [{ FunctionTimeout: '300', QueueVisibilityTimeout: '420' }, [/FunctionTimeout 300 wants/]],
    [
      { CreateBuckets: 'no', SorBucketName: 'raw' },
      [/SotBucketName names/, /SpecBucketName names/],
    ],
  ])('%j is checked before anything is sent', (given, broken) => {
    const parsed = parseTemplate(templateText);
    const scope = { account: '1', region: 'r', partition: 'aws', stackName: 's' };
    const parameters = resolveParameters(parsed, {}, given);
    expect(findBrokenRules({ ...scope, template: parsed, parameters })).toEqual(
      broken.map((each) => expect.stringMatching(each)),
    );
    expect(new ResolvedStack(given).brokenRules()).toHaveLength(broken.length);
  });

  test('the defaults pass', () => {
    expect(new ResolvedStack().brokenRules()).toEqual([]);
  });

  test('existing buckets are named, all three', () => {
    const names = { SorBucketName: 'raw', SotBucketName: 'typed', SpecBucketName: 'quotes' };
    const broken = (given: Readonly<Record<string, string>>) =>
      new ResolvedStack({ CreateBuckets: 'no', ...given }).brokenRules();
    expect(broken(names)).toEqual([]);
    expect(broken({})).toHaveLength(3);
    expect(broken({ ...names, SotBucketName: '' })).toEqual([
      'With CreateBuckets=no, SotBucketName names an existing bucket.',
    ]);
  });

  test('buckets that are made have three names; existing ones may be one', () => {
    const broken = (given: Readonly<Record<string, string>>) =>
      new ResolvedStack(given).brokenRules();
    const one = { SorBucketName: 'mine', SotBucketName: 'mine', SpecBucketName: 'mine' };
    expect(broken(one)).toHaveLength(3);
    expect(broken({ ...one, CreateBuckets: 'no' })).toEqual([]);
    expect(broken({ ...one, SorBucketName: '' })).toEqual([
      'With CreateBuckets=yes, SotBucketName and SpecBucketName are two names.',
    ]);
    expect(broken({ ...one, SorBucketName: 'raw', SotBucketName: 'typed' })).toEqual([]);
  });

  test('a message stays hidden for six times the timeout plus the window, or the stack is refused', () => {
    const {
      FunctionTimeout: timeouts,
      QueueVisibilityTimeout: visibilities,
      BatchWindow: window,
    } = template.parameters;
    const longestWindow = Number(window?.['MaxValue']);
    for (const timeout of listOf(timeouts?.['AllowedValues']).map(Number)) {
      for (const visibility of listOf(visibilities?.['AllowedValues']).map(Number)) {
        const given = {
          FunctionTimeout: String(timeout),
          QueueVisibilityTimeout: String(visibility),
        };
        const passes = new ResolvedStack(given).brokenRules().length === 0;
        expect({ ...given, passes }).toEqual({
          ...given,
          passes: visibility >= 6 * timeout + longestWindow,
        });
      }
    }
  });
});
