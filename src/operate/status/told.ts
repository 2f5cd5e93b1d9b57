/** What a part of a system said, or why it did not: the other parts may still be told. */
import { PynvestError } from '../../errors.ts';

export type Told<T> = { readonly value: T } | { readonly error: PynvestError };

export async function told<T>(work: () => Promise<T>): Promise<Told<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof PynvestError) return { error };
    throw error;
  }
}
