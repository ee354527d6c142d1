import 'reflect-metadata'
import { Sweeper } from '../src/index'
import type { BlogServer } from './blog-server'
import { runCluster, seatOf } from './cluster'
import { openDatabase } from './database'
import { Article } from './entities'
import { Live } from './live'
import { type Blog, Pages } from './pages'
import { seed } from './seed'
import { serve } from './server'
import { HELP, readArguments, readSettings, type Settings } from './settings'
import type { ShowcaseStore } from './showcase-store'
import { reasonOf, StartFailure } from './start-failure'
import { openStore } from './store'
import { tour } from './tour'

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2))
  if (args.help) return print(HELP)
  const settings = readSettings(process.env)
  if (args.cluster) return runCluster(settings, print)
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
  const seat = seatOf(process)
  // Of several servers the first one has filled the database, and has shown the tour.
  if (seat === undefined || seat.leads) {
    print(`\n  database  ${database.description}`)
    print(`  store     ${store.description}`)
    print(`  content   ${await seed(dataSource)}\n`)
    await tour({ dataSource, sweeper }, print)
  }
  if (!args.once) await serveUntilSignal({ dataSource, sweeper }, store.store, settings)
  await sweeper.close()
  await database.close()
  await store.close()
}

async function serveUntilSignal(
  blog: Blog,
  store: ShowcaseStore,
  { port }: Settings,
): Promise<void> {
  const seat = seatOf(process)
  const live = new Live(seat?.tell)
  seat?.onNews((news) => live.hear(news))
  const { name: server, servers } = seat ?? { name: 'A', servers: [] }
  const pages = new Pages(blog)
  const parts: BlogServer = { ...blog, pages, store, live, server, servers }
  const served = await serve(parts, port)
  print(`\nServing on http://localhost:${served.port} (Ctrl+C ends it)`)
  const longest = await longestArticle(blog)
  if (longest !== undefined)
    print(`Fifty fragments on a page: http://localhost:${served.port}/articles/${longest}`)
  seat?.ready()
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await served.close()
}

async function longestArticle({ dataSource }: Blog): Promise<number | undefined> {
  const articles = await dataSource.getRepository(Article).find({ relations: { comments: true } })
  return articles.find(({ comments }) => comments.length >= 49)?.id
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
