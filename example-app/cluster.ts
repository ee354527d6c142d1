import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { News } from './live'
import type { Settings } from './settings'
import { reasonOf, StartFailure } from './start-failure'

const NAMES = ['A', 'B'] as const
const SEAT = 'SWEEPER_EXAMPLE_SEAT'

interface SeatData {
  readonly name: string
  readonly leads: boolean
  readonly servers: readonly { readonly name: string; readonly port: number }[]
}

/** One server's place among several. */
export interface Seat extends SeatData {
  tell(news: News): void
  onNews(listener: (news: News) => void): void
  ready(): void
}

type Message = News | { readonly type: 'ready' }

/** Undefined for a server that is alone. */
export function seatOf(self: NodeJS.Process): Seat | undefined {
  const data = self.env[SEAT]
  if (data === undefined) return undefined
  return {
    // Written by `runCluster`.
    ...(JSON.parse(data) as SeatData),
    tell: (news) => void self.send?.(news),
    onNews: (listener) => void self.on('message', (news) => listener(news as News)),
    ready: () => void self.send?.({ type: 'ready' }),
  }
}

/** Two servers on one Redis, each in a process of its own, until a signal ends them. */
export async function runCluster(settings: Settings, print: (line: string) => void): Promise<void> {
  if (settings.databaseUrl === undefined)
    throw new StartFailure('--cluster: two processes need a PostgreSQL; give its DATABASE_URL')
  const redis = settings.redisUrl === undefined ? await startRedis() : undefined
  const env = { ...process.env, REDIS_URL: redis?.url ?? settings.redisUrl?.href }
  const ports = [settings.port, settings.port === 0 ? 0 : settings.port + 1]
  for (const [index, port] of ports.entries()) ports[index] = port === 0 ? await freePort() : port
  const servers = NAMES.map((name, index) => ({ name, port: ports[index] ?? 0 }))
  const children: ChildProcess[] = []
  const stop = (): void => children.forEach((child) => child.kill('SIGTERM'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  try {
    for (const { name, port } of servers) {
      const seat = JSON.stringify({ name, leads: name === 'A', servers })
      const child = fork(process.argv[1] ?? '', {
        env: { ...env, PORT: String(port), [SEAT]: seat },
      })
      children.push(child)
      relay(child, children)
      await started(child)
    }
    print('Two servers: what is written through one is seen by the other at once.')
    const [code] = (await Promise.race(children.map((child) => once(child, 'exit')))) as [number]
    stop()
    await Promise.all(children.map(ended))
    if (code !== 0) throw new StartFailure('--cluster: a server ended; its reason stands above')
  } finally {
    stop()
    redis?.stop()
  }
}

function relay(child: ChildProcess, children: readonly ChildProcess[]): void {
  child.on('message', (message: Message) => {
    if (message.type === 'ready') return
    for (const other of children) if (other !== child && other.connected) other.send(message)
  })
}

async function started(child: ChildProcess): Promise<void> {
  const isReady = new Promise<boolean>((resolve) => {
    child.on('message', ({ type }: Message) => type === 'ready' && resolve(true))
    child.once('exit', () => resolve(false))
  })
  if (!(await isReady)) throw new StartFailure('--cluster: a server did not start; see above')
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/** A Redis of our own, in memory, for as long as we run. */
async function startRedis(): Promise<{ readonly url: string; stop(): void }> {
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const isReady = new Promise<boolean>((resolve) => {
    child.stdout.on('data', (line: Buffer) => /eady to accept/.test(String(line)) && resolve(true))
    child.once('exit', () => resolve(false))
  })
  const failed = once(child, 'error').then(([error]) => {
    throw new StartFailure(
      `--cluster: redis-server cannot be started (${reasonOf(error)}); install it, or give a REDIS_URL`,
    )
  })
  if (!(await Promise.race([isReady, failed])))
    throw new StartFailure('--cluster: redis-server ended at once; give a REDIS_URL')
  process.once('exit', () => child.kill())
  return { url: `redis://127.0.0.1:${port}`, stop: () => void child.kill() }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on TCP has an address of this kind.
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
