import { EventSubscriber } from 'typeorm'
import type {
  EntitySubscriberInterface,
  InsertEvent,
  LoadEvent,
  RecoverEvent,
  RemoveEvent,
  SoftRemoveEvent,
  TransactionCommitEvent,
  TransactionRollbackEvent,
  TransactionStartEvent,
  UpdateEvent,
} from 'typeorm'
import { engineForRow, engineOf } from './engines'

// Derived, because 0.3 does not export its name.
type AfterQueryEvent = Parameters<NonNullable<EntitySubscriberInterface['afterQuery']>>[0]

/**
 * The one global subscriber: list it in `subscribers` of the DataSource. It hears of every entity that is loaded
 * and written, of every transaction, and hands what it hears to the Sweeper of its DataSource.
 * Without one it warns once and does nothing.
 *
 * No handler rejects into TypeORM, with one exception: before the outermost COMMIT, under `onStoreError: 'throw'`.
 *
 * @example
 * new DataSource({ type: 'postgres', entities: [Article, Comment], subscribers: [SweepSubscriber] })
 */
@EventSubscriber()
export class SweepSubscriber implements EntitySubscriberInterface<object> {
  afterLoad(entity: object, event?: LoadEvent<object>): void {
    if (event !== undefined) engineOf(event)?.rows.loaded(entity, event.queryRunner)
  }

  afterQuery(event: AfterQueryEvent): void {
    engineOf(event)?.transactions.answered(event.queryRunner, event.query, event.rawResults)
  }

  afterInsert(event: InsertEvent<object>): void {
    engineForRow(event)?.rows.saved(event.entity, event.queryRunner)
  }

  beforeUpdate(event: UpdateEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.rows.before(event, 'update')
  }

  afterUpdate(event: UpdateEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.rows.after(event, 'update')
  }

  afterRemove(event: RemoveEvent<object>): void {
    engineForRow(event)?.rows.saved(event.entity, event.queryRunner)
  }

  beforeSoftRemove(event: SoftRemoveEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.rows.before(event, 'soft-remove')
  }

  afterSoftRemove(event: SoftRemoveEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.rows.after(event, 'soft-remove')
  }

  beforeRecover(event: RecoverEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.rows.before(event, 'recover')
  }

  afterRecover(event: RecoverEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.rows.after(event, 'recover')
  }

  afterTransactionStart(event: TransactionStartEvent): void {
    engineOf(event)?.transactions.started(event.queryRunner)
  }

  beforeTransactionCommit(event: TransactionCommitEvent): Promise<void> | undefined {
    return engineOf(event)?.transactions.beforeCommit(event.queryRunner)
  }

  afterTransactionCommit(event: TransactionCommitEvent): Promise<void> | undefined {
    return engineOf(event)?.transactions.afterCommit(event.queryRunner)
  }

  beforeTransactionRollback(event: TransactionRollbackEvent): Promise<void> | undefined {
    return engineOf(event)?.transactions.beforeRollback(event.queryRunner)
  }

  afterTransactionRollback(event: TransactionRollbackEvent): Promise<void> | undefined {
    return engineOf(event)?.transactions.afterRollback(event.queryRunner)
  }
}
