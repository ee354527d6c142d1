import type { DataSource } from 'typeorm'
import type { App } from '../app'
import type { Dice } from '../dice'
import type { CheckedServers } from '../stores'

/** What faults strike. */
export interface Site {
  readonly apps: readonly App[]
  /** Of the store. */
  readonly servers: CheckedServers
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
