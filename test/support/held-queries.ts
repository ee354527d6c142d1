import type { DataSource, EntitySubscriberInterface } from 'typeorm'
import { Hold } from './hold'

/**
 * Holds the next statements of a DataSource whose SQL begins so: before they are sent, or when the database has
 * answered and nobody has learned of it.
 */
export function holdQuery(
  { subscribers }: Pick<DataSource, 'subscribers'>,
  beginning: string,
  { when = 'before', times = 1 }: { when?: 'before' | 'after'; times?: number } = {},
): Hold {
  const hold = new Hold()
  let left = times
  const holder: EntitySubscriberInterface = {
    [when === 'before' ? 'beforeQuery' : 'afterQuery']: ({ query }: { readonly query: string }) => {
      if (left === 0 || !query.startsWith(beginning)) return undefined
      left--
      return hold.here()
    },
  }
  subscribers.push(holder)
  return hold
}

/** Holds COMMITs: what comes before is done, nobody else sees the rows yet. */
export function holdCommit(dataSource: Pick<DataSource, 'subscribers'>, times = 1): Hold {
  return holdQuery(dataSource, 'COMMIT', { times })
}
