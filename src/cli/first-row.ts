/** Whether an answer has rows at all, known before anything of it is written. */

/** The same rows, or undefined where there are none. */
export async function ifAny<T>(rows: AsyncIterable<T>): Promise<AsyncIterable<T> | undefined> {
  const iterator = rows[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  return (async function* () {
    yield first.value;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      yield next.value;
    }
  })();
}
