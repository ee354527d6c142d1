import { StoreUnavailableError } from '../core/errors'

const REDIRECTION = /^(MOVED|ASK) (\d+) (.*):(\d+)/

/** A server of a cluster says that another one has the slot, for good (`MOVED`) or for this key alone (`ASK`). */
export class Redirection extends StoreUnavailableError {
  /** `host:port`; without a host, that of who said it. */
  readonly address: string

  constructor(store: string, kind: string, address: string) {
    super(store, 'route', kind)
    this.address = address
  }

  get isAsk(): boolean {
    return this.reason === 'ASK'
  }
}

/** What a server answered, as a redirection if it is one. */
export function redirected(error: unknown, store: string, host: string): unknown {
  if (!(error instanceof Error)) return error
  const [, kind, , to, port] = REDIRECTION.exec(error.message) ?? []
  if (kind === undefined) return error
  return new Redirection(store, kind, `${to === '' || to === '?' ? host : to}:${port}`)
}
