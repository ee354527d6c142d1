import { PGlite } from '@electric-sql/pglite'
import { dataDir } from '@electric-sql/pglite-prepopulatedfs'
import { Duplex } from 'node:stream'

const SYNC = 'QSH' // simple query, end of an extended query, flush: the server answers now
const TERMINATE = 'X'
const ROLLBACK = message('Q', Buffer.from('ROLLBACK\0'))
const WELCOME = Buffer.concat([
  message('R', Buffer.alloc(4)),
  message('S', Buffer.from('client_encoding\0UTF8\0')),
  message('Z', Buffer.from('I')),
])

/** PostgreSQL inside this process (PGlite), spoken to by the real `pg` driver over streams instead of sockets. */
export class EmbeddedPostgres {
  readonly #postgres: PGlite
  #turn: Promise<void> = Promise.resolve()

  private constructor(postgres: PGlite) {
    this.#postgres = postgres
  }

  /** Starts an empty database in memory: about a second. */
  static async start(): Promise<EmbeddedPostgres> {
    return new EmbeddedPostgres(await PGlite.create({ loadDataDir: await dataDir() }))
  }

  /** What `pg` takes as its `stream` option: one more connection to this database. */
  readonly connection = (): Duplex => new Connection(this)

  async answer(request: Buffer): Promise<Buffer> {
    return Buffer.from(await this.#postgres.execProtocolRaw(request))
  }

  /** PGlite has one session. Connections take turns; a turn lasts as long as a transaction. Resolves to what ends it. */
  async turn(): Promise<() => void> {
    const before = this.#turn
    const { promise, end } = gate()
    this.#turn = before.then(() => promise)
    await before
    return end
  }

  close(): Promise<void> {
    return this.#postgres.close()
  }
}

class Connection extends Duplex {
  readonly #server: EmbeddedPostgres
  #unread: Buffer = Buffer.alloc(0)
  readonly #request: Buffer[] = []
  #welcomed = false
  #endTurn: (() => void) | undefined

  constructor(server: EmbeddedPostgres) {
    super()
    this.#server = server
  }

  // The part of net.Socket that pg calls.
  connect(): void {
    queueMicrotask(() => this.emit('connect'))
  }
  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#unread = Buffer.concat([this.#unread, chunk])
    this.#receive().then(() => done(), done)
  }

  override _final(done: () => void): void {
    this.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#endTurn === undefined) return done(error)
    // The client went away inside a transaction: whoever is next must not find it open.
    const end = this.#endTurn
    const over = (): void => (end(), done(error))
    this.#server.answer(ROLLBACK).then(over, over)
  }

  async #receive(): Promise<void> {
    for (let next = this.#nextMessage(); next !== undefined; next = this.#nextMessage()) {
      if (!this.#welcomed) {
        this.#welcomed = true
        this.push(WELCOME)
      } else if (next.type !== TERMINATE) {
        this.#request.push(next.bytes)
        if (SYNC.includes(next.type)) await this.#ask()
      }
    }
  }

  async #ask(): Promise<void> {
    const end = (this.#endTurn ??= await this.#server.turn())
    if (this.destroyed) return end()
    const answer = await this.#server.answer(Buffer.concat(this.#request.splice(0)))
    // ReadyForQuery, idle: no transaction is open.
    if (answer.subarray(-6).equals(message('Z', Buffer.from('I')))) {
      this.#endTurn = undefined
      end()
    }
    this.push(answer)
  }

  #nextMessage(): { type: string; bytes: Buffer } | undefined {
    // The first message of a connection has no type byte.
    const head = this.#welcomed ? 1 : 0
    if (this.#unread.length < head + 4) return undefined
    const length = head + this.#unread.readUInt32BE(head)
    if (this.#unread.length < length) return undefined
    const bytes = this.#unread.subarray(0, length)
    this.#unread = this.#unread.subarray(length)
    return { type: head === 0 ? '' : String.fromCharCode(bytes[0] ?? 0), bytes }
  }
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5, type)
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

function gate(): { promise: Promise<void>; end: () => void } {
  let end = (): void => {}
  const promise = new Promise<void>((resolve) => (end = resolve))
  return { promise, end }
}
