import type { DataSource } from 'typeorm'
import { Sweeper, type SweeperOptions } from '../index'

/**
 * A Sweeper for tests that are about something else: every read loads, no write sweeps, no store is needed.
 * `Sweeper.of(dataSource)` finds it.
 *
 * @throws as `new Sweeper()` does
 * @example
 * const sweeper = sweeperThatIsOff(dataSource)
 */
export function sweeperThatIsOff(
  dataSource: DataSource,
  options: Omit<SweeperOptions, 'enabled' | 'store' | 'near'> = {},
): Sweeper {
  return new Sweeper(dataSource, { ...options, enabled: false })
}
