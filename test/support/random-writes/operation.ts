import type { EntityManager } from 'typeorm'
import type { Draw } from './draw'
import type { DatabaseName } from './raw-database'

/** One write, drawn: what it does depends on nothing but its arguments and the rows it meets. */
export interface Operation {
  readonly kind: string
  readonly text: string
  run(manager: EntityManager): Promise<unknown>
}

/** One way to write. */
export interface OperationKind {
  readonly kind: string
  /** Databases that have it. */
  readonly on: readonly DatabaseName[]
  draw(draw: Draw): Operation
}

const EVERYWHERE: readonly DatabaseName[] = ['postgres', 'mariadb', 'sqlite']

export function way<A>(
  kind: string,
  args: (draw: Draw) => A,
  run: (manager: EntityManager, args: A) => Promise<unknown>,
  on: readonly DatabaseName[] = EVERYWHERE,
): OperationKind {
  return {
    kind,
    on,
    draw: (draw) => {
      const drawn = args(draw)
      return {
        kind,
        text: `${kind} ${JSON.stringify(drawn)}`,
        run: (manager) => run(manager, drawn),
      }
    },
  }
}
