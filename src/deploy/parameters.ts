/**
 * The parameters, tags and names of a deployment: validated, resolved, compared, described. Pure.
 */

import { functionNames, getCodeKeyParameter } from '../aws/resource-names.ts';
import type { StackValues } from '../aws/stack.ts';
import { UsageError } from '../errors.ts';
import { findClosest } from '../suggest.ts';
import type { Bounds, Template, TemplateParameter } from './template.ts';

export const DEFAULT_STACK_NAME = 'pynvest';

/** @throws UsageError when CloudFormation would reject the name */
export function assertStackName(name: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name)) return name;
  throw new UsageError(`${JSON.stringify(name)} is not a valid stack name`, {
    hint: 'A stack name has up to 128 letters, digits and hyphens, and begins with a letter.',
  });
}

/** @throws UsageError when it does not look like the name of a region */
export function assertRegion(region: string | undefined): string | undefined {
  // Such as sa-east-1, us-gov-west-1, eusc-de-east-1. A list would become outdated.
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
  const values = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) {
      throw new UsageError(`${option} is ${JSON.stringify(text)}: it takes Key=Value`, {
        hint: `Such as ${option} ${option === '--tag' ? 'team=data' : 'FunctionMemory=1024'}.`,
      });
    }
    const key = text.slice(0, at);
    if (values.has(key)) throw new UsageError(`${option} ${key} is given twice`);
    values.set(key, text.slice(at + 1));
  }
  // An object would take a value of `__proto__` for its prototype.
  return Object.fromEntries(values);
}

/**
 * The values that `--parameter` gives, as the template allows them.
 * @param managed parameters that the command sets itself
 * @throws UsageError
 */
export function assertParameters(
  values: StackValues,
  template: Template,
  managed: ReadonlySet<string>,
): StackValues {
  for (const [key, value] of Object.entries(values)) {
    const parameter = template.parameters.get(key);
    if (parameter === undefined) throw createUnknownParameterError(key, template, managed);
    if (managed.has(key)) {
      throw new UsageError(`--parameter ${key}: pynvest sets this parameter itself`);
    }
    const expected = findViolatedConstraint(parameter, value);
    if (expected !== undefined) {
      throw new UsageError(`--parameter ${key} is ${JSON.stringify(value)}: it takes ${expected}`);
    }
  }
  return values;
}

/** @throws UsageError */
export function assertTags(tags: StackValues): StackValues {
  for (const [key, value] of Object.entries(tags)) {
    if (/^aws:/i.test(key)) throw new UsageError(`--tag ${key}: the prefix aws: is reserved`);
    if (key.length > 128 || value.length > 256) {
      throw new UsageError(`--tag ${key}: a key has at most 128 characters, a value 256`);
    }
  }
  return tags;
}

function createUnknownParameterError(
  key: string,
  template: Template,
  managed: ReadonlySet<string>,
): UsageError {
  const names = [...template.parameters.keys()].filter((name) => !managed.has(name));
  const closest = findClosest(key, names);
  return new UsageError(`the template has no parameter ${key}`, {
    hint:
      closest === undefined
        ? `Its parameters: ${names.join(', ')}.`
        : `Did you mean ${closest}? cloudformation/pynvest.yaml describes them all.`,
  });
}

/** What a value of the parameter must be, where this one violates it; undefined for a valid value. */
function findViolatedConstraint(parameter: TemplateParameter, value: string): string | undefined {
  const { type, allowedValues, allowedPattern, constraintDescription } = parameter;
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
    return constraintDescription ?? `text that matches ${allowedPattern}`;
  }
  return undefined;
}

function describeRange(size: number, { min, max }: Bounds): string | undefined {
  if ((min === undefined || size >= min) && (max === undefined || size <= max)) return undefined;
  if (min === undefined) return `of at most ${max}`;
  return max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
}

/** AWS matches the whole value, by Java's patterns; one that JavaScript cannot parse is left to AWS. */
function matchesPattern(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return true;
  }
}

/**
 * The value of each parameter: the given one, else the stack's, else the template's default. A parameter with none
 * of these is left out.
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

/** The parameters that pynvest sets itself. */
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
 * The parameters that differ from the stack's values, or from the template's defaults where there is no stack.
 * @param hidden parameters that the person does not set
 */
export function findChangedParameters(
  template: Template,
  previous: StackValues | undefined,
  now: StackValues,
  hidden: ReadonlySet<string>,
): ParameterChange[] {
  return [...template.parameters.values()].flatMap(({ name, defaultValue }) => {
    // The stack behaves by the default of a parameter that it does not have yet.
    const before = previous?.[name] ?? defaultValue ?? '';
    const after = now[name] ?? '';
    return hidden.has(name) || before === after ? [] : [{ name, before, after }];
  });
}

/** What the record of a deployment keeps: what differs from the defaults, and names something in AWS. */
export function findRecordedParameters(template: Template, parameters: StackValues): StackValues {
  const hidden = new Set([...managedParameters, 'AlarmEmail']);
  const changes = findChangedParameters(template, undefined, parameters, hidden);
  return Object.fromEntries(changes.map(({ name, after }) => [name, after]));
}

/** São Paulo has no daylight saving time since 2019. */
const HOURS_BEHIND_UTC = 3;

/** Such as `It collects every day at 18:45 (São Paulo)`; undefined where the template has no schedule. */
export function formatCollectionSchedule(parameters: StackValues): string | undefined {
  const schedule = parameters['CollectSchedule'];
  if (schedule === undefined) return undefined;
  if (parameters['SchedulesEnabled'] === 'DISABLED') {
    return 'It collects nothing by itself: SchedulesEnabled is DISABLED';
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
