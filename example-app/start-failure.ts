/** Why the app cannot start, or the tour is not as promised: one line for whoever started it. Holds no secrets. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
}

/** What may be shown of a client's error: its code (`ECONNREFUSED`, `28P01`), or failing that its first line. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (!(error instanceof Error)) return 'unknown error'
  const [line = ''] = error.message.split('\n')
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code === undefined) return line
  return line === '' || line.includes(code) ? code : `${code}: ${line}`
}
