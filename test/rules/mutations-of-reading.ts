import { mutation } from './mutation'

const FILL = 'filling.store({ fragment, pin, load, value: encoded, loadMs, isFromPrimary })'
const UNPROVEN = 'if (unproven !== undefined) {'
const NEVER_UNPROVEN =
  'if (unproven === undefined) return this.#entryFor(fragment, pin, load, value)\n    if (load.ttlMs > 0) return this.#entryFor(fragment, pin, load, value)\n    if (unproven !== undefined) {'
const LOADED_AT =
  'return runner.isTransactionActive ? undefined : this.#activities.get(runner)?.busySinceMs'

/** Rules of reading and filling. */
export const MUTATIONS_OF_READING = [
  mutation('H3', 'pins the tokens after the load', 'H3 late fill', [
    'cache/loading.ts',
    FILL,
    'filling.store({ fragment, pin: await pins.pin(fragment.tokens, tokenLifeMs(fragment.ttlMs)), load, value: encoded, loadMs, isFromPrimary })',
  ]),
  mutation('H4', 'stores what was made from any instance', 'H4 entity in the hand', [
    'cache/filling.ts',
    UNPROVEN,
    NEVER_UNPROVEN,
  ]),
  mutation(
    'H4',
    'takes the end of a query for the time of its load',
    'H4 entity in the hand: its query began before the write and ended after it',
    [
      'sweep/query-clock.ts',
      LOADED_AT,
      'return runner.isTransactionActive ? undefined : Date.now()',
    ],
  ),
  mutation(
    'H4',
    'takes a statement in a transaction for as new as any',
    'H4 entity in the hand: loaded in a transaction whose snapshot is older',
    ['sweep/query-clock.ts', LOADED_AT, 'return this.#activities.get(runner)?.busySinceMs'],
  ),
  mutation(
    'H6',
    'mints a missing token when the fill comes',
    'H6 missing at the pin',
    [
      'cache/looking.ts',
      'const pin = await this.#complete(fragment, found.reading)',
      'const pin = found.reading.tokens.includes(undefined) ? NO_PIN : await this.#complete(fragment, found.reading)',
    ],
    [
      'cache/loading.ts',
      FILL,
      'filling.store({ fragment, pin: pin === NO_PIN ? await pins.pin(fragment.tokens, tokenLifeMs(fragment.ttlMs)) : pin, load, value: encoded, loadMs, isFromPrimary })',
    ],
  ),
  mutation(
    'H9c',
    'serves from the cache in a transaction that has written',
    'H9c value made inside an open transaction',
    ['sweeper/reads.ts', 'hasWritten: unit?.hasWritten ?? false,', 'hasWritten: false,'],
  ),
  mutation(
    'H9c',
    'stores what was made from an instance of an open transaction',
    'H9c value made inside an open transaction: rolled back to a savepoint',
    [
      'sweeper/reads.ts',
      'if (subjects.some(({ instance }) => instance?.inTransaction === true))',
      'if (subjects.length === 0)',
    ],
    ['cache/filling.ts', UNPROVEN, NEVER_UNPROVEN],
  ),
  mutation('H13', 'takes an equal attribute for an equal version', 'H13 attribute as version', [
    'cache/lookup.ts',
    'const isSwept = !head.matches(stamps)',
    'const isSwept = !head.matches(stamps) && (attribute === undefined || attribute !== head.attribute)',
  ]),
  mutation(
    'H23',
    'keeps what a lagging replica says',
    'H23 replica of the database a cached query that a replica has answered within replicaLag of a write is not kept',
    ['cache/filling.ts', 'lagMs === 0 || isFromPrimary === true', 'lagMs >= 0'],
  ),
  mutation('H24', 'stores what was read in a transaction', 'H24 old snapshot', [
    'sweeper/reads.ts',
    'isOpen: runner.isTransactionActive || unit !== undefined,',
    'isOpen: false,',
  ]),
  mutation('H24', 'shares loads of any transaction', 'H24 old snapshot: shared with others', [
    'cache/loading.ts',
    'return transaction.isOpen ?',
    'return transaction.isOpen && fragment === undefined ?',
  ]),
  mutation('H25c', 'stores beside an open transaction', 'H25c one query runner', [
    'cache/loading.ts',
    'if (!transaction.isOpen && wasQuiet()) {',
    'if (!transaction.isOpen) {',
  ]),
  mutation(
    'H25c',
    'does not count transactions that have come and gone',
    'H25c one query runner: a transaction that begins and ends while the value is loaded',
    [
      'sweeper/reads.ts',
      'return () => !wasOpen && !isOpen() && units.begun === begun',
      'return () => !wasOpen && !isOpen() && units.begun >= begun',
    ],
  ),
  mutation('H26', 'shares no loads', 'H26 stampede', [
    'cache/loading.ts',
    'if (fresh || isNameless(transaction))',
    'if (fragment !== undefined)',
  ]),
  mutation('H26b', 'shares loads whatever their tokens', 'H26b joining an older flight', [
    'cache/loading.ts',
    '`${flightKey(asking)}\\n${pin.seen}`',
    'flightKey(asking)',
  ]),
  mutation('H26d', 'joins any load under the same marks', 'H26d going back by an older load', [
    'cache/loading.ts',
    'const made = pin.marked\n',
    'const made = pin.marked && fragment === undefined\n',
  ]),
  ...['through another fragment', 'its own key'].map((what) =>
    mutation(
      'H26c',
      'lets loads wait for themselves',
      `H26c a load that waits for itself: ${what}`,
      ['core/flight.ts', 'this.#waiting.refuseCircle()', ''],
    ),
  ),
  mutation('H28', 'joins what a value varies by', 'H28 keys', [
    'core/keyspace.ts',
    '`?${encodeVary(vary)}`',
    "`?${vary.join(':')}`",
  ]),
  mutation('H29', 'leaves the tenant out of the keys', 'H29 tenants', [
    'core/keyspace.ts',
    'this.#namespace = namespace\n',
    "this.#namespace = namespace.split('.')[0] ?? ''\n",
  ]),
  mutation('H29', 'lets two share a namespace', 'H29 tenants: in memory', [
    'sweeper/attachment.ts',
    'if (taken.has(namespace))',
    'if (taken.size < 0)',
  ]),
  mutation('H32', 'reads entries of any format', 'H32 deploys: an entry of a newer release', [
    'core/entry-head.ts',
    'if (buffer[ENTRY_LAYOUT.format] !== ENTRY_FORMAT) return undefined',
    '',
  ]),
  mutation('H33', 'says nothing', 'H33 MemoryStore with several processes', [
    'store/several-processes.ts',
    'const sign = warned ? undefined : signOfSeveralProcesses()',
    'const sign = undefined',
  ]),
]
