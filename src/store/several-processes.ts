import cluster from 'node:cluster'

type Environment = Readonly<Record<string, string | undefined>>

/** Tells by what this process seems to be one of several; undefined when nothing says so. */
export function signOfSeveralProcesses(
  env: Environment = process.env,
  isWorker: boolean = cluster.isWorker,
): string | undefined {
  if (isWorker) return 'it is a worker of node:cluster'
  // PM2 hands its own settings down in the environment; a single instance has a number too.
  const underPm2 = env['NODE_APP_INSTANCE'] ?? env['pm_id']
  if (underPm2 !== undefined && env['instances'] !== '1') return 'PM2 started it'
  const workers = Number(env['WEB_CONCURRENCY'])
  return workers > 1 ? `WEB_CONCURRENCY is ${workers}` : undefined
}

let warned = false

/** Warns, once per process, when a store that only this process sees will miss the writes of others. */
export function warnOfSeveralProcesses(): void {
  const sign = warned ? undefined : signOfSeveralProcesses()
  if (sign === undefined) return
  warned = true
  process.emitWarning(
    `MemoryStore: this process seems to be one of several (${sign}), and each sweeps only its own memory, so the others keep serving old values; share a store, as with new RedisStore(client) from typeorm-sweeper/redis`,
    { type: 'SweeperWarning', code: 'SWEEPER_MEMORY_STORE_SHARED' },
  )
}
