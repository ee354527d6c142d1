import { AsyncContext } from '../core/async-context'
import type { Events } from '../core/events'
import type { ShadowEvent, SweeperEvents } from '../core/sweeper-events'
import { subjectLabel } from './fragment'
import type { ShadowSample, ShadowVerdict } from './shadow-check'

/** How hits are loaded anew and compared. */
export interface ShadowSettings {
  /** How many of the hits: 0.01 for one in a hundred. */
  readonly rate: number
  readonly delayMs: number
  /** How many loads at once. */
  readonly concurrency: number
}

export interface ShadowParts {
  readonly settings: ShadowSettings
  readonly events: Events<SweeperEvents>
  /** @returns undefined where it was aborted */
  check(sample: ShadowSample, signal: AbortSignal): Promise<ShadowVerdict | undefined>
  random(): number
}

/** So many samples wait at most: each holds a copy of the value that was served. */
const MAX_WAITING = 100

interface Waiting {
  readonly sample: ShadowSample
  readonly dueMs: number
}

/**
 * Takes some of the hits, has each loaded anew after a delay, a few at once, and tells what came of it. No reader waits
 * for it, and nothing that it does or meets reaches one.
 */
export class Shadow {
  readonly #parts: ShadowParts
  readonly #loading = new AsyncContext<true>()
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(parts: ShadowParts) {
    this.#parts = parts
  }

  /** Inside such a load nothing is served from the cache and nothing is kept: else it would compare the cache with itself. */
  get isLoading(): boolean {
    return this.#loading.current === true
  }

  /** Whether a hit is one of those that are compared. */
  picks(): boolean {
    const { random, settings } = this.#parts
    return random() < settings.rate && !this.#closing.signal.aborted
  }

  /** Compares it later. What comes while too many wait is let go, and told. */
  add(sample: ShadowSample): void {
    if (this.#waiting.length >= MAX_WAITING) return this.#tell(sample, { outcome: 'dropped' })
    const dueMs = performance.now() + this.#parts.settings.delayMs
    this.#waiting.push({ sample, dueMs })
    this.#next()
  }

  /** What waits is forgotten; who is loading is told to stop, and waited for within this time. Never rejects. */
  async close(ms: number): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#timer)
    this.#waiting.length = 0
    if (this.#running.size === 0) return
    let timer: NodeJS.Timeout | undefined
    const waitedFor = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([Promise.all(this.#running), waitedFor])
    clearTimeout(timer)
  }

  /** The delay is the same for all, so that the first to come is the first to be due. */
  #next(): void {
    const [first] = this.#waiting
    if (first === undefined || this.#timer !== undefined) return
    if (this.#running.size >= this.#parts.settings.concurrency) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#waiting.shift()
        this.#start(first)
        this.#next()
      },
      Math.max(0, first.dueMs - performance.now()),
    ).unref()
  }

  #start({ sample }: Waiting): void {
    const checked = sample.context
      .runInAsyncScope(() => this.#loading.runToEnd(true, () => this.#check(sample)))
      .finally(() => {
        this.#running.delete(checked)
        this.#next()
      })
    this.#running.add(checked)
  }

  async #check(sample: ShadowSample): Promise<void> {
    const verdict = await this.#parts.check(sample, this.#closing.signal)
    if (verdict !== undefined) this.#tell(sample, verdict)
  }

  #tell({ fragment, ageMs }: ShadowSample, verdict: ShadowVerdict): void {
    this.#parts.events.emit('shadow', (): ShadowEvent => ({
      subject: subjectLabel(fragment.subjects),
      key: fragment.name,
      ageMs,
      ...verdict,
    }))
  }
}
