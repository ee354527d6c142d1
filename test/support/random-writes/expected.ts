import { listsOf, type Snapshot } from './snapshot'

/** What must be swept, by the contents of the tables alone. */
export interface Expected {
  /** Records whose row, or whose many-to-many rows, are not what they were. */
  readonly changed: ReadonlySet<string>
  /** The same, for people: what the rows were and are. */
  readonly changes: readonly string[]
  /** Those and all they belong to, before or after. */
  readonly records: ReadonlySet<string>
  readonly lists: ReadonlySet<string>
  /** Records that were written with the values they had, and all those belong to; unknown on most databases. */
  readonly rewritten: ReadonlySet<string>
}

export function expectedBetween(before: Snapshot, after: Snapshot): Expected {
  const changed = new Set<string>()
  const changes: string[] = []
  const rewritten = new Set<string>()
  const lists = new Set<string>()
  for (const label of new Set([...before.rows.keys(), ...after.rows.keys()])) {
    const [old, now] = [before.rows.get(label), after.rows.get(label)]
    if (old?.text === now?.text) {
      if (old?.writtenBy !== now?.writtenBy) rewritten.add(label)
      continue
    }
    changed.add(label)
    changes.push(`${label}: ${old?.text ?? 'absent'} -> ${now?.text ?? 'absent'}`)
    for (const row of [old, now])
      if (row !== undefined) for (const list of listsOf(row)) lists.add(list)
  }
  for (const [pair, ends] of [...before.pairs, ...after.pairs])
    if (before.pairs.has(pair) !== after.pairs.has(pair)) for (const end of ends) changed.add(end)
  const records = new Set(changed)
  for (const family of [records, rewritten]) addAncestors(family, before, after)
  return { changed, changes, records, lists, rewritten }
}

function addAncestors(family: Set<string>, ...snapshots: readonly Snapshot[]): void {
  // A Set's iteration reaches what is added to it meanwhile.
  for (const label of family)
    for (const { parents } of snapshots)
      for (const parent of parents.get(label) ?? []) family.add(parent)
}
