import type { EntityManager } from 'typeorm'
import type { FactoryContext } from '../cache/load'
import type { Duration } from '../core/duration'
import type { On, OnSubject, RecordKey } from '../model/record-ref'
import type { NearLevel } from '../near/near'

/** What names a fragment. */
export interface GetOptions {
  /** What the value depends on: instances, `record(...)`, `children(...)`, entity classes, or a list of them. */
  readonly on: On
  /** The fragment's name: `'comment.card'`. One name, one shape. */
  readonly key: string
  /** What else the value differs by: locale, role, page. Values as in JSON, plus Date and bigint. */
  readonly vary?: readonly unknown[]
  /**
   * Read inside this manager's transaction: nothing is stored, and after the transaction has written nothing
   * is served from the cache either.
   *
   * @default that of the `dataSource.transaction()` that the caller runs in, if any
   */
  readonly manager?: EntityManager
  /**
   * How this read uses the near tier; false for not at all. Without effect where the Sweeper has none.
   *
   * @default what the Sweeper's option `near` says
   */
  readonly near?: NearLevel | false
}

export interface GetOrSetOptions<T> extends GetOptions {
  /** The life of the entry; 0 stores nothing. @default the entity's, else the Sweeper's */
  readonly ttl?: Duration
  /**
   * How long after its last sweep, or the end of its life, a value may still be served while someone is loading the next
   * one. Never to those who swept it: in a `sweeper.request()`, what that request wrote; elsewhere what this process
   * wrote. Outside of what is promised about staleness, and for values without parts of their own.
   *
   * @default 0: not at all
   */
  readonly grace?: Duration
  /**
   * Whether other processes wait while one loads, at most this long, with `true` for 10 seconds. Costs 1 round trip
   * more per load.
   *
   * @default false: one load per process
   */
  readonly lease?: boolean | Duration
  /** Load and store, whatever is there. @default false */
  readonly fresh?: boolean
  /**
   * False: never loaded anew by the option `shadow` of the Sweeper. For values that are others each time (with a date, a
   * random id), and for factories that work only while their caller waits.
   *
   * @default true
   */
  readonly shadow?: boolean
  /**
   * The factory context of the value that this one becomes a part of: that value then depends on everything this one
   * depends on, whether this one was there or is made now. A hit of the outer value costs 1 round trip more.
   *
   * @example
   * await sweeper.getOrSet({
   *   on: record(Article, 7), key: 'article.page',
   *   factory: (partOf) => sweeper.getOrSet({ on: record(Author, 3), key: 'author.box', partOf, factory: renderAuthor }),
   * })
   */
  readonly partOf?: FactoryContext<On>
  /** Makes the value when it is missing. Load inside it: what was loaded before may be too old to be kept. */
  readonly factory: (context: FactoryContext<On>) => T | Promise<T>
}

/** How `getOrSetMany` asks for one value of each of several subjects. */
export interface GetOrSetManyOptions<S extends OnSubject, T> extends Omit<GetOptions, 'on'> {
  /** One subject per value. */
  readonly on: readonly S[]
  readonly ttl?: Duration
  /** As in `GetOrSetOptions`. @default true */
  readonly shadow?: boolean
  /** Makes the missing values, one per subject, in their order. */
  readonly factory: (missing: S[]) => readonly T[] | Promise<readonly T[]>
}

/** How an object is asked for. */
export interface FindOptions {
  /** Relations to load along, also of relations: `['engine', 'owner.address']`. Eager ones are loaded without. */
  readonly relations?: readonly string[]
  /** The life of the entry; 0 stores nothing. @default the entity's, else the Sweeper's */
  readonly ttl?: Duration
  /** Load and store, whatever is there. @default false */
  readonly fresh?: boolean
  /** As in `GetOptions`. */
  readonly manager?: EntityManager
}

/** How a list of records is asked for. */
export interface ListOptions<E extends object> extends GetOptions {
  /** The life of the list; 0 stores nothing. @default the entity's, else the Sweeper's */
  readonly ttl?: Duration
  /** Load and store the list, whatever is there. @default false */
  readonly fresh?: boolean
  /** As in `GetOrSetOptions`, for the list. @default true */
  readonly shadow?: boolean
  /** Relations to load along with each record. */
  readonly relations?: readonly string[]
  /** The keys of the records, in their order; records with their keys loaded will do. */
  readonly ids: (
    context: FactoryContext<On>,
  ) => readonly RecordKey<E>[] | Promise<readonly RecordKey<E>[]>
}

/** How far `sweep` goes. */
export interface SweepOptions {
  /** Whether what the records belong to is swept too. @default true */
  readonly cascade?: boolean
  /** Sweep when this manager's transaction commits, and not at all if it is rolled back. */
  readonly manager?: EntityManager
}
