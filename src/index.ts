export type { Validator } from './cache/versions'
export type { FactoryContext } from './cache/load'
export type { Duration } from './core/duration'
export {
  ClosedError,
  DeclarationError,
  FactoryLengthError,
  InvalidDurationError,
  InvalidOptionError,
  InvalidSubjectError,
  isSweeperError,
  MissingPrimaryKeyError,
  NamespaceError,
  NotAttachedError,
  OutboxError,
  RecursiveFactoryError,
  StoreUnavailableError,
  SweeperError,
  TemplateError,
  UncacheableValueError,
} from './core/errors'
export type { SweeperErrorCode } from './core/errors'
export type { ExplainedToken, ExplainedWrite, Explanation } from './core/explanation'
export type {
  BulkProgressEvent,
  CircuitEvent,
  FillEvent,
  HitEvent,
  MissEvent,
  MissReason,
  OutboxDeliveryEvent,
  ShadowEvent,
  ShadowOutcome,
  StoreErrorEvent,
  SweepCause,
  SweepEvent,
  SweepPendingEvent,
  SweeperEvents,
  TypeSweepEvent,
  UnprovenEvent,
} from './core/sweeper-events'
export { children, record } from './model/record-ref'
export type { ChildrenRef, On, OnSubject, RecordRef } from './model/record-ref'
export { CreateSweepOutbox } from './outbox/create-sweep-outbox'
export { SweepOutbox } from './outbox/sweep-outbox'
export { Sweepable, sweepable } from './model/sweepable'
export type { SweepableOptions } from './model/sweepable'
export type {
  FindOptions,
  GetOptions,
  GetOrSetManyOptions,
  GetOrSetOptions,
  ListOptions,
  SweepOptions,
} from './sweeper/reading-options'
export { cachedBy } from './objects/cached-by'
export type { CachedBy } from './objects/cached-by'
export type { NearLevel } from './near/near'
export type { NearTierState } from './near/near-tier'
export type { Push, PushingStore, PushListener } from './store/push'
export type { QuerySources } from './query-cache/declared-sources'
export { sweptQueryCache } from './query-cache/swept-query-cache'
export type { StoreOperation } from './store/guarded-store'
export { MemoryStore } from './store/memory-store'
export type { MemoryStoreOptions } from './store/memory-store'
export type { EntryWrite, Store, StoreClock, StoreReply, TokenSweep } from './store/store'
export type { TokenState } from './store/token'
export { SweepSubscriber } from './sweep/sweep-subscriber'
export { Sweeper } from './sweeper'
export type { NearTierOptions } from './sweeper/near-options'
export type { SweeperOptions } from './sweeper/options'
export type { OutboxSettings } from './sweeper/outbox-options'
export type { ShadowOptions } from './sweeper/shadow-options'
