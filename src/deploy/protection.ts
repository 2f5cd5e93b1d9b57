/** Termination protection: what keeps a stack from being taken down by a slip. */
import { UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { awsCode } from '../lake/aws-errors.ts';
import type { Aws } from './aws.ts';
import type { DeployHost } from './host.ts';

export async function setProtection(
  host: DeployHost,
  { cloudformation }: Aws,
  StackName: string,
  wanted: boolean,
): Promise<void> {
  try {
    await cloudformation.send(
      new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: wanted }),
    );
    host.notice(`Termination protection is ${wanted ? 'on' : 'off'}`);
  } catch (error) {
    if (!isUnknownHere(error)) throw error;
    host.warn('This endpoint knows no termination protection: the stack has none');
  }
}

/** Whether an endpoint that is not AWS's own says that it has no such call. */
export function isUnknownHere(error: unknown): boolean {
  return /^(UnknownOperation|InvalidAction|NotImplemented|UnsupportedOperation)/.test(
    awsCode(error) ?? '',
  );
}
