import type { RedisClient } from './redis-client'

/**
 * The part of an ioredis `Cluster`, version 5 or 6, that `ClusterStore` uses: it finds the servers and says who has which
 * slot. Commands go to the connections that it keeps, so that every answer is known to be of one server.
 */
export interface RedisClusterClient {
  /** True for a `Cluster`. */
  readonly isCluster: boolean
  /** Per slot the addresses of those who have it, the primary first. */
  readonly slots: readonly (readonly string[])[]
  nodes(role: 'master'): RedisServerClient[]
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
  const colon = address.lastIndexOf(':')
  // A Redis: its duplicate() takes settings and makes another (ioredis 5.11.1 and 6.0.0, Redis.js).
  const redis = like as unknown as {
    duplicate(settings: { host: string; port: number; lazyConnect: boolean }): RedisServerClient
  }
  const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))]
  const connection = redis.duplicate({ host, port, lazyConnect: true })
  // Told by the commands; without a listener it would be printed as well.
  connection.on('error', () => undefined)
  return connection
}
