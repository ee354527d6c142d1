import type { DataSource } from 'typeorm'
import type { Sweeper } from '../../../../src/index'
import type { Dice } from '../dice'
import type { Sight } from '../sight'

/** What a reading is given. */
export interface ReadingApp {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
  readonly dice: Dice
  /** What this process keeps under versions. */
  readonly byVersion: Map<string, Sight>
}

/** One reading API. A new one is a file beside this one and its line in `all.ts`. */
export interface Reading {
  readonly name: string
  /** How often it is drawn. */
  readonly weight: number
  /** What it saw, each value by itself; nothing where there was nothing to see. */
  read(app: ReadingApp): Promise<readonly Sight[]>
}

/** Few variants are read often, so that most entries stay while their tokens move. */
export function variant(dice: Dice): number {
  return dice.chance(0.8) ? 0 : dice.upTo(6)
}
