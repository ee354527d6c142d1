import { isSweeperError, Sweeper } from '../index'
import type { DataSource } from 'typeorm'
import { UsageError } from './usage'

/** The Sweeper that the loaded files have made, if they have. */
export function sweeperMadeFor(dataSource: DataSource): Sweeper | undefined {
  try {
    return Sweeper.of(dataSource)
  } catch (error) {
    if (isSweeperError(error) && error.code === 'SWEEPER_NOT_ATTACHED') return undefined
    throw error
  }
}

/**
 * What is swept has to be in the store that the application uses.
 *
 * @throws {UsageError}
 */
export function applicationsSweeper(command: string, dataSource: DataSource): Sweeper {
  const sweeper = sweeperMadeFor(dataSource)
  if (sweeper !== undefined) return sweeper
  throw new UsageError(
    `${command}: no Sweeper is made for this DataSource, so its store is not known; make it in the same file, or in one named with -r`,
  )
}

/**
 * Lets a DataSource know its entities without connecting.
 * typeorm 1.1.1 and 0.3.20 DataSource.buildMetadatas: what `initialize()` calls after connecting; protected, and there is
 * no public way.
 */
export async function buildMetadatas(dataSource: DataSource): Promise<void> {
  const building = dataSource as unknown as { buildMetadatas(): Promise<void> }
  await building.buildMetadatas()
}
