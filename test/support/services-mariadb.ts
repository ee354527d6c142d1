import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
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

const USUAL_URL = 'mariadb://root@127.0.0.1:3306/'
const OFF_PATH = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/opt/homebrew/bin']

/** MariaDB, with databases of the suite's own. */
export class MariaDbService {
  #server: string | undefined
  #url: string | undefined
  readonly #databases: string[] = []

  /** The suite's own empty database. */
  get url(): string {
    if (this.#url === undefined)
      throw new Error('mariadb.url: no database yet; use it in hooks and tests')
    return this.#url
  }

  /** `url` as TypeORM takes it. */
  get options(): { readonly type: 'mariadb'; readonly url: string } {
    return { type: 'mariadb', url: this.url }
  }

  /** One more empty database, removed with the suite. */
  async createDatabase(): Promise<string> {
    const server = this.#server ?? (this.#server = await mariadbUrl())
    const database = `sweeper_test_${randomBytes(6).toString('hex')}`
    await run(server, `CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`)
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
        await run(this.#server, `DROP DATABASE IF EXISTS \`${database}\``)
  }
}

let found: Promise<string> | undefined

/** The server of this run, found or started once. */
function mariadbUrl(): Promise<string> {
  return (found ??= findMariaDb())
}

async function findMariaDb(): Promise<string> {
  const given = process.env['MARIADB_URL']
  if (given !== undefined && given !== '') {
    await run(given, 'SELECT 1')
    return given
  }
  if (await answers(USUAL_URL)) return USUAL_URL
  const server = findProgram('mariadbd', OFF_PATH)
  const install = findProgram('mariadb-install-db', OFF_PATH)
  if (server === undefined || install === undefined)
    throw new MissingServiceError(
      'no MariaDB; set MARIADB_URL, or have one on 127.0.0.1:3306 or its programs installed',
    )
  return startMariaDb(server, install)
}

async function startMariaDb(server: string, install: string): Promise<string> {
  const owner = unprivileged()
  const folder = startedHere.folder('mariadb', owner)
  const common = ['--no-defaults', `--datadir=${join(folder, 'data')}`]
  const init = [...common, '--auth-root-authentication-method=normal', '--skip-test-db']
  await runProgram(install, init, folder, owner)

  const port = await freePort()
  const args = [
    ...common,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    '--innodb-flush-log-at-trx-commit=0',
  ]
  const child = startedHere.spawn(server, args, folder, owner)
  const url = `mariadb://root@127.0.0.1:${port}/`
  await untilAnswering(child, folder, () => answers(url))
  return url
}

/** MySQL listens on the same port, and is another database. */
async function answers(url: string): Promise<boolean> {
  try {
    const [row] = await run(url, 'SELECT VERSION() AS version')
    return String(row?.['version']).includes('MariaDB')
  } catch {
    // Nothing there, or something that does not let us in: either way it is not for us.
    return false
  }
}

async function run(url: string, sql: string): Promise<readonly RowDataPacket[]> {
  const connection = await createConnection({ uri: url, connectTimeout: PROBE_MS })
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    return rows
  } finally {
    await connection.end()
  }
}
