import type { DataSource, QueryRunner } from 'typeorm'
import type { SubjectTarget } from '../model/subjects'
import { byType } from './cascade'
import { noteChanged } from './collecting'
import type { ChangedRecord, Frame } from './frame'
import type { SweepMachinery } from './sweep-engine'

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
    await note(machinery, open.pending.top, open.runner, targets, cascade)
    return
  }
  const own = runner ?? dataSource.createQueryRunner()
  try {
    const unit = machinery.units.single(own)
    await note(machinery, unit.pending.top, own, targets, cascade)
    await machinery.closing.finish(unit)
  } finally {
    if (own !== runner && !machinery.parts.database.sharedRunner) await own.release()
  }
}

async function note(
  { parts }: SweepMachinery,
  frame: Frame,
  runner: QueryRunner,
  targets: readonly SubjectTarget[],
  cascade: boolean,
): Promise<void> {
  const records: ChangedRecord[] = []
  for (const target of targets) {
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
        frame.addType(target.type, cascade ? 'with-ancestors' : 'own')
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
