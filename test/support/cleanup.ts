/** What is to be done when the test file has ended: the modules of `support` may outlive it. */

type Cleanup = () => unknown;

const cleanups: Cleanup[] = [];

export function afterFile(cleanup: Cleanup): void {
  cleanups.push(cleanup);
}

/** The last one first. */
export async function runCleanups(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}
