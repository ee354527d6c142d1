import type { ReadOperation, WriteOperation } from './messages'
import { Registers, type State } from './registers'
import { type Shown, Unswept } from './unswept'

export interface Violation {
  readonly kind:
    | 'stale'
    | 'own write'
    | 'beyond the bound'
    | 'never committed'
    | 'backwards'
    | 'stale at the end'
  readonly read: ReadOperation
  readonly register: string
  readonly seen: number
  readonly expected: number
  /** How long ago the newer state had been acknowledged when the read began. */
  readonly sinceMs: number
}

type GoneBack = Pick<Violation, 'read' | 'register' | 'seen' | 'expected'>
type Acknowledgement = Pick<WriteOperation, 'by' | 'outcome' | 'startMs' | 'endMs'>

export interface JudgeOptions {
  /** Whether nothing is written without marks that were acknowledged: then no reader goes back. */
  readonly hasMarks: boolean
  /** How long what was not delivered may be stale. */
  readonly boundMs: number
  /** Whether the process of this write has died, and with it what it had not delivered. */
  readonly losesWith: (by: string) => boolean
  /** Whether the store may have lost marks that were set in this time: they cannot keep readers from going back then. */
  readonly hasForgotten: (fromMs: number, toMs: number) => boolean
}

/** A writer that does not tell of a write for so long has died. */
const SILENT_MS = 15_000

/** Decides what each read had to see. */
export class Judge {
  readonly registers = new Registers()
  readonly #undelivered = new Registers()
  readonly #options: JudgeOptions
  readonly #lastSeen = new Map<string, Map<string, { n: number; endMs: number }>>()
  /** Reads that went back, until it is known when the write that they had seen before began. */
  #goneBack: GoneBack[] = []
  readonly #startedAtMs = new Map<string, number>()
  readonly violations: Violation[] = []
  readonly acknowledgedAtMs = new Map<string, number>()
  readonly outcomes = new Map<string, WriteOperation['outcome']>()
  checked = 0
  /** Reads of what was not delivered yet, and how old it was at most. */
  readonly bounded = { reads: 0, longestMs: 0 }
  /** The same of what was delivered, while a move of the row was not. */
  readonly behindMoves = { reads: 0, longestMs: 0 }
  /** What is old at the end because its sweep was lost with the writer's process. */
  lost = 0
  /** Reads that went back after the store had lost marks, or without any. */
  excusedBackwards = 0

  constructor(options: JudgeOptions) {
    this.#options = options
  }

  committed(state: State): void {
    this.registers.add(state)
  }

  /** Its states must be known. */
  acknowledged({ by, outcome, startMs, endMs }: Acknowledgement): void {
    this.#startedAtMs.set(by, startMs)
    this.outcomes.set(by, outcome)
    if (outcome === 'failed') return
    this.acknowledgedAtMs.set(by, endMs)
    const registers = outcome === 'delivered' ? this.registers : this.#undelivered
    for (const { register, n } of this.registers.writtenBy(by))
      registers.of(register).acknowledge(n, endMs)
  }

  /** What was acknowledged and committed before the read ended must be known. */
  read(read: ReadOperation): void {
    this.checked++
    const present = new Set<string>()
    for (const [register, n] of read.sight.rows) {
      present.add(register)
      if (n === 0) this.#linked(read, register)
      else this.#row(read, register, n)
    }
    for (const list of read.sight.lists)
      for (const register of this.registers.membersOf(list))
        if (!present.has(register)) this.#absent(read, register, list)
    this.#goesOn(read)
  }

  /** When nothing is written any more: whatever was committed has to be seen. */
  lastRead(read: ReadOperation): void {
    this.checked++
    const present = new Map(read.sight.rows)
    const report = (register: string, seen: number, expected: number): void => {
      if (this.#isLost({ ...read, register, seen })) this.lost++
      else this.#violation('stale at the end', read, { register, seen, expected, sinceMs: 0 })
    }
    for (const [name, n] of read.sight.rows) {
      const { last } = this.registers.of(name)
      if (n !== 0 && n !== last) report(name, n, last)
    }
    for (const list of read.sight.lists)
      for (const name of this.registers.membersOf(list)) {
        const register = this.registers.of(name)
        const stands = register.mayStandIn(list, register.last)
        if (stands !== present.has(name)) report(name, present.get(name) ?? 0, register.last)
      }
  }

  /** What a process has not delivered dies with it, where nothing else keeps it. */
  #isLost(shown: Shown): boolean {
    const { losesWith } = this.#options
    const isSwept = (by: string): boolean => this.outcomes.get(by) === 'delivered' || !losesWith(by)
    return new Unswept(this.registers, isSwept).explains(shown)
  }

