import type { Servers } from './servers'
import type { Quartiles } from './statistics'

/** `again` is the reference once more: how far its ratio is from 1 is the noise. */
export type Role = 'reference' | 'again' | 'limit' | 'peer' | 'ours'

/** One way to do the job of a line. */
export interface Case {
  readonly name: string
  readonly role: Exclude<Role, 'again'>
  /** Before every run, and not timed. */
  prepare?(): Promise<unknown>
  run(): Promise<unknown>
}

/** What a case came to: a ratio to the reference, or what was counted. */
export type Row =
  | {
      readonly name: string
      readonly role: Role
      readonly ratio: Quartiles
      /** Of one run of the job; for the scale, not for comparing. */
      readonly medianUs: number
    }
  | {
      readonly name: string
      readonly role: Role
      readonly counted: string
      readonly isMet?: boolean
    }

export interface Part {
  /** What is measured, and as a ratio to what. */
  readonly title: string
  readonly rows: readonly Row[]
  /** The ratio to the reference that our first row has to keep to. */
  readonly atMost?: number
}

export interface Bench {
  readonly servers: Servers
  /** Small samples: whether it runs, not how fast. */
  readonly fast: boolean
  /** Where the time goes, instead of how much it is. */
  readonly profile?: boolean
}

export interface Line {
  readonly number: number
  readonly title: string
  /** Undefined while the library does not have what the line is about. */
  readonly measure: ((bench: Bench) => Promise<readonly Part[]>) | undefined
}
