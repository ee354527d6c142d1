import type { Attributes, Tracer } from '@opentelemetry/api'
import type { Sweeper } from '../index'

/** So many records of a sweep are named in its span. */
const MAX_NAMED = 20

/** Spans for loads and sweeps, and for reads if asked; made when they have ended, below the span that is active then. */
export function traceSweeper(sweeper: Sweeper, tracer: Tracer, reads: boolean): () => void {
  const span = (name: string, durationMs: number, attributes: Attributes): void => {
    const endTime = Date.now()
    tracer.startSpan(name, { startTime: endTime - durationMs, attributes }).end(endTime)
  }
  const ends = [
    sweeper.on('fill', ({ subject, key, bytes, loadMs }) =>
      span('sweeper.load', loadMs, {
        'sweeper.subject': subject,
        'sweeper.key': key,
        'sweeper.bytes': bytes,
      }),
    ),
    sweeper.on('sweep', ({ records, types, durationMs, delivered }) =>
      span('sweeper.sweep', durationMs, {
        'sweeper.records': records.slice(0, MAX_NAMED),
        'sweeper.records.count': records.length,
        'sweeper.types': [...types],
        'sweeper.delivered': delivered,
      }),
    ),
  ]
  const read = (
    result: string,
    event: { subject: string; key: string; durationMs: number },
  ): void =>
    span('sweeper.read', event.durationMs, {
      'sweeper.subject': event.subject,
      'sweeper.key': event.key,
      'sweeper.result': result,
    })
  if (reads)
    ends.push(
      sweeper.on('hit', (event) => read('hit', event)),
      sweeper.on('miss', (event) => read(`miss (${event.reason})`, event)),
    )
  return () => {
    for (const end of ends) end()
  }
}
