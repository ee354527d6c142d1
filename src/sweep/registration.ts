import type { DataSource, EntitySubscriberInterface } from 'typeorm'
import { SweepSubscriber } from './sweep-subscriber'

/**
 * Sees to it that a DataSource has the subscriber, once. Before `initialize()` by its options, which survives
 * another initialize; after it by the list of subscribers (typeorm facts 3).
 */
export function registerSubscriber(dataSource: DataSource): void {
  if (!dataSource.isInitialized) {
    const { subscribers } = dataSource.options
    const listed: readonly unknown[] = Array.isArray(subscribers)
      ? subscribers
      : Object.values(subscribers ?? {})
    if (listed.includes(SweepSubscriber)) return
    dataSource.setOptions({
      subscribers: [SweepSubscriber, ...(listed as (() => unknown)[])],
    })
    return
  }
  placeFirst(dataSource)
}

/**
 * Puts the subscriber in front: TypeORM calls subscribers in order, and one that throws keeps the rest from hearing
 * that the transaction was committed (consistency H9b).
 */
export function placeFirst(dataSource: DataSource): void {
  const subscribers: EntitySubscriberInterface[] = dataSource.subscribers
  const at = subscribers.findIndex((one) => one instanceof SweepSubscriber)
  if (at === 0) return
  const [own = new SweepSubscriber()] = at < 0 ? [] : subscribers.splice(at, 1)
  subscribers.unshift(own)
}
