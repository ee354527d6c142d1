import type { ServerResponse } from 'node:http'
import type { WriteReport } from './write-report'

/** Fragments that one view rendered. */
export interface ViewReport {
  readonly server: string
  readonly rendered: readonly string[]
  readonly onPage: number
  readonly roundTrips: number
  readonly ms: number
}

/** What browsers are told as it happens. */
export type News =
  | { readonly type: 'write'; readonly report: WriteReport }
  | { readonly type: 'view'; readonly report: ViewReport }
  | { readonly type: 'store'; readonly running: boolean }

/** Tells every browser that listens, and every other server. */
export class Live {
  readonly #listeners = new Set<ServerResponse>()
  readonly #others: (news: News) => void

  constructor(others: (news: News) => void = () => undefined) {
    this.#others = others
  }

  /** One more browser, until it goes away. */
  add(response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    })
    response.write('retry: 1000\n\n')
    this.#listeners.add(response)
    response.once('close', () => this.#listeners.delete(response))
  }

  tell(news: News): void {
    this.hear(news)
    // The store of one process is stopped for that process alone.
    if (news.type !== 'store') this.#others(news)
  }

  /** News of this server, or of another one. */
  hear(news: News): void {
    const message = `event: ${news.type}\ndata: ${JSON.stringify(news)}\n\n`
    for (const listener of this.#listeners) listener.write(message)
  }

  close(): void {
    for (const listener of this.#listeners) listener.end()
  }
}
