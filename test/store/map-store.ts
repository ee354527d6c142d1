import type { EntryWrite, Store, StoreReply, TokenSweep } from '../../src/index'
import * as kit from '../../src/store-kit'

type Transition = (slot: kit.Slot | undefined, at: kit.Moment) => kit.Slot | undefined

export class MapStore implements Store {
  readonly name = 'map'
  readonly #epoch = kit.newNonce()
  readonly #tokens = new Map<string, kit.Slot>()
  readonly #entries = new Map<string, { value: Buffer; endsMs: number }>()
  #lastUs = 0

  async read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    const living = <T extends { endsMs: number }>(held?: T) =>
      held !== undefined && held.endsMs > Date.now() ? held : undefined
    return {
      tokens: tokenKeys.map((key) => this.#state(living(this.#tokens.get(key)))),
      entries: entryKeys.map((key) => copy(living(this.#entries.get(key))?.value)),
    }
  }
  async mint(tokenKeys: readonly string[], lifeMs: number) {
    this.#change(tokenKeys, (slot, at) => kit.mint(slot, kit.wholeLife(lifeMs), at))
    return (await this.read(tokenKeys, [])).tokens.filter((state) => state !== undefined)
  }
  async write(entries: readonly EntryWrite[]): Promise<void> {
    for (const { key, value, lifeMs, tokenKeys } of entries.filter((entry) => entry.lifeMs > 0)) {
      const endsMs = Date.now() + lifeMs
      this.#entries.set(key, { value: Buffer.from(value), endsMs })
      this.#change(tokenKeys, (slot) =>
        slot === undefined || slot.text.startsWith('!') || slot.endsMs > endsMs
          ? slot
          : { ...slot, endsMs },
      )
    }
  }
  async remove(entryKeys: readonly string[]): Promise<void> {
    for (const key of entryKeys) this.#entries.delete(key)
  }
  async mark(tokenKeys: readonly string[], owner: string, lastsMs: number) {
    return this.#change(tokenKeys, (slot, at) =>
      kit.mark(slot, kit.markOwner(owner, lastsMs, at.ms), at),
    )
  }
  async unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    this.#change(tokenKeys, (slot, at) => kit.unmark(slot, owner, at))
  }
  async sweep(sweeps: readonly TokenSweep[], owner?: string) {
    return sweeps.flatMap(({ key, row }) =>
      this.#change([key], (slot, at) => kit.sweep(slot, { row, owner }, at)),
    )
  }
  clock() {
    return { offsetMs: 0, errorMs: 0 }
  }
  async close(): Promise<void> {}

  #change(keys: readonly string[], transition: Transition) {
    const ms = Date.now()
    this.#lastUs = Math.max(this.#lastUs + 1, ms * 1000)
    const at = { us: this.#lastUs, ms, nonce: kit.newNonce() }
    return keys.map((key) => {
      const held = this.#tokens.get(key)
      const before = held !== undefined && held.endsMs > ms ? held : undefined
      const after = transition(before, at)
      if (after === undefined) this.#tokens.delete(key)
      else this.#tokens.set(key, after)
      return this.#state(before)
    })
  }
  #state(slot: kit.Slot | undefined) {
    return slot && kit.parseToken(slot.text, this.#epoch)
  }
}

const copy = (value: Buffer | undefined) => value && Buffer.from(value)
