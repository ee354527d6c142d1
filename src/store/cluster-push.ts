import { StoreUnavailableError } from '../core/errors'
import type { ClusterMember } from './cluster-members'
import { withDeadline } from './deadline'
import type { Push, PushListener } from './push'
import type { RedisSubscriber } from './redis-client'
import { RedisPush } from './redis-push'

/** The servers are asked who they are this often; this long after, nobody knows what they are. */
const LOOK_MS = 1_000
const OLD_MS = 3 * LOOK_MS

/** After a loss they are asked at most this often. */
const PAUSE_MS = 100

export interface ClusterPushOptions {
  readonly store: string
  /** Asks one server for all there are; another one each time. */
  members(): Promise<readonly ClusterMember[]>
  /** The address of one, from here. */
  reach(member: ClusterMember): string
  /** Connects to an address. */
  connect(address: string): RedisSubscriber
}

interface Ear {
  readonly push: RedisPush
  hears: boolean
}

/**
 * Hears the moves of a namespace at every server of a cluster, each over a connection of its own, replicas included: a
 * move is told by the server that made it, in order with its reply, and whoever takes over slots is listened to already.
 * A fence is a PING to all of them.
 *
 * Deaf while one that may serve tokens is not heard. One that joins has to be a member for three seconds before it is
 * given slots: it is only then certain to be listened to.
 */
export class ClusterPush implements Push {
  readonly #namespace: string
  readonly #listener: PushListener
  readonly #options: ClusterPushOptions
  readonly #ears = new Map<string, Ear>()
  readonly #timer: NodeJS.Timeout
  /** Who has to be heard; undefined until the servers were asked. */
  #needed: ReadonlySet<string> | undefined
  #lookedAtMs = -Infinity
  #seenAtMs = -Infinity
  #looking: Promise<void> | undefined
  #soon: NodeJS.Timeout | undefined
  #isListening = false
  #isClosed = false
  #generation = 0

  constructor(namespace: string, listener: PushListener, options: ClusterPushOptions) {
    this.#namespace = namespace
    this.#listener = listener
    this.#options = options
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref()
    void this.#look()
  }

  async fence(): Promise<void> {
    const generation = this.#generation
    if (!this.#isListening) throw this.#failure('not-connected')
    // Somebody may have joined since: a process that was stopped for a while does not know.
    if (performance.now() - this.#seenAtMs > OLD_MS) throw this.#failure('topology-unknown')
    const heard = [...this.#ears.values()].filter(({ hears }) => hears)
    await Promise.all(heard.map(({ push }) => push.fence()))
    if (generation !== this.#generation) throw this.#failure('connection-changed')
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#timer)
    clearTimeout(this.#soon)
    for (const { push } of this.#ears.values()) push.close()
    this.#ears.clear()
    this.#compare()
  }

  /** Who is there? Never rejects: whoever has no answer goes on with the old one, and a fence knows how old it is. */
  #look(): Promise<void> {
    if (this.#looking !== undefined) return this.#looking
    const askedAtMs = (this.#lookedAtMs = performance.now())
    const late = (): Error => this.#failure('timeout')
    this.#looking = withDeadline(this.#options.members(), LOOK_MS, late)
      .then(
        (members) => this.#heed(members, askedAtMs),
        () => undefined,
      )
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  #lookSoon(): void {
    if (this.#isClosed || this.#soon !== undefined) return
    const pauseMs = Math.max(0, this.#lookedAtMs + PAUSE_MS - performance.now())
    this.#soon = setTimeout(() => {
      this.#soon = undefined
      void this.#look()
    }, pauseMs).unref()
  }

  #heed(members: readonly ClusterMember[], askedAtMs: number): void {
    if (this.#isClosed) return
    const found = members.map((member) => ({ member, address: this.#options.reach(member) }))
    const known = new Set(found.map(({ address }) => address))
    for (const address of known) if (!this.#ears.has(address)) this.#listenTo(address)
    for (const [address, ear] of this.#ears)
      if (!ear.hears && !known.has(address)) this.#drop(address)
    const needed = found.filter(({ member }) => member.mayServe)
    this.#needed = new Set(needed.map(({ address }) => address))
    this.#seenAtMs = askedAtMs
    this.#compare()
    if (!this.#isListening) this.#lookSoon()
  }

  #listenTo(address: string): void {
    const told: PushListener = {
      moved: (keys) => this.#listener.moved(keys),
      listening: () => this.#hears(ear, true),
      deaf: () => this.#hears(ear, false),
    }
    const client = this.#options.connect(address)
    const push = new RedisPush(client, this.#namespace, told, {
      store: this.#options.store,
      keyPrefix: '',
    })
    const ear: Ear = { push, hears: false }
    this.#ears.set(address, ear)
  }

  /** It is not listed, and was not heard when it was looked for: one that is heard stays, as who lists them may be behind. */
  #drop(address: string): void {
    this.#ears.get(address)?.push.close()
    this.#ears.delete(address)
  }

  #hears(ear: Ear, hears: boolean): void {
    const wasListening = this.#isListening
    ear.hears = hears
    this.#generation++
    this.#compare()
    // One that could be done without: whoever says so may have been behind, and it may have told of moves already.
    if (hears && wasListening && this.#isListening) this.#listener.listening()
    if (!this.#isListening) this.#lookSoon()
  }

  #compare(): void {
    const needed = this.#isClosed ? undefined : this.#needed
    const isSure =
      needed !== undefined &&
      [...needed].every((address) => this.#ears.get(address)?.hears === true)
    if (isSure === this.#isListening) return
    this.#isListening = isSure
    if (isSure) this.#listener.listening()
    else this.#listener.deaf()
  }

  #failure(reason: string): StoreUnavailableError {
    return new StoreUnavailableError(this.#options.store, 'fence', reason)
  }
}
