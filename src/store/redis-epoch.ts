/** Enough of the 40 hex digits of a run id to be unique, and short inside every token state. */
const EPOCH_LENGTH = 12

/** Names a server's life, from its INFO server; undefined when it does not say. */
export function epochOf(info: unknown): string | undefined {
  return /^run_id:(\w+)/m.exec(String(info))?.[1]?.slice(0, EPOCH_LENGTH)
}
