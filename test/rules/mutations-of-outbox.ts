import { mutation } from './mutation'

const RECORD = [
  'sweep/closing.ts',
  'if (!unit.isAlone) await this.#parts.recorder?.record(unit, frame)',
  '',
] as const

/** Rules of durable sweeps, and of those that the store does not take. */
export const MUTATIONS_OF_OUTBOX = [
  mutation(
    'outbox',
    'records nothing before COMMIT',
    'without the table a write fails, says what to do, and nothing is committed',
    RECORD,
  ),
  mutation(
    'outbox',
    'records nothing at all',
    'what a writer could not tell the store, another process tells it',
    RECORD,
    [
      'sweep/closing.ts',
      'if (unit.recorded.length === 0) await recorder?.recordLate(unit, frame)',
      '',
    ],
  ),
  mutation(
    'outbox',
    'delivers at the first look',
    'what only one look has seen is left to its writer',
    ['outbox/delivery.ts', 'const upTo = this.#seen', 'const upTo = Number.MAX_SAFE_INTEGER'],
  ),
  mutation(
    'H11',
    'does not follow what it delivers for others',
    'a record that has moved since is followed to where it is',
    [
      'outbox/resolving.ts',
      'const from = [...start, ...frame.reached.values()]',
      'const from = [...frame.reached.values()]',
    ],
  ),
  mutation(
    'outbox',
    'claims what others have claimed',
    'two processes that deliver at the same time share the rows: none is delivered twice',
    ['outbox/outbox-table.ts', "' FOR UPDATE SKIP LOCKED'", "''"],
  ),
  mutation(
    'outbox',
    'waits for its own delivery alone',
    'under onStoreError: throw a write waits until anybody has delivered it',
    [
      'sweep/closing.ts',
      'firstTrue([sweeps.deliverWithin(deliveryMs), byOthers])',
      'firstTrue([sweeps.deliverWithin(deliveryMs)])',
    ],
  ),
  mutation(
    'outbox',
    'sets no marks, though asked to',
    'before its sweep arrives a committed write is seen everywhere',
    [
      'sweep/closing.ts',
      'if (this.marking.isOn) await this.#markAll(unit, frame)',
      "if (unit.owner === '') await this.#markAll(unit, frame)",
    ],
  ),
  mutation(
    'H30',
    'forgets what comes while everything is on its way',
    'are delivered also when they come while everything is on its way',
    ['version/undelivered.ts', 'this.#isEverything = false\n    this.#inFlight', 'this.#inFlight'],
  ),
]
