import type { Frame } from './frame'
import type { UnitOfWork } from './unit-of-work'

/** Keeps sweeps in the database, in the transaction they belong to, until they are delivered. */
export interface Recorder {
  /** Inside the unit's transaction, just before COMMIT. What it rejects with, COMMIT must not pass. */
  record(unit: UnitOfWork, frame: Frame): Promise<void>
  /** After the fact, for what had no transaction to be recorded in. Never rejects. */
  recordLate(unit: UnitOfWork, frame: Frame): Promise<void>
  /** The unit's sweep was acknowledged: its rows have served. Returns at once. */
  delivered(unit: UnitOfWork): void
  /** Waits until anybody has delivered the unit's rows. False when the time is up. */
  deliveredWithin(unit: UnitOfWork, ms: number): Promise<boolean>
}
