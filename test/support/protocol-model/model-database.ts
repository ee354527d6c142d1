/** A row's content: the numbers of the writes that made it what it is. */
export type Content = readonly number[]

interface Write {
  readonly record: string
  state: 'open' | 'committed' | 'rolled-back'
  /** Its writer was told that it is done, sweep included. */
  acknowledged: boolean
}

/** A database of rows that only ever gain writes, so that "older" is "lacks one". Reads are of what is committed. */
export class ModelDatabase {
  readonly #writes: Write[] = []

  begin(record: string): number {
    this.#writes.push({ record, state: 'open', acknowledged: false })
    return this.#writes.length - 1
  }

  commit(write: number): void {
    this.#of(write).state = 'committed'
  }

  rollBack(write: number): void {
    this.#of(write).state = 'rolled-back'
  }

  acknowledge(write: number): void {
    this.#of(write).acknowledged = true
  }

  isCommitted(write: number): boolean {
    return this.#of(write).state === 'committed'
  }

  read(record: string): Content {
    return this.#numbers((write) => write.record === record && write.state === 'committed')
  }

  acknowledged(record: string): Content {
    return this.#numbers(
      (write) => write.record === record && write.acknowledged && write.state === 'committed',
    )
  }

  #numbers(wanted: (write: Write) => boolean): Content {
    return this.#writes.flatMap((write, number) => (wanted(write) ? [number] : []))
  }

  #of(write: number): Write {
    const found = this.#writes[write]
    if (found === undefined) throw new Error(`model: there is no write ${write}`)
    return found
  }
}