  #row(read: ReadOperation, register: string, n: number): void {
    if (!this.registers.of(register).states.has(n))
      this.#violation('never committed', read, { register, seen: n, expected: 0, sinceMs: 0 })
    this.#expect(read, register, n, (floor) => n >= floor)
  }

  #linked(read: ReadOperation, register: string): void {
    const list = read.sight.lists.find((one) => one.startsWith('tags-of:')) ?? ''
    this.#expect(read, register, 0, (floor) => this.registers.of(register).mayStandIn(list, floor))
  }

  #absent(read: ReadOperation, register: string, list: string): void {
    this.#expect(read, register, 0, (floor) => this.registers.of(register).mayBeOutOf(list, floor))
  }

  #expect(
    read: ReadOperation,
    register: string,
    seen: number,
    isRight: (floor: number) => boolean,
  ): void {
    const expected = this.registers.of(register).floor(read.startMs)
    if (!isRight(expected)) {
      const sinceMs = this.#sinceMs(this.registers, read, register, seen)
      const isExplained = seen > 0 && this.#isBehindMove(read, register, seen)
      if (isExplained && sinceMs <= this.#options.boundMs) count(this.behindMoves, sinceMs)
      else this.#violation('stale', read, { register, seen, expected, sinceMs })
      return
    }
    this.#ownWrites(read, register, seen)
    const undelivered = this.#undelivered.of(register).floor(read.startMs)
    if (isRight(undelivered)) return
    const sinceMs = this.#sinceMs(this.#undelivered, read, register, seen)
    count(this.bounded, sinceMs)
    if (sinceMs > this.#options.boundMs)
      this.#violation('beyond the bound', read, { register, seen, expected: undelivered, sinceMs })
  }

  /** A process that has not delivered a sweep does not trust the store, so it sees what it has written. */
  #ownWrites(read: ReadOperation, register: string, seen: number): void {
    if (seen === 0) return
    const own = this.registers
      .of(register)
      .since(seen)
      .find(({ by }) => isOwn(read, by) && this.#isOver(read, by))
    if (own !== undefined && !this.#isBehindMove(read, register, seen))
      this.#violation('own write', read, { register, seen, expected: own.n, sinceMs: 0 })
  }

  #isBehindMove(read: ReadOperation, register: string, seen: number): boolean {
    if (this.#options.hasMarks) return false
    const isSwept = (by: string): boolean =>
      (this.outcomes.get(by) === 'delivered' || isOwn(read, by)) && this.#isOver(read, by)
    return new Unswept(this.registers, isSwept).explains({ ...read, register, seen })
  }

  /** Whether this write had resolved when the read began. */
  #isOver({ startMs }: ReadOperation, by: string): boolean {
    return (this.acknowledgedAtMs.get(by) ?? Infinity) <= startMs
  }

  /** What is absent has no number: then since the newest that had to be seen. */
  #sinceMs(registers: Registers, read: ReadOperation, register: string, seen: number): number {
    const one = registers.of(register)
    const from = seen > 0 ? seen : one.floor(read.startMs) - 1
    return read.startMs - (one.outdatedAtMs(from) ?? read.startMs)
  }

  /** One reader, one row: never back. */
  #goesOn(read: ReadOperation): void {
    let seen = this.#lastSeen.get(read.reader)
    if (seen === undefined) this.#lastSeen.set(read.reader, (seen = new Map()))
    for (const [register, n] of read.sight.rows) {
      if (n === 0) continue
      const last = seen.get(register)
      if (last === undefined || n >= last.n) seen.set(register, { n, endMs: read.endMs })
      // What one call brings together may have been loaded at different moments of it.
      else if (last.endMs <= read.startMs)
        this.#goneBack.push({ read, register, seen: n, expected: last.n })
    }
  }

  /** Only once marks were acknowledged, and only while the store keeps them, does nobody go back. */
  judgeGoneBack(upToMs: number): void {
    const open: GoneBack[] = []
    for (const one of this.#goneBack) {
      const { read, register, expected } = one
      const by = this.registers.of(register).states.get(expected)?.by ?? ''
      const startMs = this.#startedAtMs.get(by)
      if (startMs === undefined && upToMs < read.endMs + SILENT_MS) open.push(one)
      else if (this.#hadMarks(startMs ?? read.startMs - SILENT_MS, read.endMs))
        this.#violation('backwards', read, { ...one, sinceMs: 0 })
      else this.excusedBackwards++
    }
    this.#goneBack = open
  }

  #hadMarks(fromMs: number, toMs: number): boolean {
    return this.#options.hasMarks && !this.#options.hasForgotten(fromMs, toMs)
  }

  #violation(
    kind: Violation['kind'],
    read: ReadOperation,
    what: Pick<Violation, 'register' | 'seen' | 'expected' | 'sinceMs'>,
  ): void {
    const { register, seen, expected, sinceMs } = what
    this.violations.push({ kind, read, register, seen, expected, sinceMs })
  }
}

function count(counted: { reads: number; longestMs: number }, sinceMs: number): void {
  counted.reads++
  counted.longestMs = Math.max(counted.longestMs, sinceMs)
}

/** Whether a write is of the reader's process: `app1.2.17` and `app1.2/3`. */
function isOwn({ reader }: ReadOperation, by: string): boolean {
  return by.startsWith(`${reader.split('/')[0]}.`)
}
