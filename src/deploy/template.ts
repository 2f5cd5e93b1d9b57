/** A CloudFormation template as data. Pure. */
import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { DeployError } from '../errors.ts';
import { type Fields, toFields } from './fields.ts';

export interface Template {
  /** As it was written, and as it is sent to CloudFormation. */
  readonly text: string;
  readonly parameters: ReadonlyMap<string, TemplateParameter>;
  readonly conditions: Fields;
  readonly rules: ReadonlyMap<string, TemplateRule>;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  /** Whether it has macros, such as Fn::ForEach. */
  readonly hasTransforms: boolean;
}

export interface TemplateParameter {
  readonly name: string;
  readonly type: string;
  readonly defaultValue: string | undefined;
  readonly allowedValues: readonly string[] | undefined;
  readonly allowedPattern: string | undefined;
  readonly constraintDescription: string | undefined;
  readonly length: Bounds;
  readonly value: Bounds;
}

export interface Bounds {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** What no single parameter can say. */
interface TemplateRule {
  /** When it applies; undefined for always. */
  readonly condition: unknown;
  readonly assertions: readonly { readonly assert: unknown; readonly description: string }[];
}

export interface TemplateResource {
  readonly id: string;
  readonly type: string;
  readonly condition: string | undefined;
  /** Whether it is kept when it is removed from the stack, or the stack is deleted. */
  readonly retainOnDelete: boolean;
  /** Whether the old one is kept when it is replaced. */
  readonly retainOnReplace: boolean;
  readonly properties: Fields;
}

/** By their texts: that of the stack is mostly the one of this package, and takes long to parse. */
const parsed = new Map<string, Template>();

/**
 * A template, in YAML with CloudFormation's short forms or in JSON.
 * @param content what `parseContent` answers of the text, where that is known
 * @throws DeployError
 */
export function parseTemplate(text: string, content?: Fields): Template {
  const template = parsed.get(text) ?? toTemplate(text, content ?? parseContent(text));
  parsed.set(text, template);
  return template;
}

/** What the text of a template says, as plain data in the long form. @throws DeployError */
export function parseContent(text: string): Fields {
  const document = parseDocument(text, { logLevel: 'silent' });
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new DeployError(`the template is not valid YAML: ${problem.message}`, { cause: problem });
  }
  return toFields(toPlainData(document.contents));
}

function toTemplate(text: string, root: Fields): Template {
  return {
    text,
    hasTransforms: root['Transform'] !== undefined,
    conditions: toFields(root['Conditions']),
    parameters: parseEntries(root['Parameters'], parseParameter),
    rules: parseEntries(root['Rules'], parseRule),
    resources: parseEntries(root['Resources'], parseResource),
  };
}

function parseEntries<T>(
  value: unknown,
  read: (name: string, fields: Fields) => T,
): Map<string, T> {
  return new Map(
    Object.entries(toFields(value)).map(([name, fields]) => [name, read(name, toFields(fields))]),
  );
}

function parseParameter(name: string, fields: Fields): TemplateParameter {
  const allowed = fields['AllowedValues'];
  return {
    name,
    type: toText(fields['Type']) ?? 'String',
    defaultValue: toText(fields['Default']),
    allowedValues: Array.isArray(allowed) ? allowed.map(String) : undefined,
    allowedPattern: toText(fields['AllowedPattern']),
    constraintDescription: toText(fields['ConstraintDescription']),
    length: { min: toNumber(fields['MinLength']), max: toNumber(fields['MaxLength']) },
    value: { min: toNumber(fields['MinValue']), max: toNumber(fields['MaxValue']) },
  };
}

function parseRule(_: string, fields: Fields): TemplateRule {
  const assertions = Array.isArray(fields['Assertions']) ? fields['Assertions'] : [];
  return {
    condition: fields['RuleCondition'],
    assertions: assertions.map(toFields).map((each) => ({
      assert: each['Assert'],
      description: toText(each['AssertDescription']) ?? 'an assertion of the template',
    })),
  };
}

function parseResource(id: string, fields: Fields): TemplateResource {
  const isRetain = (policy: unknown): boolean => /^Retain/.test(toText(policy) ?? '');
  return {
    id,
    type: toText(fields['Type']) ?? '',
    condition: toText(fields['Condition']),
    retainOnDelete: isRetain(fields['DeletionPolicy']),
    retainOnReplace: isRetain(fields['UpdateReplacePolicy']),
    properties: toFields(fields['Properties']),
  };
}

function toText(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function toNumber(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** A node of YAML as plain data; `!Sub x` becomes `{ "Fn::Sub": x }`, as in the long form. */
function toPlainData(node: unknown): unknown {
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }) => [
      String(toPlainData(key)),
      toPlainData(value),
    ]);
    return expandTag(node, Object.fromEntries(entries));
  }
  if (isSeq(node)) return expandTag(node, node.items.map(toPlainData));
  if (isScalar(node)) return expandTag(node, node.value);
  return undefined;
}

function expandTag(node: Node, value: unknown): unknown {
  const short = node.tag?.match(/^!(\w+)$/)?.[1];
  if (short === undefined) return value;
  if (short === 'Ref' || short === 'Condition') return { [short]: value };
  if (short === 'GetAtt' && typeof value === 'string') return { 'Fn::GetAtt': value.split('.') };
  return { [`Fn::${short}`]: value };
}
