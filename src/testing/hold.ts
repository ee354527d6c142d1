/** A gate that steps wait at until a test opens it. */
export interface Gate {
  readonly passed: Promise<void>
  open(): void
}

export function gate(): Gate {
  let open: () => void = () => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

/** Where steps of others stop, and go on when the test says so. */
export class Hold {
  readonly #reached = gate()
  readonly #released = gate()
  #failure: Error | undefined
  #count = 0

  /** How many steps have come here. */
  get count(): number {
    return this.#count
  }

  /** Resolves when a step has come here. */
  get reached(): Promise<void> {
    return this.#reached.passed
  }

  /** Lets them go on. */
  release(): void {
    this.#released.open()
  }

  /** Lets them go on by failing. */
  fail(failure: Error): void {
    this.#failure = failure
    this.release()
  }

  /** For the steps themselves. */
  async here(): Promise<void> {
    this.#count++
    this.#reached.open()
    await this.#released.passed
    if (this.#failure !== undefined) throw this.#failure
  }
}
