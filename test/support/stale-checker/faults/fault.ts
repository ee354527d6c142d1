import type { Redis } from 'ioredis'
import type { DataSource } from 'typeorm'
import type { RedisServer } from '../../services-redis-server'
import type { App } from '../app'
import type { Dice } from '../dice'

/** What faults strike. */
export interface Site {
  readonly apps: readonly App[]
  readonly redis: RedisServer
  /** To the store directly, for what is asked of the server itself. */
  readonly admin: Redis
  readonly dataSource: DataSource
  readonly dice: Dice
}

/** Something goes wrong, and is well again when `strike` resolves. It rejects if it had no effect. */
export interface Fault {
  readonly name: string
  /** The store comes back without something that it held. */
  readonly forgets: boolean
  strike(site: Site): Promise<void>
}

export function hadEffect(what: string, effect: boolean): void {
  if (!effect) throw new Error(`fault without effect: ${what}`)
}
