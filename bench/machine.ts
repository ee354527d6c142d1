import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import type { Servers } from './servers'

const ROOT = join(__dirname, '..', '..', '..')
const OURS = ['ioredis', 'typeorm', 'pg']
const PEERS = ['bentocache', 'cacheable', 'cache-manager', 'keyv', '@keyv/redis']

/** What the figures were measured on and with. */
export interface Machine {
  readonly cpu: string
  readonly load: string
  readonly versions: Readonly<Record<string, string>>
}

export async function machine(servers: Servers): Promise<Machine> {
  const [cpu] = cpus()
  const client = servers.client()
  const redis = /^redis_version:(\S+)/m.exec(await client.info('server'))?.[1]
  const dataSource = await servers.dataSource()
  const [postgres] = await dataSource.query<{ server_version: string }[]>('SHOW server_version')
  return {
    cpu: `${cpus().length} x ${cpu?.model ?? 'unknown'}`,
    load: loadavg()
      .map((load) => load.toFixed(1))
      .join(' '),
    versions: {
      node: process.versions.node,
      redis: redis ?? 'unknown',
      postgres: postgres?.server_version.split(' ')[0] ?? 'unknown',
      ...installed(ROOT, OURS),
      ...installed(join(ROOT, 'bench'), PEERS),
    },
  }
}

function installed(folder: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const file = join(folder, 'node_modules', name, 'package.json')
      return [name, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version]
    }),
  )
}
