import { AsyncLocalStorage } from 'node:async_hooks'
import { InvalidOptionError, InvalidSubjectError } from '../index'
import type { Duration, FactoryContext, On, Sweeper } from '../index'

/** What a `cachesweeper` tag was given, evaluated. */
export interface TagValues {
  /** How the record is written in the template, for messages. */
  readonly recordText: string
  readonly record: unknown
  /** After the record: seconds, then what the fragment varies by. */
  readonly positional: readonly unknown[]
  readonly named: ReadonlyMap<string, unknown>
}

/** A part of a page that is cached. */
export interface TemplateFragment {
  readonly on: On
  readonly key: string
  readonly vary: readonly unknown[]
  readonly ttl: Duration | undefined
  /** Templates that the body includes by names that only its rendering knows. */
  readonly partials: readonly string[]
}

export const TAG_OPTIONS: readonly string[] = ['key', 'ttl', 'vary', 'partials']

/**
 * @throws {InvalidSubjectError} SWEEPER_INVALID_SUBJECT for a record that is not there
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION
 */
export function fragmentOf({ recordText, record, positional, named }: TagValues): TemplateFragment {
  if (record === undefined || record === null)
    throw new InvalidSubjectError(
      `cachesweeper: "${recordText}" is ${String(record)} here; hand the template an entity, or what record(Entity, id) returns`,
    )
  const vary = [...positional.slice(1), ...listOf(named.get('vary'))]
  const name = named.get('key') ?? positional[1]
  return {
    // Everything else that is no record is refused by the Sweeper, which knows the entities.
    on: record as On,
    key: typeof name === 'string' && name !== '' ? name : 'cachesweeper',
    vary,
    ttl: ttlOf(positional, named),
    partials: listOf(named.get('partials')).map(String),
  }
}

function ttlOf(
  positional: readonly unknown[],
  named: ReadonlyMap<string, unknown>,
): Duration | undefined {
  // What is no duration is refused by the Sweeper.
  if (named.has('ttl')) return named.get('ttl') as Duration
  if (positional.length === 0) return undefined
  const [seconds] = positional
  if (typeof seconds === 'number' && seconds >= 0) return seconds * 1000
  throw new InvalidOptionError(
    `cachesweeper: ${JSON.stringify(seconds) ?? typeof seconds} is no number of seconds; after the record come seconds, then what the fragment varies by, or name it: ttl: "10m"`,
  )
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? (value as readonly unknown[]) : [value]
}

/** The load that surrounds the rendering of a fragment. */
interface Outer {
  readonly sweeper: Sweeper
  readonly context: FactoryContext<On>
}

const outers = new AsyncLocalStorage<Outer>()

/**
 * The fragment's text: cached, or rendered. What is cached inside a body that is being rendered becomes a part of it:
 * the outer fragment depends on all that the inner one depends on.
 *
 * @param digest stands for the text of the body and of all it includes
 */
export function cachedFragment(
  sweeper: Sweeper,
  fragment: TemplateFragment & { readonly digest: string },
  render: () => Promise<string>,
): Promise<string> {
  const { on, key, vary, ttl, digest } = fragment
  const outer = outers.getStore()
  // Another Sweeper's tokens cannot be compared with this fragment, so it is rendered each time.
  if (outer !== undefined && outer.sweeper !== sweeper) outer.context.skip()
  return sweeper.getOrSet({
    on,
    key,
    vary: [digest, ...vary],
    ...(ttl !== undefined && { ttl }),
    ...(outer?.sweeper === sweeper && { partOf: outer.context }),
    // Its variables are there while the page is rendered.
    shadow: false,
    factory: (context) => outers.run({ sweeper, context }, render),
  })
}
