import type { QueryRunner } from 'typeorm'
import type { EntityType } from '../model/entity-type'
import type { Cause, Frame, ReachedRecord, TypedRecord } from './frame'
import type { Hops, Parents } from './parents'

/** Where a step begins: a record that was written, or one that the cascade has reached. */
interface HopFrom {
  readonly record: TypedRecord
  readonly cause: Cause
  readonly changed: boolean
}

/** Notes what one step found: parents, lists of children, and types whose rows are too many to name. */
export function noteHops(
  frame: Frame,
  { hops, tooMany, crossing = [] }: Hops,
  childOf: (child: string) => HopFrom | undefined,
  listKeyOf: (hop: Hops['hops'][number]) => string | undefined,
): readonly ReachedRecord[] {
  const found: ReachedRecord[] = []
  for (const hop of hops) {
    const child = childOf(hop.child)
    if (child === undefined) continue
    if (child.changed) {
      const list = listKeyOf(hop)
      if (list !== undefined) frame.lists.add(list)
    }
    if (frame.reached.has(hop.parent.key)) continue
    const { operation, steps } = child.cause
    const step = { from: child.record, relation: hop.link.name }
    const record: ReachedRecord = { ...hop.parent, cause: { operation, steps: [...steps, step] } }
    frame.addReached(record)
    found.push(record)
  }
  for (const { to } of tooMany) frame.addType(to, 'with-ancestors')
  for (const { to } of crossing) frame.addType(to, 'everywhere')
  return found
}

/** Records by type, so that one query serves all of a type. */
export function byType<R extends { readonly type: EntityType }>(
  records: Iterable<R>,
): ReadonlyMap<EntityType, R[]> {
  const grouped = new Map<EntityType, R[]>()
  for (const record of records) {
    const same = grouped.get(record.type)
    if (same === undefined) grouped.set(record.type, [record])
    else same.push(record)
  }
  return grouped
}

/**
 * Follows parents to their parents until nothing new is found; each record once, cycles included.
 * One set of queries per type and step.
 *
 * @param before is called with the records whose links are about to be read
 */
export async function followToTheTop(
  runner: QueryRunner,
  parents: Parents,
  frame: Frame,
  start: readonly ReachedRecord[],
  before?: (step: readonly ReachedRecord[]) => Promise<void>,
): Promise<void> {
  let step = start
  while (step.length > 0) {
    await before?.(step)
    const next: ReachedRecord[] = []
    const children = new Map(step.map((record) => [record.key, record]))
    for (const [type, records] of byType(step)) {
      const found = await parents.ofRecords(
        runner,
        type,
        records.map(({ id }) => id),
      )
      next.push(
        ...noteHops(
          frame,
          found,
          (key) => {
            const child = children.get(key)
            return child && { record: child, cause: child.cause, changed: false }
          },
          () => undefined,
        ),
      )
    }
    step = next
  }
}
