import { type Channel, channel } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { isPromise } from 'node:util/types'

type Listener = (payload: unknown) => unknown

/** One event. */
class Topic {
  /** Replaced and never changed, so that a listener may come or go while others are being told. */
  listeners: readonly Listener[] = []
  readonly channel: Channel

  constructor(name: string) {
    this.channel = channel(`typeorm-sweeper:${name}`)
  }

  /** Whether anybody would be told. */
  get isHeard(): boolean {
    return this.listeners.length > 0 || this.channel.hasSubscribers
  }
}

/**
 * Tells listeners what happens, and the world on `node:diagnostics_channel` as `typeorm-sweeper:<event>`.
 *
 * Cost: one look-up when nobody listens; the payload is built only when somebody does, once for all.
 * A listener that throws, or whose promise rejects, becomes a process warning and never disturbs what it was told about.
 * (Subscribers of a channel answer to Node: what they throw is an uncaught exception, after we are done.)
 */
export class Events<EventMap extends object> {
  readonly #topics = new Map<string, Topic>()

  /**
   * Calls the listener at every event of this name, synchronously.
   *
   * @returns ends that; calling it again does nothing
   */
  on<Name extends keyof EventMap & string>(
    name: Name,
    listener: (payload: EventMap[Name]) => void,
  ): () => void {
    const topic = this.#topic(name)
    // `emit` calls the listeners of a name with the payload of that name alone. A function of its own, so that
    // a listener that was given twice is told twice and taken away once.
    const told: Listener = (payload) => listener(payload as EventMap[Name])
    topic.listeners = [...topic.listeners, told]
    return () => {
      topic.listeners = topic.listeners.filter((other) => other !== told)
    }
  }

  /** For who asks often whether anybody would be told: it costs no look-up then. */
  topic(name: keyof EventMap & string): { readonly isHeard: boolean } {
    return this.#topic(name)
  }

  /** Tells everybody. Never throws but for `make`, which runs only if there is somebody to tell. */
  emit<Name extends keyof EventMap & string>(name: Name, make: () => EventMap[Name]): void {
    const topic = this.#topic(name)
    if (!topic.isHeard) return
    const payload = make()
    for (const listener of topic.listeners) tell(listener, name, payload)
    if (topic.channel.hasSubscribers) topic.channel.publish(payload)
  }

  #topic(name: string): Topic {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = new Topic(name)
      this.#topics.set(name, topic)
    }
    return topic
  }
}

function tell(listener: Listener, name: string, payload: unknown): void {
  try {
    const outcome = listener(payload)
    if (isPromise(outcome)) outcome.catch((error: unknown) => warn(name, error))
  } catch (error) {
    warn(name, error)
  }
}

function warn(name: string, error: unknown): void {
  const reason =
    error instanceof Error ? `${error.name}: ${error.message}` : inspect(error, { depth: 0 })
  process.emitWarning(`listener of "${name}": it failed with ${reason}; catch what it throws`, {
    type: 'SweeperWarning',
    code: 'SWEEPER_LISTENER',
  })
}
