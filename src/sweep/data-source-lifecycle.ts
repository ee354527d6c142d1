import type { DataSource } from 'typeorm'

/** What happens at the two ends of a DataSource's life. */
export interface LifecycleHandlers {
  /** After `initialize()`; what it throws, initialize() rejects with. */
  initialized(): void
  /** Before `destroy()`, while the connection still serves. */
  destroying(): Promise<void>
}

/**
 * Watches `initialize()` and `destroy()` of one DataSource: TypeORM has no hook for either.
 * Only this object's methods are covered, not the class's.
 *
 * @returns takes it back, unless somebody has covered them again meanwhile
 */
export function watchLifecycle(dataSource: DataSource, handlers: LifecycleHandlers): () => void {
  const before = { initialize: dataSource.initialize, destroy: dataSource.destroy }
  const destroy = async (): Promise<void> => {
    await handlers.destroying()
    await before.destroy.call(dataSource)
  }
  const initialize = async (): Promise<DataSource> => {
    await before.initialize.call(dataSource)
    try {
      handlers.initialized()
    } catch (error) {
      await before.destroy.call(dataSource)
      throw error
    }
    return dataSource
  }
  Object.assign(dataSource, { initialize, destroy })
  return () => {
    const own: Partial<Pick<DataSource, 'initialize' | 'destroy'>> = dataSource
    for (const [name, ours] of [
      ['initialize', initialize],
      ['destroy', destroy],
    ] as const)
      if (own[name] === ours) Object.assign(own, { [name]: before[name] })
  }
}
