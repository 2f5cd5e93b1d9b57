/** A CloudFormation template as data. Pure. */
import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { DeployError } from '../errors.ts';

export interface Template {
  /** As it was written, which is how it is sent. */
  readonly text: string;
  readonly parameters: ReadonlyMap<string, TemplateParameter>;
  readonly conditions: Fields;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  /** Whether it has macros, such as Fn::ForEach. */
  readonly transforms: boolean;
}

export interface TemplateParameter {
  readonly name: string;
  readonly type: string;
  readonly defaultValue: string | undefined;
  readonly allowedValues: readonly string[] | undefined;
  readonly allowedPattern: string | undefined;
  readonly constraint: string | undefined;
  readonly length: Bounds;
  readonly value: Bounds;
}

export interface Bounds {
  readonly least: number | undefined;
  readonly most: number | undefined;
}

export interface TemplateResource {
  readonly id: string;
  readonly type: string;
  readonly condition: string | undefined;
  /** Whether it stays when the stack goes, or lets go of it. */
  readonly keptOnDelete: boolean;
  /** Whether the old one stays when a new one takes its place. */
  readonly keptOnReplace: boolean;
  readonly properties: Fields;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Reads a template, in YAML with CloudFormation's short forms or in JSON. @throws DeployError */
export function parseTemplate(text: string): Template {
  const document = parseDocument(text, { logLevel: 'silent' });
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new DeployError(`the template is no YAML: ${problem.message}`, { cause: problem });
  }
  const root = fieldsOf(plain(document.contents));
  return {
    text,
    transforms: root['Transform'] !== undefined,
    conditions: fieldsOf(root['Conditions']),
    parameters: mapOf(root['Parameters'], parameterOf),
    resources: mapOf(root['Resources'], resourceOf),
  };
}

/** The value as an object; an empty one where it is none. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapOf<T>(value: unknown, read: (name: string, fields: Fields) => T): Map<string, T> {
  return new Map(
    Object.entries(fieldsOf(value)).map(([name, fields]) => [name, read(name, fieldsOf(fields))]),
  );
}

function parameterOf(name: string, fields: Fields): TemplateParameter {
  const allowed = fields['AllowedValues'];
  return {
    name,
    type: textOf(fields['Type']) ?? 'String',
    defaultValue: textOf(fields['Default']),
    allowedValues: Array.isArray(allowed) ? allowed.map(String) : undefined,
    allowedPattern: textOf(fields['AllowedPattern']),
    constraint: textOf(fields['ConstraintDescription']),
    length: { least: numberOf(fields['MinLength']), most: numberOf(fields['MaxLength']) },
    value: { least: numberOf(fields['MinValue']), most: numberOf(fields['MaxValue']) },
  };
}

function resourceOf(id: string, fields: Fields): TemplateResource {
  const keeps = (policy: unknown): boolean => /^Retain/.test(textOf(policy) ?? '');
  return {
    id,
    type: textOf(fields['Type']) ?? '',
    condition: textOf(fields['Condition']),
    keptOnDelete: keeps(fields['DeletionPolicy']),
    keptOnReplace: keeps(fields['UpdateReplacePolicy']),
    properties: fieldsOf(fields['Properties']),
  };
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function numberOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** A node of YAML as plain data; `!Sub x` becomes `{ "Fn::Sub": x }`, as in the long form. */
function plain(node: unknown): unknown {
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }) => [String(plain(key)), plain(value)]);
    return tagged(node, Object.fromEntries(entries));
  }
  if (isSeq(node)) return tagged(node, node.items.map(plain));
  if (isScalar(node)) return tagged(node, node.value);
  return undefined;
}

function tagged(node: Node, value: unknown): unknown {
  const short = node.tag?.match(/^!(\w+)$/)?.[1];
  if (short === undefined) return value;
  if (short === 'Ref' || short === 'Condition') return { [short]: value };
  if (short === 'GetAtt' && typeof value === 'string') return { 'Fn::GetAtt': value.split('.') };
  return { [`Fn::${short}`]: value };
}
