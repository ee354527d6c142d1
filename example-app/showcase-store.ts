import type { Store } from '../src/index'

type Call<T> = (store: Store) => Promise<T>

/** A store that counts its calls, and that one can stop, and start again, to see what happens. */
export class ShowcaseStore implements Store {
  readonly name: string
  readonly #open: () => Store
  readonly #connected = new Set<() => void>()
  #store: Store
  #running = true
  #roundTrips = 0

  /** @param open makes the store, and makes it again when it is started: what was in memory is gone by then */
  constructor(open: () => Store) {
    this.#open = open
    this.#store = open()
    this.name = this.#store.name
  }

  get running(): boolean {
    return this.#running
  }

  /** Calls so far, but for fills: nobody waits for these. */
  get roundTrips(): number {
    return this.#roundTrips
  }

  stop(): void {
    this.#running = false
  }

  start(): void {
    if (this.#running) return
    this.#store = this.#open()
    this.#running = true
    for (const listener of this.#connected) listener()
  }

  read: Store['read'] = (...keys) => this.#ask((store) => store.read(...keys))
  mint: Store['mint'] = (...tokens) => this.#ask((store) => store.mint(...tokens))
  mark: Store['mark'] = (...marks) => this.#ask((store) => store.mark(...marks))
  unmark: Store['unmark'] = (...marks) => this.#ask((store) => store.unmark(...marks))
  sweep: Store['sweep'] = (...sweeps) => this.#ask((store) => store.sweep(...sweeps))
  write: Store['write'] = (entries) => this.#reach((store) => store.write(entries))
  remove: Store['remove'] = (keys) => this.#reach((store) => store.remove(keys))

  clock(): ReturnType<Store['clock']> {
    return this.#running ? this.#store.clock() : undefined
  }

  onConnected(listener: () => void): () => void {
    this.#connected.add(listener)
    const off = this.#store.onConnected?.(listener)
    return () => {
      this.#connected.delete(listener)
      off?.()
    }
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #ask<T>(call: Call<T>): Promise<T> {
    this.#roundTrips += 1
    return this.#reach(call)
  }

  async #reach<T>(call: Call<T>): Promise<T> {
    if (!this.#running) throw new Error('the store is stopped')
    return call(this.#store)
  }
}
