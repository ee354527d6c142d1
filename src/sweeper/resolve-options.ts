import type { DataSource, Logger } from 'typeorm'
import { parseDuration, type Duration } from '../core/duration'
import { InvalidOptionError } from '../core/errors'
import type { OutboxOptions } from '../outbox/outbox'
import { MemoryStore } from '../store/memory-store'
import type { Store } from '../store/store'
import { bounded, checkCount, wrong } from './checks'
import { namespaceOf } from './namespace'
import { resolveNear, type NearTierOptions } from './near-options'
import type { SweeperOptions } from './options'
import { resolveOutbox } from './outbox-options'
import { resolveShadow, type ShadowSettings } from './shadow-options'

/** Options with nothing left open. */
export interface ResolvedOptions {
  readonly store: Store
  readonly namespace: string
  readonly ttlMs: number
  readonly near: Required<NearTierOptions> | undefined
  readonly markDeadlineMs: number | undefined
  readonly readMs: number
  readonly writeMs: number
  readonly deliveryMs: number
  readonly loadTimeoutMs: number
  readonly maxFanOut: number
  readonly replicaLagMs: number
  readonly onStoreError: 'degrade' | 'throw'
  readonly enabled: boolean
  readonly outbox: OutboxOptions | undefined
  /** How many tokens are remembered with the write that moved them; undefined for none. */
  readonly explainTokens: number | undefined
  /** Undefined: no hit is loaded anew. */
  readonly shadow: ShadowSettings | undefined
  readonly tenant: (() => unknown) | undefined
  readonly logger: Pick<Logger, 'log'> | undefined
}

const DEFAULTS = {
  ttl: '1h',
  markDeadline: '10s',
  read: '50ms',
  write: '250ms',
  delivery: '2s',
  loadTimeout: '30s',
  maxFanOut: 10_000,
  explainTokens: 10_000,
} as const

/**
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION
 * @throws {InvalidDurationError} SWEEPER_INVALID_DURATION
 * @throws {NamespaceError} SWEEPER_NAMESPACE where a shared store needs a name that the database does not give
 */
export function resolveOptions(dataSource: DataSource, options: SweeperOptions): ResolvedOptions {
  if (dataSource.options.type === 'mongodb')
    throw new InvalidOptionError(
      'new Sweeper(): the database is "mongodb", whose writes have no transactions, statements or joins to go by; give a DataSource of an SQL database',
    )
  const outbox = resolveOutbox(dataSource, options.outbox ?? false)
  const { timeout = {}, maxFanOut = DEFAULTS.maxFanOut, enabled = true } = options
  checkCount('maxFanOut', maxFanOut)
  const limit = (name: 'read' | 'write' | 'delivery'): number => {
    const value = typeof timeout === 'object' ? (timeout[name] ?? DEFAULTS[name]) : timeout
    return bounded(`timeout.${name}`, value)
  }
  return Object.freeze({
    store: options.store ?? new MemoryStore(),
    namespace: options.namespace ?? namespaceOf(dataSource, options.store !== undefined),
    ttlMs: parseDuration(options.ttl ?? DEFAULTS.ttl, 'new Sweeper(): ttl'),
    near: resolveNear(options.near ?? false),
    markDeadlineMs: markDeadlineOf(options.marks ?? outbox === undefined),
    readMs: limit('read'),
    writeMs: limit('write'),
    deliveryMs: limit('delivery'),
    loadTimeoutMs: bounded('loadTimeout', options.loadTimeout ?? DEFAULTS.loadTimeout),
    maxFanOut,
    replicaLagMs: replicaLagOf(options.replicaLag ?? 0),
    onStoreError: policyOf(options, outbox !== undefined),
    enabled,
    outbox,
    explainTokens: explainTokensOf(options.explain ?? process.env['NODE_ENV'] !== 'production'),
    shadow: resolveShadow(options.shadow ?? 0),
    tenant: tenantOf(options.tenant),
    logger: options.logger,
  })
}

function policyOf(
  { onStoreError = 'degrade', marks }: SweeperOptions,
  isDurable: boolean,
): ResolvedOptions['onStoreError'] {
  if (onStoreError !== 'degrade' && onStoreError !== 'throw')
    throw wrong('onStoreError', onStoreError, '"degrade" or "throw"')
  if (onStoreError === 'throw' && marks === false && !isDurable)
    throw new InvalidOptionError(
      'new Sweeper(): onStoreError "throw" with marks false promises what nothing keeps: only marks are acknowledged before COMMIT; leave marks on, or give onStoreError "degrade"',
    )
  return onStoreError
}

/** With an outbox no sweep is lost without marks, and they cost a round trip before COMMIT. */
function markDeadlineOf(marks: NonNullable<SweeperOptions['marks']>): number | undefined {
  if (marks === false) return undefined
  return bounded('marks.deadline', marks === true ? DEFAULTS.markDeadline : marks.deadline)
}

/** A window that never ends would keep nothing. */
function replicaLagOf(value: Duration): number {
  const ms = parseDuration(value, 'new Sweeper(): replicaLag')
  if (!Number.isFinite(ms)) throw wrong('replicaLag', value, 'a duration that ends')
  return ms
}

function explainTokensOf(explain: NonNullable<SweeperOptions['explain']>): number | undefined {
  if (explain === false) return undefined
  const tokens = explain === true ? DEFAULTS.explainTokens : explain.tokens
  checkCount('explain.tokens', tokens)
  return tokens
}

function tenantOf(tenant: SweeperOptions['tenant']): ResolvedOptions['tenant'] {
  if (tenant === undefined || typeof tenant === 'function') return tenant
  throw wrong('tenant', tenant, 'a function that answers the name of the tenant')
}
