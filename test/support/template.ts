/** The CloudFormation template, read as CloudFormation reads it: `!Ref X` is `{ Ref: 'X' }`. */
import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { templateText } from './template-text.ts';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

export interface Resource {
  readonly type: string;
  readonly condition: string | undefined;
  readonly deletionPolicy: Json | undefined;
  readonly updateReplacePolicy: Json | undefined;
  readonly properties: JsonObject;
}

export interface Template {
  readonly parameters: Readonly<Record<string, JsonObject>>;
  readonly rules: Readonly<Record<string, JsonObject>>;
  readonly conditions: JsonObject;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, JsonObject>>;
  readonly metadata: JsonObject;
}

function readTemplate(): Template {
  const document = parseDocument(templateText, { logLevel: 'silent' });
  if (document.errors[0]) throw document.errors[0];
  const whole = asObject(toJson(document.contents));
  const section = (name: string): JsonObject => asObject(whole[name]);
  return {
    parameters: objects(section('Parameters')),
    rules: objects(section('Rules')),
    conditions: section('Conditions'),
    outputs: objects(section('Outputs')),
    metadata: section('Metadata'),
    resources: Object.fromEntries(
      Object.entries(objects(section('Resources'))).map(([name, resource]) => [
        name,
        {
          type: String(resource['Type']),
          condition:
            resource['Condition'] === undefined ? undefined : String(resource['Condition']),
          deletionPolicy: resource['DeletionPolicy'],
          updateReplacePolicy: resource['UpdateReplacePolicy'],
          properties: asObject(resource['Properties']),
        },
      ]),
    ),
  };
}

function objects(section: JsonObject): Record<string, JsonObject> {
  return Object.fromEntries(
    Object.entries(section).map(([name, value]) => [name, asObject(value)]),
  );
}

export function asObject(value: Json | undefined): JsonObject {
  if (isObject(value)) return value;
  throw new Error(`an object was expected, not ${JSON.stringify(value)}`);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path, or undefined where the path ends early. */
export function at(
  value: Json | undefined,
  ...path: readonly (string | number)[]
): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    return Array.isArray(value) ? at((value as readonly Json[])[step], ...rest) : undefined;
  }
  return isObject(value) ? at(value[step], ...rest) : undefined;
}

/** One value as a list of one, as IAM and CloudFormation take it in many places. */
export function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function toJson(node: unknown): Json {
  const { tag } = node as Node;
  const value = plain(node);
  if (tag === undefined || !tag.startsWith('!')) return value;
  const name = tag.slice(1);
  if (name === 'GetAtt')
    return {
      'Fn::GetAtt': String(value)
        .split(/\.(.*)/s)
        .slice(0, 2),
    };
  return { [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: value };
}

function plain(node: unknown): Json {
  if (isScalar(node)) return node.value as Json;
  if (isSeq(node)) return node.items.map(toJson);
  if (isMap(node)) {
    return Object.fromEntries(node.items.map(({ key, value }) => [String(key), toJson(value)]));
  }
  return null;
}

export const template = readTemplate();
