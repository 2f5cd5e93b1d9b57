/** What deploying would change, without doing it. */
import { type Aws, plainly } from './aws.ts';
import { deleteChangeSet } from './change-set.ts';
import { goneResources } from './gone.ts';
import type { DeployHost } from './host.ts';
import { prepareChangeSet, prepareProject } from './preparation.ts';
import { type PlannedChange, previewOfNew } from './preview.ts';
import { factsOf, previewOf } from './preview-of-project.ts';
import type { PreviewFacts } from './preview-text.ts';
import type { DeployRequest } from './project.ts';
import type { Values } from './settings.ts';

export type Plan =
  | {
      readonly kind: 'unchanged';
      readonly changes: readonly [];
      /** What somebody removed by hand, which no update makes again. */
      readonly gone: readonly string[];
    }
  | {
      readonly kind: 'new' | 'update';
      readonly changes: readonly PlannedChange[];
      readonly facts: PreviewFacts;
      readonly parameters: Values;
    };

/** What `deploy` would do, without doing it. */
export function plan(host: DeployHost, aws: Aws, request: DeployRequest): Promise<Plan> {
  return plainly(async () => {
    const { project } = await prepareProject(host, aws, request, 'refuse');
    const { parameters } = project.scope;
    const facts = await factsOf(aws, project);
    if (project.existing === undefined) {
      return { kind: 'new', changes: previewOfNew(project.scope), facts, parameters };
    }
    const changeSet = await prepareChangeSet(host, aws, request, project);
    if (changeSet.kind === 'empty') {
      const gone = await goneResources(aws, request.stackName, project.scope);
      return { kind: 'unchanged', changes: [], gone };
    }
    const changes = await previewOf(aws, project, changeSet);
    await deleteChangeSet(aws, changeSet.id, changeSet.stackId);
    return { kind: 'update', changes, facts, parameters };
  });
}
