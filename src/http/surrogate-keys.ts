import { InvalidOptionError, type On, type Sweeper, type SweepEvent } from '../index'
import { addToList, assertExchange, type HttpResponse } from './exchange'
import { PurgeQueue } from './purge-queue'

/** How the cache in front is told what to forget. */
export interface SurrogateKeysOptions {
  /**
   * The header that the cache in front understands: `Surrogate-Key` (Fastly), `Cache-Tag` (Cloudflare, Akamai),
   * `xkey` (Varnish).
   *
   * @default 'Surrogate-Key'
   */
  readonly header?: 'Surrogate-Key' | 'Cache-Tag' | 'xkey'
  /**
   * Tells the cache in front which keys to forget. Called after sweeps, with each key once, one call at a time:
   * what is swept meanwhile goes into the next. Keys of a call that rejects are given again, later.
   */
  readonly purge?: (keys: readonly string[]) => Promise<void> | void
  /** Where a rejection of `purge` goes. @default a process warning */
  readonly onError?: (error: unknown) => void
}

/** What marks responses with what they are made of. */
export interface SurrogateKeys {
  /** Adds the keys of what a response is made of to its header. No round trip. */
  set(response: HttpResponse, on: On): void
  /** The keys themselves. */
  of(on: On): readonly string[]
  /** Ends the purging, once what is waiting has been tried. */
  close(): Promise<void>
}

/**
 * Keys for caches in front of the application, and the purging of them after each sweep.
 *
 * A record's response has the keys `Comment:17` and `Comment:*`, one that depends on any comment `Comment` and
 * `Comment:*`. A swept comment purges `Comment:17` and `Comment`; a swept type purges `Comment:*`. With tenants they are
 * `acme/Comment:17`, and so on; a type swept for all of them purges `Comment:*` still. Only sweeps of this
 * process are heard of: every process that writes purges.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION for another header
 * @example
 * const keys = surrogateKeys(sweeper, { header: 'Cache-Tag', purge: (tags) => cdn.purgeTags(tags) })
 * app.get('/articles/:id', async (req, res) => {
 *   keys.set(res, record(Article, req.params.id))
 *   …
 * })
 */
export function surrogateKeys(
  sweeper: Sweeper,
  { header = 'Surrogate-Key', purge, onError }: SurrogateKeysOptions = {},
): SurrogateKeys {
  const separator = SEPARATORS[header] as string | undefined
  if (separator === undefined)
    throw new InvalidOptionError(
      `surrogateKeys: header ${JSON.stringify(header)} is not known; give ${Object.keys(SEPARATORS).join(', ')}`,
    )
  const queue = purge && new PurgeQueue(purge, onError ?? warn)
  const off = queue && sweeper.on('sweep', (event) => queue.add(purgedBy(sweeper, event)))
  const of = (on: On): readonly string[] => keysOf(sweeper.labels(on))
  return {
    of,
    set: (response, on) => {
      assertExchange('surrogateKeys', { headers: {} }, response)
      addToList(response, header, { members: of(on), separator })
    },
    close: async () => {
      off?.()
      await queue?.close()
    },
  }
}

const SEPARATORS = { 'Surrogate-Key': ' ', 'Cache-Tag': ',', xkey: ' ' } as const

function keysOf(labels: readonly string[]): readonly string[] {
  const keys = labels.flatMap((label) => {
    const type = typeOf(label)
    // What is swept for all tenants bears no tenant's name.
    return [label, `${type}:*`, `${nameIn(type)}:*`]
  })
  return [...new Set(keys)].map(encoded)
}

function purgedBy(sweeper: Sweeper, { records, types }: SweepEvent): readonly string[] {
  return [
    ...records.flatMap((label) => [label, typeOf(label)]),
    // All responses of a type carry this one; those that depend on any record of it are among them.
    ...withAncestors(sweeper, types).map((type) => `${type}:*`),
  ].map(encoded)
}

/** Where rows are not known, what they belong to is not either. */
function withAncestors(sweeper: Sweeper, types: readonly string[]): readonly string[] {
  if (types.length === 0) return types
  const { links } = sweeper.graph()
  const reached = new Set(types)
  // A Set's iteration reaches what is added to it meanwhile.
  for (const type of reached)
    for (const { from, to } of links)
      if (from === nameIn(type)) reached.add(`${type.slice(0, -from.length)}${to}`)
  return [...reached]
}

/** `Comment` of `acme/Comment`. */
function nameIn(type: string): string {
  return type.slice(type.lastIndexOf('/') + 1)
}

function typeOf(label: string): string {
  const colon = label.indexOf(':')
  return colon < 0 ? label : label.slice(0, colon)
}

/** Spaces and commas end a key in one header or the other. */
function encoded(key: string): string {
  return key.replace(/[^\u0021-\u002b\u002d-\u007e]/gu, encodeURIComponent)
}

function warn(error: unknown): void {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : typeof error
  process.emitWarning(`surrogateKeys: purge failed with ${reason}; its keys will be given again`, {
    type: 'SweeperWarning',
    code: 'SWEEPER_PURGE',
  })
}
