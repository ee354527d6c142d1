import { nowMs } from './messages'

export interface FaultSpan {
  readonly name: string
  readonly forgets: boolean
  readonly startMs: number
  readonly endMs: number
}

/** What went wrong when. */
export class FaultLog {
  readonly spans: FaultSpan[] = []

  async note({ name, forgets }: Pick<FaultSpan, 'name' | 'forgets'>, strike: Promise<void>) {
    const startMs = nowMs()
    const open = { name, forgets, startMs, endMs: Infinity }
    this.spans.push(open)
    await strike
    open.endMs = nowMs()
  }

  /** Whether the store came back without something that it held, at some moment of this time. */
  hasForgotten(fromMs: number, toMs: number): boolean {
    return this.spans.some(
      ({ forgets, startMs, endMs }) => forgets && startMs < toMs && endMs > fromMs,
    )
  }

  around(atMs: number): readonly FaultSpan[] {
    return this.spans.filter(({ startMs, endMs }) => startMs < atMs + 1_000 && endMs > atMs - 6_000)
  }

  byKind(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { name } of this.spans) counts.set(name, (counts.get(name) ?? 0) + 1)
    return counts
  }
}
