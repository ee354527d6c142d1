/** Of the 40 hex digits of each of its two ids: together unique, and short inside every token state. */
const PART = 8

/**
 * Names a server's life, from its INFO server and INFO replication; undefined when it does not say.
 *
 * The run id changes when a server starts. The replication id changes when one is made a primary: a server that was
 * replaced, became a replica of its successor and is promoted again has the run id it had, and may have lost sweeps.
 */
export function epochOf(server: string, replication: string): string | undefined {
  const run = runOf(server)
  return run === undefined ? undefined : run + lineageOf(replication)
}

/** What an epoch ends with: another one whenever the server is made a primary. Empty when it does not say. */
export function lineageOf(replication: string): string {
  return /^master_replid:(\w+)/m.exec(replication)?.[1]?.slice(0, PART) ?? ''
}

/** What an epoch begins with: the run of the server alone. */
export function runOf(server: string): string | undefined {
  return /^run_id:(\w+)/m.exec(server)?.[1]?.slice(0, PART)
}

/** The run of the server whose life it is. */
export function runIn(epoch: string): string {
  return epoch.slice(0, PART)
}
