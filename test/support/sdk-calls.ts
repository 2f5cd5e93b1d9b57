/**
 * Which AWS calls the source can make: from the files of some rooms, symbol by symbol through `src/aws`, so that a
 * call counts only where something that can reach it is imported.
 */
import { readdirSync, readFileSync } from 'node:fs';

const SOURCE = new URL('../../src/', import.meta.url);

interface ImportedSymbol {
  readonly name: string;
  /** A file, by its path below `src`, or a package. */
  readonly from: string;
}

interface SourceFile {
  /** What is imported as a value, by its local name. */
  readonly imports: ReadonlyMap<string, ImportedSymbol>;
  /** The identifiers in each top-level declaration, by its name; those outside of any, under ''. */
  readonly declarations: ReadonlyMap<string, ReadonlySet<string>>;
}

const files = new Map<string, SourceFile>();

function readSource(path: string): SourceFile {
  const known = files.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(path, SOURCE), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
  const imports = new Map<string, ImportedSymbol>();
  const statements = [
    ...text.matchAll(/import (type )?\{([^}]*)\} from '([^']+)'/g),
    ...text.matchAll(/const ()\{([^}]*)\} = await import\('([^']+)'\)/g),
  ];
  const mentions = text.match(/(?:from |import\()'(?:@aws-sdk\/|[./]*aws\/)/g) ?? [];
  const named = statements.filter(([, , , from = '']) => /^(?:@aws-sdk\/|[./]*aws\/)/.test(from));
  if (mentions.length !== named.length) {
    throw new Error(`${path} imports from AWS in a form that is not followed`);
  }
  for (const [, isType, names = '', specifier = ''] of statements) {
    if (isType) continue;
    for (const each of names.split(',').map((name) => name.trim())) {
      if (each === '' || each.startsWith('type ')) continue;
      const [name = '', local = name] = each.split(/ as |: /);
      imports.set(local, { name, from: resolve(path, specifier) });
    }
  }
  const body = text.replaceAll(/^import [\s\S]*?;$/gm, '');
  const declarations = new Map<string, Set<string>>();
  const DECLARATION =
    /^(?=(?:export )?(?:async )?(?:function\*?|class|const|let|interface|type) (\w+))/gm;
  const starts = [...body.matchAll(DECLARATION)];
  const add = (name: string, code: string): void => {
    declarations.set(name, new Set(code.match(/[A-Za-z_$][\w$]*/g)));
  };
  add('', body.slice(0, starts[0]?.index));
  for (const [index, { index: start, 1: name = '' }] of starts.entries()) {
    add(name, body.slice(start, starts[index + 1]?.index));
  }
  const source = { imports, declarations };
  files.set(path, source);
  return source;
}

function resolve(path: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return new URL(specifier, new URL(path, SOURCE)).href.slice(SOURCE.href.length);
}

/** The calls as `service:Operation`, in the SDK's names, such as `s3:ListObjectsV2`. */
function findSdkCalls(rooms: readonly string[]): Set<string> {
  const calls = new Set<string>();
  const seen = new Set<string>();

  const follow = (path: string, declaration: string): void => {
    if (seen.has(`${path} ${declaration}`)) return;
    seen.add(`${path} ${declaration}`);
    const { imports, declarations } = readSource(path);
    const identifiers = declarations.get(declaration);
    if (identifiers === undefined) throw new Error(`${path} does not declare ${declaration}`);
    for (const identifier of identifiers) {
      const imported = imports.get(identifier);
      if (imported !== undefined) followImport(imported);
      else if (declarations.has(identifier)) follow(path, identifier);
    }
  };

  const followImport = ({ name, from }: ImportedSymbol): void => {
    const [, service] = /^@aws-sdk\/client-(.*)$/.exec(from) ?? [];
    const [, command, paged] = /^(?:(\w+)Command|paginate(\w+))$/.exec(name) ?? [];
    if (service !== undefined && (command ?? paged) !== undefined) {
      calls.add(`${service}:${command ?? paged}`);
    }
    if (from.startsWith('aws/')) follow(from, name);
  };

  for (const room of rooms) {
    const names = readdirSync(new URL(room, SOURCE), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((each) => each.endsWith('.ts'))) {
      const path = `${room}/${name}`;
      for (const declaration of readSource(path).declarations.keys()) follow(path, declaration);
    }
  }
  return calls;
}

/** Commands whose action has another name. */
const ACTIONS: Readonly<Record<string, string>> = {
  's3:CopyObject': 's3:PutObject',
  's3:DeleteObjects': 's3:DeleteObject',
  's3:GetBucketNotificationConfiguration': 's3:GetBucketNotification',
  's3:PutBucketNotificationConfiguration': 's3:PutBucketNotification',
  's3:GetBucketEncryption': 's3:GetEncryptionConfiguration',
  's3:PutBucketEncryption': 's3:PutEncryptionConfiguration',
  's3:PutPublicAccessBlock': 's3:PutBucketPublicAccessBlock',
  's3:HeadBucket': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
  's3:ListObjectVersions': 's3:ListBucketVersions',
  's3:ListMultipartUploads': 's3:ListBucketMultipartUploads',
  's3:ListObjectsV2': 's3:ListBucket',
  'lambda:Invoke': 'lambda:InvokeFunction',
  'sqs:DeleteMessageBatch': 'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
};

/** The services that the SDK calls otherwise than IAM does. */
const SERVICES: Readonly<Record<string, string>> = {
  'cloudwatch-logs': 'logs',
  eventbridge: 'events',
  sfn: 'states',
};

/** AWS lets every identity make these calls. */
const UNRESTRICTED: readonly string[] = ['sts:GetCallerIdentity'];

/** The IAM actions of the calls of `findSdkCalls`. */
export function findActions(rooms: readonly string[]): Set<string> {
  const actions = new Set<string>();
  for (const call of findSdkCalls(rooms)) {
    const action = findActionOfCall(call);
    if (action !== undefined) actions.add(action);
  }
  return actions;
}

/** The IAM action of a call such as `s3:ListObjectsV2`; undefined where IAM is not asked. */
export function findActionOfCall(call: string): string | undefined {
  const [service = '', operation = ''] = call.split(':');
  const action = `${SERVICES[service] ?? service}:${operation}`;
  return UNRESTRICTED.includes(action) ? undefined : (ACTIONS[action] ?? action);
}
