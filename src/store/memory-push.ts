import type { Push, PushListener } from './push'

/** Who listens to a store in this process. Moves are told before whoever made them goes on. */
export class MemoryPush {
  readonly #listeners = new Map<PushListener, string>()

  moved(tokenKeys: readonly string[]): void {
    for (const [listener, namespace] of this.#listeners)
      listener.moved(tokenKeys.filter((key) => key.startsWith(`${namespace}:`)))
  }

  listen(namespace: string, listener: PushListener): Push {
    this.#listeners.set(listener, namespace)
    listener.listening()
    return {
      fence: () => Promise.resolve(),
      close: () => {
        this.#listeners.delete(listener)
      },
    }
  }
}
