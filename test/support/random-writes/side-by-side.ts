const running = new Set<Promise<unknown>>()

/** Like `Promise.all`: the first error ends it while the others are still on their way. */
export function sideBySide(statements: readonly Promise<unknown>[]): Promise<unknown> {
  for (const statement of statements) running.add(statement)
  return Promise.all(statements)
}

/** Waits for those that were left on their way. */
export async function allSettled(): Promise<void> {
  await Promise.allSettled(running)
  running.clear()
}
