import type { DataSource, QueryRunner } from 'typeorm'
import type { SubjectTarget } from '../model/subjects'
import { byType } from './cascade'
import { noteChanged } from './collecting'
import type { ChangedRecord } from './frame'
import type { SweepMachinery } from './sweep-machinery'
import type { UnitOfWork } from './unit-of-work'

/** Sweeps what a caller names: with the commit of the transaction that is open on `runner`, else now. */
export async function sweepByHand(
  machinery: SweepMachinery,
  dataSource: DataSource,
  targets: readonly SubjectTarget[],
  cascade: boolean,
  runner: QueryRunner | undefined,
): Promise<void> {
  const open = runner && machinery.units.of(runner)
  if (open !== undefined) {
    await note(machinery, open, targets, cascade)
    return
  }
  const own = runner ?? dataSource.createQueryRunner()
  try {
    const unit = machinery.units.single(own)
    await note(machinery, unit, targets, cascade)
    await machinery.closing.finish(unit)
  } finally {
    if (own !== runner && !machinery.parts.database.sharedRunner) await own.release()
  }
}

async function note(
  { parts }: SweepMachinery,
  unit: UnitOfWork,
  targets: readonly SubjectTarget[],
  cascade: boolean,
): Promise<void> {
  const { runner } = unit
  const frame = unit.pending.top
  const records: ChangedRecord[] = []
  for (const target of targets) {
    const type = target.kind === 'children' ? target.of : target.type
    if (!parts.keyspace.isShared(type.key) && !unit.names(parts.keyspace.tenant)) {
      frame.addType(type, 'everywhere')
      continue
    }
    switch (target.kind) {
      case 'record':
        records.push({
          ...parts.parents.record(target.type, target.id),
          operation: 'manual',
          row: true,
        })
        break
      case 'children':
        frame.lists.add(target.key)
        break
      case 'type':
        frame.addType(type, cascade ? 'with-ancestors' : 'own')
        break
    }
  }
  for (const [type, same] of byType(records)) {
    const ids = same.map(({ id }) => id)
    const hops = cascade
      ? await parts.parents.ofRecords(runner, type, ids)
      : { hops: [], tooMany: [] }
    noteChanged(parts, frame, same, hops)
  }
}
