import type { RootHookObject } from 'mocha'

/** After the last test, for what is on its way to its end. */
const GRACE_MS = 20_000

interface Handle {
  readonly type: string
  readonly is_active: boolean
  readonly is_referenced: boolean
  readonly remoteEndpoint?: { readonly port: number } | null
}

/**
 * What a test leaves open, such as a connection, would keep the process alive for ever after the last of them. It is named,
 * and the run fails.
 */
export const mochaHooks: RootHookObject = {
  afterAll() {
    // Keeps nothing alive itself: it comes to this only where something else does.
    setTimeout(() => {
      process.stderr.write(
        `tests: the process does not end, it has open: ${open().join(', ')}; close what a test opened\n`,
      )
      // Mocha sets the code to the number of failures when the process exits.
      process.on('exit', () => (process.exitCode = 1))
      process.exit()
    }, GRACE_MS).unref()
  },
}

function open(): readonly string[] {
  const { libuv } = process.report.getReport() as unknown as { readonly libuv: readonly Handle[] }
  return libuv
    .filter((handle) => handle.is_active && handle.is_referenced)
    .map(({ type, remoteEndpoint: to }) => (to ? `${type} to port ${to.port}` : type))
}
