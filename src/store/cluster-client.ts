import type { RedisClient, RedisSubscriber } from './redis-client'

/**
 * The part of an ioredis `Cluster`, version 5 or 6, that `ClusterStore` uses: it finds the servers and says who has which
 * slot. Commands go to the connections that it keeps, so that every answer is known to be of one server.
 */
export interface RedisClusterClient {
  /** True for a `Cluster`. */
  readonly isCluster: boolean
  /** Per slot the addresses of those who have it, the primary first. */
  readonly slots: readonly (readonly string[])[]
  nodes(role: 'master' | 'slave' | 'all'): RedisServerClient[]
  refreshSlotsCache(callback: () => void): void
  call(command: string, args: (string | Buffer | number)[]): Promise<unknown>
  on(event: string, listener: (...args: unknown[]) => void): unknown
  removeListener(event: string, listener: (...args: unknown[]) => void): unknown
  readonly options: {
    readonly keyPrefix?: string | undefined
    readonly natMap?: NatMap | undefined
  }
}

/** One of its connections. */
export interface RedisServerClient extends Omit<RedisClient, 'options'> {
  readonly options: { readonly host?: string | undefined; readonly port?: number | undefined }
  disconnect(): void
}

/** Until a lost connection that hears is made anew: soon, as a near tier is off meanwhile. */
const RETRY_MS = 100

interface Address {
  readonly host: string
  readonly port: number
}

type NatMap = Readonly<Record<string, Address>> | ((address: string) => Address | null | undefined)

/** Where the servers' own name for one of them is reached from here. */
export function reachable(address: string, natMap: NatMap | undefined): string {
  const mapped = typeof natMap === 'function' ? natMap(address) : natMap?.[address]
  return mapped == null ? address : `${mapped.host}:${mapped.port}`
}

/** `host:port`, as the slots name it. */
export function addressOf({ options: { host = '', port = 0 } }: RedisServerClient): string {
  return `${host}:${port}`
}

/** Another connection with the settings of this one, to another server; the caller's to end. */
export function connectionTo(address: string, like: RedisServerClient): RedisServerClient {
  const connection = duplicateTo(address, like, { lazyConnect: true })
  // Told by the commands; without a listener it would be printed as well.
  connection.on('error', () => undefined)
  return connection
}

/** A connection that hears what is published at a server, and connects again whenever it is lost; the caller's to end. */
export function subscriberTo(address: string, like: RedisServerClient): RedisSubscriber {
  const retryStrategy = (): number => RETRY_MS
  return duplicateTo(address, like, { lazyConnect: false, autoResubscribe: false, retryStrategy })
}

/** Those of a cluster's connections do not connect again by themselves. */
interface DuplicateSettings {
  readonly lazyConnect: boolean
  readonly autoResubscribe?: boolean
  readonly retryStrategy?: () => number
}

function duplicateTo(
  address: string,
  like: RedisServerClient,
  settings: DuplicateSettings,
): RedisServerClient & RedisSubscriber {
  const colon = address.lastIndexOf(':')
  const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))]
  // A Redis: its duplicate() takes settings and makes another (ioredis 5.11.1 and 6.0.0, Redis.js).
  const redis = like as unknown as {
    duplicate(
      all: DuplicateSettings & { host: string; port: number },
    ): RedisServerClient & RedisSubscriber
  }
  return redis.duplicate({ ...settings, host, port })
}
