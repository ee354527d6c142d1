import type { DataSource } from 'typeorm'
import { NamespaceError } from '../core/errors'

export function namespaceOf({ options, driver }: DataSource, storeIsGiven: boolean): string {
  // The driver has taken a connection URL apart.
  const database: unknown = driver.database ?? options.database
  const name = typeof database === 'string' ? database.split(/[\\/]/).at(-1) : undefined
  if (name !== undefined && name !== '' && name !== ':memory:')
    return `sweeper:${name.replace(/[^A-Za-z0-9_.~-]/g, '_').slice(0, 50)}`
  if (!storeIsGiven) return 'sweeper:memory'
  throw new NamespaceError(
    'new Sweeper(): the database has no name to tell its keys from others in a shared store; give a namespace: { namespace: "blog" }',
  )
}
