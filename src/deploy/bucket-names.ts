/** That the buckets of a deployment have names of their own: two of one name would stop it half-way. Pure. */
import { UsageError } from '../errors.ts';
import { holds, physicalName, type Scope } from './intrinsics.ts';

/**
 * @param artifacts the bucket for the functions' code, which is made before the stack
 * @throws UsageError where a bucket that the template makes has the name of another
 */
export function checkBucketNames(scope: Scope, artifacts: string): void {
  const taken = new Map([[artifacts, "the bucket for the functions' code"]]);
  for (const resource of scope.template.resources.values()) {
    if (resource.type !== 'AWS::S3::Bucket' || !holds(resource.condition, scope)) continue;
    const name = physicalName(resource, scope);
    if (name === undefined) continue;
    const other = taken.get(name);
    if (other !== undefined) {
      throw new UsageError(`${other} and ${resource.id} would both be the bucket ${name}`, {
        hint: 'Each bucket that is made takes a name of its own: --parameter SorBucketName=… SotBucketName=… SpecBucketName=…',
      });
    }
    taken.set(name, resource.id);
  }
}
