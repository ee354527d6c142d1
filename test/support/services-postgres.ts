import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import {
  findProgram,
  freePort,
  MissingServiceError,
  PROBE_MS,
  runProgram,
  startedHere,
  unprivileged,
  untilAnswering,
} from './services-process'

const USUAL_URL = 'postgres://postgres@127.0.0.1:5432/postgres'

/** PostgreSQL, with databases of the suite's own. */
export class PostgresService {
  #server: string | undefined
  #url: string | undefined
  readonly #databases: string[] = []

  /** The suite's own empty database. */
  get url(): string {
    if (this.#url === undefined)
      throw new Error('postgres.url: no database yet; use it in hooks and tests')
    return this.#url
  }

  /** `url` as TypeORM takes it. */
  get options(): { readonly type: 'postgres'; readonly url: string } {
    return { type: 'postgres', url: this.url }
  }

  /** One more empty database, removed with the suite. */
  async createDatabase(): Promise<string> {
    const server = this.#server ?? (this.#server = await postgresUrl())
    const database = `sweeper_test_${randomBytes(6).toString('hex')}`
    await run(server, `CREATE DATABASE "${database}"`)
    this.#databases.push(database)
    const url = new URL(server)
    url.pathname = `/${database}`
    return url.href
  }

  async open(): Promise<void> {
    this.#url = await this.createDatabase()
  }

  async close(): Promise<void> {
    for (const database of this.#databases.splice(0))
      if (this.#server !== undefined)
        await run(this.#server, `DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`)
  }
}

let found: Promise<string> | undefined

/** The server of this run, found or started once. */
function postgresUrl(): Promise<string> {
  return (found ??= findPostgres())
}

async function findPostgres(): Promise<string> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined && given !== '') {
    await run(given, 'SELECT 1')
    return given
  }
  if (await answers(USUAL_URL)) return USUAL_URL
  const bin = newestBinaries()
  if (bin === undefined)
    throw new MissingServiceError(
      'no PostgreSQL; set DATABASE_URL, or have one on 127.0.0.1:5432 or its programs installed',
    )
  return startPostgres(bin)
}

async function startPostgres(bin: string): Promise<string> {
  const owner = unprivileged()
  const folder = startedHere.folder('postgres', owner)
  const data = join(folder, 'data')
  const init = [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-locale',
    '--no-sync',
  ]
  await runProgram(join(bin, 'initdb'), init, folder, owner)

  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off']
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const child = startedHere.spawn(join(bin, 'postgres'), args, folder, owner)
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await untilAnswering(child, folder, () => answers(url))
  return url
}

function newestBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian) : []
  const newestFirst = versions.toSorted((a, b) => Number(b) - Number(a))
  const packaged = newestFirst.map((version) => join(debian, version, 'bin'))
  const initdb = findProgram('initdb', packaged)
  return initdb === undefined ? undefined : join(initdb, '..')
}

async function answers(url: string): Promise<boolean> {
  try {
    await run(url, 'SELECT 1')
    return true
  } catch {
    // Nothing there, or something that does not let us in: either way it is not for us.
    return false
  }
}

async function run(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: PROBE_MS })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
