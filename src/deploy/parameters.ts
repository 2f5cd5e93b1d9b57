/**
 * The parameters, tags and names of a deployment: validated, resolved, compared, described. Pure.
 */

import { functionNames, getCodeKeyParameter } from '../aws/resource-names.ts';
import type { StackValues } from '../aws/stack.ts';
import { UsageError } from '../errors.ts';
import { findClosest } from '../suggest.ts';
import type { Bounds, Template, TemplateParameter } from './template.ts';

export const DEFAULT_STACK_NAME = 'pynvest';

/** @throws UsageError where CloudFormation would not take the name. */
export function assertStackName(name: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name)) return name;
  throw new UsageError(`${JSON.stringify(name)} cannot be the name of a stack`, {
    hint: 'Letters, digits and hyphens, from a letter on, 128 at most.',
  });
}

/** @throws UsageError where it has not the shape of a region's name. */
export function assertRegion(region: string | undefined): string | undefined {
  // Such as sa-east-1, us-gov-west-1, eusc-de-east-1; new ones come, so that a list would grow old.
  if (region === undefined || /^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/.test(region)) return region;
  throw new UsageError(
    `--region is ${JSON.stringify(region)}: it takes the name of an AWS region`,
    {
      hint: 'Such as sa-east-1 (São Paulo) or us-east-1.',
    },
  );
}

/** `Key=Value` texts as values; each key once. @throws UsageError */
export function parseAssignments(option: string, texts: readonly string[]): StackValues {
  const values: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) {
      throw new UsageError(`${option} is ${JSON.stringify(text)}: it takes Key=Value`, {
        hint: `Such as ${option} ${option === '--tag' ? 'team=data' : 'FunctionMemory=1024'}.`,
      });
    }
    const key = text.slice(0, at);
    if (key in values) throw new UsageError(`${option} ${key} is given twice`);
    values[key] = text.slice(at + 1);
  }
  return values;
}

/**
 * The values that `--parameter` gives, as the template allows them.
 * @param taken parameters that the command fills in itself
 * @throws UsageError
 */
export function assertParameters(
  values: StackValues,
  template: Template,
  taken: ReadonlySet<string>,
): StackValues {
  for (const [key, value] of Object.entries(values)) {
    const parameter = template.parameters.get(key);
    if (parameter === undefined) throw createUnknownParameterError(key, template, taken);
    if (taken.has(key)) {
      throw new UsageError(`--parameter ${key}: pynvest fills this one in itself`);
    }
    const wrong = describeExpectedValue(parameter, value);
    if (wrong !== undefined) {
      throw new UsageError(`--parameter ${key} is ${JSON.stringify(value)}: it takes ${wrong}`);
    }
  }
  return values;
}

/** @throws UsageError */
export function assertTags(tags: StackValues): StackValues {
  for (const [key, value] of Object.entries(tags)) {
    if (/^aws:/i.test(key)) throw new UsageError(`--tag ${key}: AWS keeps aws: to itself`);
    if (key.length > 128 || value.length > 256) {
      throw new UsageError(`--tag ${key}: a key has 128 characters at most, a value 256`);
    }
  }
  return tags;
}

function createUnknownParameterError(
  key: string,
  template: Template,
  taken: ReadonlySet<string>,
): UsageError {
  const names = [...template.parameters.keys()].filter((name) => !taken.has(name));
  const near = findClosest(key, names);
  return new UsageError(`the template has no parameter ${key}`, {
    hint:
      near === undefined
        ? `It has ${names.join(', ')}.`
        : `Did you mean ${near}? cloudformation/pynvest.yaml describes them all.`,
  });
}

/** What the parameter takes, where the value is not it. */
function describeExpectedValue(parameter: TemplateParameter, value: string): string | undefined {
  const { type, allowedValues, allowedPattern, constraintDescription: constraint } = parameter;
  if (type === 'Number' && !/^-?\d+(\.\d+)?$/.test(value)) return 'a number';
  if (allowedValues !== undefined && !allowedValues.includes(value)) {
    return `one of ${allowedValues.join(', ')}`;
  }
  const kind = type === 'Number' ? 'a number' : 'text';
  const size = type === 'Number' ? Number(value) : value.length;
  const bounds = type === 'Number' ? parameter.value : parameter.length;
  const characters = type === 'Number' ? '' : ' characters';
  const range = describeRange(size, bounds);
  if (range !== undefined) return `${kind} ${range}${characters}`;
  if (allowedPattern !== undefined && !matchesPattern(allowedPattern, value)) {
    return constraint ?? `what matches ${allowedPattern}`;
  }
  return undefined;
}

function describeRange(size: number, { min: least, max: most }: Bounds): string | undefined {
  if ((least === undefined || size >= least) && (most === undefined || size <= most)) {
    return undefined;
  }
  if (least === undefined) return `of ${most} at most`;
  return most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
}

/** AWS matches the whole value. Its patterns are Java's; one that JavaScript cannot read is left to AWS. */
function matchesPattern(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return true;
  }
}

/**
 * The values in force: what is given now, else what the stack has, else the template's default. A
 * parameter with none of these is left out.
 */
export function resolveParameters(
  template: Template,
  previous: StackValues,
  given: StackValues,
): StackValues {
  const values: Record<string, string> = {};
  for (const { name, defaultValue } of template.parameters.values()) {
    const value = given[name] ?? previous[name] ?? defaultValue;
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** The parameters that are pynvest's own to set. */
export const managedParameters: ReadonlySet<string> = new Set([
  'ArtifactsBucket',
  ...functionNames.map(getCodeKeyParameter),
]);

export interface ParameterChange {
  readonly name: string;
  /** Empty where it had no value. */
  readonly before: string;
  readonly after: string;
}

/**
 * What differs from the values that the stack has; where there is none yet, from the template's defaults.
 * @param hidden parameters that are not the person's to set
 */
export function findChangedParameters(
  template: Template,
  previous: StackValues | undefined,
  now: StackValues,
  hidden: ReadonlySet<string>,
): ParameterChange[] {
  return [...template.parameters.values()].flatMap(({ name, defaultValue }) => {
    // One that the stack does not know yet had its default's effect.
    const before = previous?.[name] ?? defaultValue ?? '';
    const after = now[name] ?? '';
    return hidden.has(name) || before === after ? [] : [{ name, before, after }];
  });
}

/** São Paulo has no summer time any more. */
const HOURS_BEHIND_UTC = 3;

/** Such as `It collects every day at 18:45 (São Paulo)`; undefined of a template without a schedule. */
export function formatCollectionSchedule(parameters: StackValues): string | undefined {
  const schedule = parameters['CollectSchedule'];
  if (schedule === undefined) return undefined;
  if (parameters['SchedulesEnabled'] === 'DISABLED') {
    return 'It does not collect by itself: SchedulesEnabled is DISABLED';
  }
  const daily = /^cron\((\d{1,2}) (\d{1,2}) \* \* \? \*\)$/.exec(schedule);
  if (daily === null) return `It collects by the schedule ${schedule}, which is in UTC`;
  const [, minute = '', hour = ''] = daily;
  const local = (Number(hour) + 24 - HOURS_BEHIND_UTC) % 24;
  return `It collects every day at ${padTwoDigits(local)}:${padTwoDigits(minute)} (São Paulo)`;
}

function padTwoDigits(value: number | string): string {
  return String(value).padStart(2, '0');
}
