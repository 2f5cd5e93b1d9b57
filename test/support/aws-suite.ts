/** Set-up of the suite `aws`: one stand-in for AWS, in which each test file has an account of its own. */
import type { TestProject } from 'vitest/node';
import { installStandIn, startStandIn } from './stand-in.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Undefined where the stand-in cannot run on this machine. */
    readonly standInUrl: string | undefined;
  }
}

export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | void> {
  try {
    await installStandIn();
  } catch (error) {
    const [reason] = error instanceof Error ? error.message.split('\n') : [String(error)];
    process.stderr.write(
      `The suite aws is left out, for want of a stand-in for AWS on this machine: ${reason}\n`,
    );
    project.provide('standInUrl', undefined);
    return undefined;
  }
  const standIn = await startStandIn();
  project.provide('standInUrl', standIn.url);
  return () => standIn.stop();
}
