/**
 * The part of a template's functions that can be worked out before there is a stack: names, and which
 * conditions hold. Pure. What only AWS knows is `undefined`.
 */
import { resourceKind } from './resource-kinds.ts';
import { type Fields, fieldsOf, type Template, type TemplateResource } from './template.ts';

export interface Scope {
  readonly template: Template;
  /** The values in force, of every parameter that has one. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly stackName: string;
}

/** The value of a piece of the template; undefined inside it wherever only AWS knows. */
export function evaluate(node: unknown, scope: Scope): unknown {
  if (Array.isArray(node)) return node.map((each) => evaluate(each, scope)).filter(isPresent);
  if (typeof node !== 'object' || node === null) return node;
  const fields = fieldsOf(node);
  const [[name, argument] = ['', undefined], ...others] = Object.entries(fields);
  const intrinsic = others.length === 0 ? INTRINSICS[name] : undefined;
  if (intrinsic !== undefined) return intrinsic(argument, scope);
  const entries = Object.entries(fields).map(([key, value]) => [key, evaluate(value, scope)]);
  return Object.fromEntries(entries.filter(([, value]) => isPresent(value)));
}

/** Whether a condition of the template holds. */
export function holds(condition: string | undefined, scope: Scope): boolean {
  if (condition === undefined) return true;
  return evaluate(scope.template.conditions[condition], scope) === true;
}

/** The name that a resource will have, where the template gives it one. */
export function physicalName(resource: TemplateResource, scope: Scope): string | undefined {
  const { namePath } = resourceKind(resource.type);
  if (namePath.length === 0) return undefined;
  let node: unknown = resource.properties;
  for (const step of namePath) node = fieldsOf(node)[step];
  const name = evaluate(node, scope);
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** The name that a resource takes where its parameter (`<id>Name`) is left alone. */
export function usualName(resource: TemplateResource, scope: Scope): string | undefined {
  const parameter = `${resource.id}Name`;
  const value = scope.template.parameters.get(parameter)?.defaultValue ?? '';
  return physicalName(resource, {
    ...scope,
    parameters: { ...scope.parameters, [parameter]: value },
  });
}

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope) => reference(String(name), scope),
  Condition: (name, scope) => holds(String(name), scope),
  'Fn::Equals': (argument, scope) => {
    const [left, right] = pieces(argument).map((each) => evaluate(each, scope));
    return String(left) === String(right);
  },
  'Fn::Not': (argument, scope) => evaluate(pieces(argument)[0], scope) !== true,
  'Fn::And': (argument, scope) => pieces(argument).every((each) => evaluate(each, scope) === true),
  'Fn::Or': (argument, scope) => pieces(argument).some((each) => evaluate(each, scope) === true),
  'Fn::If': (argument, scope) => {
    const [condition, then, otherwise] = pieces(argument);
    return evaluate(holds(String(condition), scope) ? then : otherwise, scope);
  },
  'Fn::GetAtt': (argument, scope) => attribute(argument, scope),
  'Fn::Join': (argument, scope) => {
    const [separator, list] = pieces(argument);
    return pieces(evaluate(list, scope)).join(String(separator));
  },
  'Fn::Sub': (argument, scope) => {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    return substituted(String(text), fieldsOf(variables), scope);
  },
};

function reference(name: string, scope: Scope): unknown {
  switch (name) {
    case 'AWS::AccountId':
      return scope.account;
    case 'AWS::Region':
      return scope.region;
    case 'AWS::Partition':
      return scope.partition;
    case 'AWS::StackName':
      return scope.stackName;
    case 'AWS::NoValue':
      return undefined;
  }
  const resource = scope.template.resources.get(name);
  return resource === undefined ? scope.parameters[name] : physicalName(resource, scope);
}

/** Attributes are AWS's to say, but for those that repeat a property: a parameter's value. */
function attribute(argument: unknown, scope: Scope): unknown {
  const [id, ...path] = pieces(argument).map(String);
  const resource = scope.template.resources.get(id ?? '');
  if (resource === undefined || path.join('.') !== 'Value') return undefined;
  return evaluate(resource.properties['Value'], scope);
}

function substituted(text: string, variables: Fields, scope: Scope): string | undefined {
  let known = true;
  const result = text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    const value = name in variables ? evaluate(variables[name], scope) : namedValue(name, scope);
    if (!isPresent(value)) known = false;
    return String(value);
  });
  return known ? result : undefined;
}

function namedValue(name: string, scope: Scope): unknown {
  return name.includes('.') ? attribute(name.split('.'), scope) : reference(name, scope);
}

/** A list, or one thing as a list of one. */
export function pieces(argument: unknown): readonly unknown[] {
  return Array.isArray(argument) ? argument : [argument];
}

function isPresent(value: unknown): boolean {
  return value !== undefined;
}
