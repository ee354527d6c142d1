import { setTimeout as delay } from 'node:timers/promises'
import type { DataSource } from 'typeorm'

const TRIES = 30
const PAUSE_MS = 1_000
/** too_many_connections */
const FULL = '53300'

/** Initializes it; while other runs have all connections of the server, it waits for its turn: half a minute. */
export async function initialized(dataSource: DataSource): Promise<DataSource> {
  for (let left = TRIES; ; left--)
    try {
      return await dataSource.initialize()
    } catch (error) {
      const isFull = error instanceof Error && 'code' in error && error.code === FULL
      if (!isFull || left === 0) throw error
      await delay(PAUSE_MS)
    }
}
