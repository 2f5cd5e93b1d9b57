/** What planning and deploying begin with: a look at what is there, and a change set. */
import { artifactUrl, ensureArtifactsBucket, templateArtifact, upload } from './artifacts.ts';
import type { Aws } from './aws.ts';
import { type ChangeSet, type ChangeSetRequest, createChangeSet } from './change-set.ts';
import { warnOfKeys } from './encryption.ts';
import type { DeployHost } from './host.ts';
import { type DeployRequest, type Project, workOut } from './project.ts';
import { settle } from './recovery.ts';
import type { StackState } from './stack.ts';

/**
 * Works the project out, and says what of it is there already.
 * @param leftovers what to do about a stack that an earlier try left half-way
 */
export async function prepareProject(
  host: DeployHost,
  aws: Aws,
  request: DeployRequest,
  leftovers: 'refuse' | 'mend',
): Promise<{ readonly project: Project; readonly stack: StackState | undefined }> {
  const stack = await settle(host, aws, request, leftovers);
  const project = await workOut(aws, request, stack);
  sayFound(host, project, stack);
  await warnOfKeys(host, aws, project.scope);
  return { project, stack };
}

function sayFound(host: DeployHost, { kept, existing }: Project, stack?: StackState): void {
  if (stack !== undefined && existing === undefined) {
    host.notice(
      `The stack ${stack.name} is ${stack.status}: nothing runs in it; it is cleared away first`,
    );
  }
  if (kept.found.length > 0) {
    host.notice(`Taking into use what an earlier stack left: ${kept.found.join(', ')}`);
  }
}

/** CloudFormation takes larger templates from S3 alone. */
const LARGEST_INLINE_BYTES = 51_200;

/** The change set of a project, with the bucket that it needs. The stack stays as it is. */
export async function prepareChangeSet(
  host: DeployHost,
  aws: Aws,
  { stackName, template: { text, transforms }, roleArn }: DeployRequest,
  { bucket, prefix, scope, tags, existing }: Project,
): Promise<ChangeSet> {
  await ensureArtifactsBucket(host, aws, bucket, prefix);
  let template: ChangeSetRequest['template'] = { body: text };
  if (Buffer.byteLength(text) > LARGEST_INLINE_BYTES) {
    const artifact = templateArtifact(text);
    await upload(host, aws, bucket, [artifact]);
    template = { url: artifactUrl(aws, bucket, artifact.key) };
  }
  const { parameters } = scope;
  const type = existing === undefined ? 'CREATE' : 'UPDATE';
  return createChangeSet(aws, { stackName, type, template, parameters, tags, roleArn, transforms });
}
