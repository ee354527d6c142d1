import { InvalidOptionError, type OnSubject } from '../index'
import { SweepRecorder } from './sweep-recorder'

/** What an assertion comes to. */
export interface Verdict {
  readonly pass: boolean
  readonly message: string
}

/** All of these were swept. */
export function wereSwept(received: unknown, expected: readonly OnSubject[]): Verdict {
  const sweeps = recorderOf(received, expected)
  const missing = labelsOf(sweeps, expected, (subject) => !sweeps.has(subject))
  return {
    pass: missing.length === 0,
    message: `expected ${missing.join(', ')} to have been swept; swept was ${shown(sweeps)}`,
  }
}

/** None of these was swept. */
export function wereLeftAlone(received: unknown, expected: readonly OnSubject[]): Verdict {
  const sweeps = recorderOf(received, expected)
  const found = labelsOf(sweeps, expected, (subject) => sweeps.has(subject))
  return {
    pass: found.length === 0,
    message: `expected ${found.join(', ')} not to have been swept; swept was ${shown(sweeps)}`,
  }
}

/** These were swept and nothing else; none given: nothing was. */
export function wereSweptExactly(received: unknown, expected: readonly OnSubject[]): Verdict {
  const sweeps = recorderOf(received)
  const wanted = new Set(labelsOf(sweeps, expected, () => true))
  const swept = new Set([...sweeps.records, ...sweeps.types])
  const missing = [...wanted].filter((label) => !swept.has(label))
  const surplus = [...swept].filter((label) => !wanted.has(label))
  const list = wanted.size === 0 ? 'nothing' : [...wanted].join(', ')
  const faults = [
    ...(missing.length === 0 ? [] : [`without ${missing.join(', ')}`]),
    ...(surplus.length === 0 ? [] : [`beyond it ${surplus.join(', ')}`]),
  ].join(', ')
  return {
    pass: faults === '',
    message: `expected exactly ${list} to have been swept; ${faults || 'it was'}; swept was ${shown(sweeps)}`,
  }
}

/** @throws {InvalidOptionError} SWEEPER_INVALID_OPTION for what is no recording, or for no subject where one is needed */
function recorderOf(received: unknown, expected?: readonly OnSubject[]): SweepRecorder {
  if (!(received instanceof SweepRecorder))
    throw new InvalidOptionError(
      `swept: a value of type ${typeof received} is no recording; give what recordSweeps(sweeper) returned`,
    )
  // An assertion about nothing would always hold.
  if (expected?.length === 0)
    throw new InvalidOptionError(
      'swept: no subject is given; name records or types, or use the exact form for "nothing"',
    )
  return received
}

function labelsOf(
  sweeps: SweepRecorder,
  subjects: readonly OnSubject[],
  wanted: (subject: OnSubject) => boolean,
): readonly string[] {
  return subjects.filter(wanted).flatMap((subject) => sweeps.labels(subject))
}

/** Each record with why: `Article:7 (update of Comment:17)`. */
function shown(sweeps: SweepRecorder): string {
  const causes = sweeps.events.flatMap((event) =>
    event.causes.map(({ record, operation, path }) =>
      path.length === 0
        ? `${record} (${operation})`
        : `${record} (${operation} of ${path.join(' > ')})`,
    ),
  )
  const all = [...causes, ...sweeps.types.map((type) => `all of ${type}`)]
  return all.length === 0 ? 'nothing' : [...new Set(all)].join(', ')
}
