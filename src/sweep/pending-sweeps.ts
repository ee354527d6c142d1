import { Frame } from './frame'

/**
 * What an open transaction will sweep: a stack of frames, one per savepoint.
 * A released savepoint merges into the frame below it, a rolled back one is dropped,
 * so what is left when the outermost transaction commits is exactly what was committed.
 *
 * The idea of a stack of contexts is django-cacheops' (cacheops/transaction.py).
 */
export class PendingSweeps {
  #frames: Frame[] = [new Frame()]

  /** Where statements that run now note what they change. */
  get top(): Frame {
    const frame = this.#frames.at(-1)
    if (frame === undefined) throw new Error('pending sweeps: the stack is never empty')
    return frame
  }

  get isEmpty(): boolean {
    return this.#frames.every((frame) => frame.isEmpty)
  }

  push(): void {
    this.#frames.push(new Frame())
  }

  /** A savepoint was released. */
  release(): void {
    const inner = this.#frames.pop()
    if (inner === undefined || this.#frames.length === 0) {
      this.#frames = [inner ?? new Frame()]
      return
    }
    this.top.merge(inner)
  }

  /** A savepoint was rolled back. */
  drop(): void {
    this.#frames.pop()
    if (this.#frames.length === 0) this.#frames = [new Frame()]
  }

  /** The database has undone all of it. */
  empty(): void {
    this.#frames = this.#frames.map(() => new Frame())
  }

  /**
   * Merges all frames, open savepoints included: `await using queryRunner` commits with savepoints
   * still open and fires one event (typeorm 1.1.1, QueryRunner[Symbol.asyncDispose]).
   */
  collapse(): Frame {
    while (this.#frames.length > 1) this.release()
    return this.top
  }
}
