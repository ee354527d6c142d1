import { StoreUnavailableError } from '../core/errors'

/** What clients say without a code, and what it comes down to: first ioredis, then node-redis. */
const SENTENCES: readonly (readonly [start: string, reason: string])[] = [
  ['Connection is closed', 'closed'],
  ['Command timed out', 'timeout'],
  ['Reached the max retries per request', 'not-connected'],
  ["Stream isn't writeable", 'not-connected'],
  ['Command aborted due to connection close', 'connection-changed'],
  ['The client is closed', 'closed'],
  ['Disconnects client', 'closed'],
  ['The client is offline', 'not-connected'],
  ['Connection timeout', 'not-connected'],
  ['Socket closed unexpectedly', 'connection-changed'],
]

const SERVER_WORD = /^[A-Z][A-Z0-9_]{1,31}(?= |$)/

/** Redis 6 puts what went wrong inside a script at the end of its own error. */
const WORD_INSIDE_SCRIPT = /: -([A-Z][A-Z0-9_]{1,31}) /

/**
 * Translates what a client rejected with. One word of it is kept and nothing else: the errors of ioredis carry what
 * was sent, passwords included, in `command.args`.
 */
export function unavailable(
  store: string,
  operation: string,
  error: unknown,
): StoreUnavailableError {
  if (error instanceof StoreUnavailableError) return error
  return new StoreUnavailableError(store, operation, reasonOf(error))
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  const sentence = SENTENCES.find(([start]) => error.message.startsWith(start))
  if (sentence !== undefined) return sentence[1]
  const word = SERVER_WORD.exec(error.message)?.[0]
  if (word === 'ERR') return WORD_INSIDE_SCRIPT.exec(error.message)?.[1] ?? word
  return word ?? codeOf(error) ?? 'failed'
}

/** `ECONNREFUSED` and its like. */
function codeOf(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' && SERVER_WORD.test(code) ? code : undefined
}
