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
    if (event !== undefined) engineOf(event)?.loaded(entity, event.queryRunner)
  }

  afterQuery(event: AfterQueryEvent): void {
    engineOf(event)?.answered(event.queryRunner, event.query, event.rawResults)
  }

  afterInsert(event: InsertEvent<object>): void {
    engineForRow(event)?.saved(event.entity, event.queryRunner)
  }

  beforeUpdate(event: UpdateEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.beforeRow(event, 'update')
  }

  afterUpdate(event: UpdateEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.afterRow(event, 'update')
  }

  afterRemove(event: RemoveEvent<object>): void {
    engineForRow(event)?.saved(event.entity, event.queryRunner)
  }

  beforeSoftRemove(event: SoftRemoveEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.beforeRow(event, 'soft-remove')
  }

  afterSoftRemove(event: SoftRemoveEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.afterRow(event, 'soft-remove')
  }

  beforeRecover(event: RecoverEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.beforeRow(event, 'recover')
  }

  afterRecover(event: RecoverEvent<object>): Promise<void> | undefined {
    return engineForRow(event)?.afterRow(event, 'recover')
  }

  afterTransactionStart(event: TransactionStartEvent): void {
    engineOf(event)?.transactionStarted(event.queryRunner)
  }

  beforeTransactionCommit(event: TransactionCommitEvent): Promise<void> | undefined {
    return engineOf(event)?.beforeCommit(event.queryRunner)
  }

  afterTransactionCommit(event: TransactionCommitEvent): Promise<void> | undefined {
    return engineOf(event)?.afterCommit(event.queryRunner)
  }

  beforeTransactionRollback(event: TransactionRollbackEvent): Promise<void> | undefined {
    return engineOf(event)?.beforeRollback(event.queryRunner)
  }

  afterTransactionRollback(event: TransactionRollbackEvent): Promise<void> | undefined {
    return engineOf(event)?.afterRollback(event.queryRunner)
  }
}
