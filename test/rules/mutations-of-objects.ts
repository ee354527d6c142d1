import { mutation } from './mutation'

/** Rules of objects, of what is written through, and of cached queries. */
export const MUTATIONS_OF_OBJECTS = [
  mutation(
    'H15',
    'keeps what was read again under the tokens of afterwards',
    'two writers, the first of whom reads again before the second commits',
    [
      'cache/loading.ts',
      'filling.store({ fragment, pin, load, value: encoded, loadMs, isFromPrimary })',
      'filling.store({ fragment, pin: await pins.pin(fragment.tokens, 86_400_000), load, value: encoded, loadMs, isFromPrimary })',
    ],
  ),
  mutation(
    'H9',
    'reads again on a connection that is gone',
    'a statement whose answer is lost with its connection: swept, and not read again on what is left of it',
    [
      'sweep/unit-of-work.ts',
      'return !this.isInDoubt && !this.runner.isReleased && !this.runner.isTransactionActive',
      'return !this.runner.isTransactionActive',
    ],
  ),
  mutation(
    'objects',
    'keeps what was loaded before the tokens of what it holds were known',
    'a record in it is written before its token is known: it is loaded again',
    [
      'objects/object-loads.ts',
      'if (load.isSkipped || this.#isProven(load, held, first)) return tuplesOf(first)',
      'if (held.length >= 0) return tuplesOf(first)',
    ],
  ),
  ...[
    'who joins a load by an email after it was given away finds nobody',
    'who joins a load after a write to what its factory depends on gets the state after it',
  ].map((test) =>
    mutation('H26b', 'lets anybody join a load that came to depend on more', test, [
      'cache/loading.ts',
      'if (isOwn || (await this.#isCurrent(made))) return made',
      'if (isOwn || made !== undefined) return made',
    ]),
  ),
  mutation(
    'H3',
    'keeps a query under the tokens of afterwards',
    'a result that is late does not outlive the write it missed',
    [
      'query-cache/query-cache.ts',
      'void this.#parts.filling.store({ fragment, pin, load, value, loadMs, isFromPrimary })',
      'void this.#parts.pins.pin(fragment.tokens, 86_400_000).then((late) => this.#parts.filling.store({ fragment, pin: pin && late, load, value, loadMs, isFromPrimary }))',
    ],
  ),
  mutation(
    'H9c',
    'answers a query from the cache in a transaction that has written',
    'in a transaction that has written, reads see its writes and store nothing',
    ['query-cache/query-cache.ts', 'if (transaction?.hasWritten === true) return UNCACHED', ''],
  ),
]
