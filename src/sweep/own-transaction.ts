import type { QueryRunner } from 'typeorm'

/** `useTransaction(true)`: the same statements that the builder would have sent, so that what is noted stands inside. */
export async function withTransaction<R>(runner: QueryRunner, work: () => Promise<R>): Promise<R> {
  await runner.startTransaction()
  try {
    const result = await work()
    await runner.commitTransaction()
    return result
  } catch (error) {
    // As TypeORM does: the first error is the caller's, whatever the rollback says.
    await runner.rollbackTransaction().catch(() => undefined)
    throw error
  }
}
