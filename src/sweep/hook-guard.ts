import type { UnitOfWork } from './unit-of-work'

/**
 * Keeps errors of our own from the writes of others: told, and never thrown where a hook was called.
 */
export class HookGuard {
  readonly #onFault: (error: unknown) => Promise<void>

  /** @param onFault is told of errors of our own; it makes sure that nothing stays unswept for them */
  constructor(onFault: (error: unknown) => Promise<void>) {
    this.#onFault = onFault
  }

  /** @param isTheirs errors that the caller has to meet */
  async run(
    work: () => Promise<void>,
    isTheirs: (error: unknown) => boolean = () => false,
  ): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (isTheirs(error)) throw error
      await this.#onFault(error)
    }
  }
}

/** Its sweep could not be recorded: COMMIT must not be sent, whatever the error. */
export function isRefusal(unit: UnitOfWork | undefined, error: unknown): boolean {
  return unit?.refusal !== undefined && unit.refusal === error
}
