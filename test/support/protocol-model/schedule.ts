import * as fc from 'fast-check'

export const RECORDS = ['a', 'b'] as const
export const PROCESSES = 2

/** How a write ends. `in-doubt`: its process was not told, and has to treat it as committed. */
export type Ending =
  'commit' | 'roll-back' | 'die' | 'in-doubt: committed' | 'in-doubt: rolled back'

/** How far a reader or writer goes at once: to its end, until it holds a value or a COMMIT back, or not at all. */
export type Drive = 'to its end' | 'half-way' | 'not yet'

/** What happens next. In a `quiet` moment nothing is on its way and all marks have ended: nothing stale may be left. */
export type Step =
  | { readonly kind: 'turns'; readonly number: number; readonly times: number; readonly ms: number }
  | { readonly kind: 'all-turns' }
  | { readonly kind: 'quiet' }
  | {
      readonly kind: 'read'
      readonly process: number
      readonly record: string
      readonly drive: Drive
    }
  | { readonly kind: 'read-old-snapshot'; readonly process: number; readonly record: string }
  | {
      readonly kind: 'write'
      readonly process: number
      readonly record: string
      readonly ending: Ending
      readonly readsBefore: boolean
      readonly drive: Drive
      readonly ms: number
    }
  | { readonly kind: 'evict'; readonly record: string }
  | { readonly kind: 'flush' }
  | { readonly kind: 'resend'; readonly number: number }

const ENDINGS: readonly Ending[] = [
  'commit',
  'roll-back',
  'die',
  'in-doubt: committed',
  'in-doubt: rolled back',
]
const DISTURBANCES = ['read-old-snapshot', 'evict', 'flush', 'resend'] as const
const DRIVES: readonly Drive[] = ['to its end', 'half-way', 'not yet']

/** What a schedule is made of. Each leaves some out: what is rare among everything is frequent among little. */
interface Mix {
  readonly endings: readonly Ending[]
  readonly disturbances: readonly (typeof DISTURBANCES)[number][]
  readonly records: readonly string[]
  /** How much time may pass between two steps. */
  readonly pace: readonly number[]
}

const mix: fc.Arbitrary<Mix> = fc.record({
  endings: fc.oneof(
    fc.subarray([...ENDINGS], { minLength: 1 }),
    fc.constant<Ending[]>(['die', 'roll-back']),
  ),
  disturbances: fc.oneof(fc.subarray([...DISTURBANCES]), fc.constant([])),
  records: fc.constantFrom(['a'], ['a'], [...RECORDS]),
  pace: fc.constantFrom([0], [1, 600], [1, 600], [1, 100, 300, 600, 1_100]),
})

function stepOf({ endings, disturbances, records, pace }: Mix): fc.Arbitrary<Step> {
  const process = fc.nat(PROCESSES - 1)
  const record = fc.constantFrom(...records)
  const drive = fc.constantFrom(...DRIVES)
  const ms = fc.constantFrom(...pace)
  const disturbing = {
    'read-old-snapshot': fc.record({ kind: fc.constant('read-old-snapshot'), process, record }),
    evict: fc.record({ kind: fc.constant('evict'), record }),
    flush: fc.record({ kind: fc.constant('flush') }),
    resend: fc.record({ kind: fc.constant('resend'), number: fc.nat(20) }),
  } as const satisfies Record<string, fc.Arbitrary<Step>>
  const reading = fc.record({ kind: fc.constant('read'), process, record, drive } as const)
  const writing = fc.record({
    kind: fc.constant('write'),
    process,
    record,
    ending: fc.constantFrom(...endings),
    readsBefore: fc.boolean(),
    drive,
    ms,
  } as const)
  const moving = fc.record({
    kind: fc.constant('turns'),
    number: fc.nat(4),
    times: fc.integer({ min: 1, max: 10 }),
    ms,
  } as const)
  return fc.oneof<fc.MaybeWeightedArbitrary<Step>[]>(
    { weight: 8, arbitrary: moving },
    { weight: 3, arbitrary: fc.constant({ kind: 'all-turns' }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'quiet' }) },
    { weight: 5, arbitrary: reading },
    { weight: 5, arbitrary: writing },
    ...disturbances.map((kind) => ({ weight: 2, arbitrary: disturbing[kind] })),
  )
}

export const schedule: fc.Arbitrary<Step[]> = mix.chain((chosen) =>
  fc.array(stepOf(chosen), { minLength: 1, maxLength: 50, size: 'max' }),
)
