import type { EntityMetadata, QueryRunner } from 'typeorm'
import type { InstanceOrigins } from '../core/instance-origins'
import type { Tenants } from '../core/tenants'
import { currentBulk } from './bulk'
import { endsTransaction } from './database-answer'
import type { Operation } from './frame'
import type { HookGuard } from './hook-guard'
import type { SweepMachinery } from './sweep-machinery'
import type { UnitOfWork } from './unit-of-work'

/** The part of TypeORM's row events that is read. */
export interface RowEvent {
  readonly metadata: EntityMetadata
  readonly entity?: object | undefined
  readonly databaseEntity?: object | undefined
  readonly queryRunner: QueryRunner
  readonly updatedColumns?: readonly unknown[]
  readonly updatedRelations?: readonly unknown[]
}

/** Hears of instances that are loaded and saved, and of the rows that `save()`, `softRemove()` and `recover()` write. */
export class RowEvents {
  readonly #machinery: () => SweepMachinery | undefined
  readonly #origins: InstanceOrigins
  readonly #tenants: Tenants
  readonly #guard: HookGuard

  constructor(
    machinery: () => SweepMachinery | undefined,
    origins: InstanceOrigins,
    tenants: Tenants,
    guard: HookGuard,
  ) {
    this.#machinery = machinery
    this.#origins = origins
    this.#tenants = tenants
    this.#guard = guard
  }

  loaded(instance: object, runner: QueryRunner): void {
    const clock = this.#machinery()?.clock
    if (clock !== undefined) this.#origins.note(instance, clock.loadedAt(runner), runner)
  }

  saved(instance: object | undefined, runner: QueryRunner): void {
    if (instance !== undefined) this.#origins.forget(instance, runner)
  }

  before(event: RowEvent, operation: Operation): Promise<void> | undefined {
    return this.#row(event, ({ stages, units }, databaseEntity) => {
      const unit = this.#named(units.of(event.queryRunner))
      return unit && stages.before(unit, stageRow(event, databaseEntity, operation))
    })
  }

  after(event: RowEvent, operation: Operation): Promise<void> | undefined {
    this.saved(event.entity, event.queryRunner)
    return this.#row(event, ({ stages, units }, databaseEntity) => {
      const unit = this.#named(units.of(event.queryRunner))
      return unit && stages.after(unit, stageRow(event, databaseEntity, operation))
    })
  }

  #row(
    { databaseEntity }: RowEvent,
    work: (machinery: SweepMachinery, databaseEntity: object) => Promise<void> | undefined,
  ): Promise<void> | undefined {
    // Without it the event is of a bulk statement, whose rows its query builder tells of.
    if (databaseEntity === undefined || currentBulk() !== undefined) return undefined
    const machinery = this.#machinery()
    const working = machinery && this.#tenants.now(() => work(machinery, databaseEntity))
    return working && this.#guard.run(() => working, endsTransaction)
  }

  /** Undefined where its rows have no names: their statements are swept by type. */
  #named(unit: UnitOfWork | undefined): UnitOfWork | undefined {
    return unit?.names(this.#tenants.current) === true ? unit : undefined
  }
}

function stageRow(event: RowEvent, databaseEntity: object, operation: Operation) {
  const { metadata, updatedColumns = [], updatedRelations = [] } = event
  return {
    metadata,
    databaseEntity,
    operation,
    moves: updatedRelations.length > 0 || updatedColumns.some((column) => isForeignKey(column)),
  }
}

function isForeignKey(column: unknown): boolean {
  return (
    typeof column === 'object' &&
    column !== null &&
    'relationMetadata' in column &&
    column.relationMetadata !== undefined
  )
}
