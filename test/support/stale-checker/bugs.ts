import { Mutants } from '../../rules/mutants'
import { type Mutation, mutation } from '../../rules/mutation'
import type { Fault } from './faults/fault'
import { RESEND_SWEEP } from './faults/stepped'
import { describeRun } from './report'
import { type RunOptions, runChecker } from './run'

/** A mistake that a design of this kind invites. */
export interface Bug extends Pick<Mutation, 'does' | 'edits'> {
  readonly name: string
  /** The faults under which it shows; the others only take time. All of them where nothing is said. */
  readonly shownBy?: RegExp
  /** Steps in the place of faults at random. */
  readonly steps?: readonly Fault[]
  /** Names of what is read and written; nothing, where none match. */
  readonly readings?: RegExp
  readonly writes?: RegExp
  /** The policy whose promise it breaks, where it is not the one that is asked for. */
  readonly policy?: 'degrade'
}

function bug(name: string, does: string, ...edits: Parameters<typeof mutation>[3][]): Bug {
  const { edits: made } = mutation(name, does, '', ...edits)
  return { name, does, edits: made }
}

/** The second defence, which makes up for what the first one lets through. */
const NO_REPLAY: Parameters<typeof mutation>[3] = [
  'version/sweeps.ts',
  'this.#undelivered.replay(this.#recent.all())',
  'this.#undelivered.isPending',
]

export const BUGS: readonly Bug[] = [
  {
    ...bug(
      'counter',
      'tokens are counted, from 0 wherever there is none',
      ['store/redis-scripts.ts', 'text = both\n', "text = '0-n.0-n'\n"],
      [
        'store/redis-scripts.ts',
        "  if token == '' then return '' end\n",
        "  if token == '' then return '' end\n  local rows, wholes = string.match(token, '^(%d+)-n%.(%d+)-n$')\n  if wholes then return int((rows or 0) + (row and 1 or 0)) .. '-n.' .. int(wholes + 1) .. '-n' end\n",
      ],
    ),
    shownBy: /emptied|evicting/,
  },
  bug('late-token', 'the token is read after the load', [
    'cache/loading.ts',
    'filling.store({ fragment, pin, load, value: encoded, loadMs, isFromPrimary })',
    'filling.store({ fragment, pin: await pins.pin(fragment.tokens, 86_400_000).catch(() => pin), load, value: encoded, loadMs, isFromPrimary })',
  ]),
  {
    ...bug('no-marks', 'nothing is marked before COMMIT', [
      'sweep/closing.ts',
      'if (this.marking.isOn) await this.#markAll(unit, frame)',
      "if (unit.owner === '') await this.#markAll(unit, frame)",
    ]),
    shownBy: /link/,
  },
  {
    ...bug(
      'no-epoch',
      'the life of the store is not compared, and nothing is swept again over a new connection',
      [
        'store/redis-connection.ts',
        'if (epoch !== undefined) return epoch',
        'if (epoch !== undefined) return UNKNOWN_EPOCH',
      ],
      NO_REPLAY,
    ),
    shownBy: /old snapshot/,
  },
  {
    ...bug(
      'client-token',
      'the client makes the token, sends it again when the answer is lost, and believes that answer; nothing is swept again over a new connection',
      [
        'store/redis-scripts.ts',
        "local half = birth .. '-' .. ARGV[1]",
        "local half = '1-' .. ARGV[1]",
      ],
      [
        'store/redis-connection.ts',
        'if (session !== this.#session) throw',
        'if (this.#isClosed) throw',
      ],
      // Its writers go on while their link is cut again and again.
      ['store/circuit.ts', 'const MAX_FAILURES = 5', 'const MAX_FAILURES = 5_000_000'],
      NO_REPLAY,
    ),
    // By chance it takes minutes: nobody must have written or cached anything in between. So nobody else does.
    steps: [RESEND_SWEEP],
    readings: /^$/,
    writes: /^$/,
    policy: 'degrade',
  },
  {
    ...bug('no-distrust', 'the store is trusted while a sweep is not delivered', [
      'version/sweeps.ts',
      'return !this.#undelivered.isPending',
      'return this.#undelivered !== undefined',
    ]),
    shownBy: /refusing writes/,
    policy: 'degrade',
  },
]

/** How long it took to see the bug in reads, and as what; undefined when it was not seen in time. */
export async function findBug(
  { edits, steps, shownBy, readings, writes, policy }: Bug,
  options: RunOptions,
): Promise<{ readonly seconds: number; readonly kind: string } | undefined> {
  const mutants = new Mutants()
  try {
    const build = await mutants.build(edits)
    const faults = steps ?? options.faults.filter(({ name }) => shownBy?.test(name) ?? true)
    const report = await runChecker({
      ...options,
      policy: policy ?? options.policy,
      readings: readings?.source ?? options.readings,
      writes: writes?.source ?? options.writes,
      faults,
      build,
      untilFound: true,
    })
    const { foundAfterSeconds, judge } = report
    const [first] = judge.violations
    if (foundAfterSeconds === undefined || first === undefined) {
      console.log(describeRun(report))
      return undefined
    }
    return { seconds: foundAfterSeconds, kind: `${first.kind}, by ${first.read.reading}` }
  } finally {
    mutants.remove()
  }
}
