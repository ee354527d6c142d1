import 'reflect-metadata'
import { Sweeper } from '../src/index'
import { openDatabase } from './database'
import type { Blog } from './pages'
import { seed } from './seed'
import { serve } from './server'
import { HELP, readArguments, readSettings } from './settings'
import { reasonOf, StartFailure } from './start-failure'
import { openStore } from './store'
import { tour } from './tour'

async function main(): Promise<void> {
  const { help, once } = readArguments(process.argv.slice(2))
  if (help) return print(HELP)
  const settings = readSettings(process.env)
  const [database, store] = await Promise.all([
    openDatabase(settings.databaseUrl),
    openStore(settings.redisUrl),
  ])
  const { dataSource } = database
  const sweeper = new Sweeper(dataSource, {
    store: store.store,
    namespace: database.namespace,
    // The embedded database works on this thread: a reply may lie there for a while before it is seen.
    timeout: { read: '500ms', write: '500ms' },
  })
  print(`\n  database  ${database.description}`)
  print(`  store     ${store.description}`)
  print(`  content   ${await seed(dataSource)}\n`)
  await tour({ dataSource, sweeper }, print)
  if (!once) await serveUntilSignal({ dataSource, sweeper }, settings.port)
  await sweeper.close()
  await database.close()
  await store.close()
}

async function serveUntilSignal(blog: Blog, port: number): Promise<void> {
  const server = await serve(blog, port)
  print(`\nServing on http://localhost:${server.port} (Ctrl+C ends it)`)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await server.close()
}

function print(line: string): void {
  console.log(line)
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof StartFailure ? error.message : `unexpected: ${reasonOf(error)}`)
    process.exit(1)
  },
)
