import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What happens to bytes: they pass, wait until they may pass, or (answers only) are lost. */
type Traffic = 'passing' | 'held' | 'answers-lost'

/** Stands before a server and breaks connections, in the middle of an answer or all of them, holds them, refuses them. */
export class CuttingProxy {
  readonly url: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #cutAt: Buffer | undefined
  #cuts = 0
  #traffic: Traffic = 'passing'
  #refuses = false
  #held: { readonly to: Socket; readonly bytes: Buffer }[] = []
  #lost = 0

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  /** @param target the URL of the server */
  static async before(target: string): Promise<CuttingProxy> {
    const url = new URL(target)
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { hostname, port } = url
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('proxy: no port')
    url.hostname = '127.0.0.1'
    url.port = String(address.port)
    const proxy = new CuttingProxy(server, url.href)
    server.on('connection', (client) => {
      if (proxy.#refuses) client.resetAndDestroy()
      else proxy.#join(client, connect({ host: hostname, port: Number(port) || 5432 }))
    })
    return proxy
  }

  /** How many connections were cut. */
  get cuts(): number {
    return this.#cuts
  }

  /** The next answer that contains this never arrives, and its connection is gone. */
  cutAt(text: string): void {
    this.#cutAt = Buffer.from(text, 'latin1')
  }

  /** How many connections stand, seen from both sides. */
  get connections(): number {
    return this.#sockets.size / 2
  }

  /** How many bytes of answers were lost. */
  get lostBytes(): number {
    return this.#lost
  }

  /** Nothing arrives any more, on either side; connections stay open. */
  hold(): void {
    this.#traffic = 'held'
  }

  /** What is sent arrives, its answers do not. To be followed by `cut`: a stream with a hole is of no use. */
  loseAnswers(): void {
    this.#traffic = 'answers-lost'
  }

  /** Resets all connections, and every new one until `pass`. */
  cut(): void {
    this.#refuses = true
    this.#held = []
    this.#cuts += this.connections
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** All is well again; what was held goes on in its order. */
  pass(): void {
    this.#traffic = 'passing'
    this.#refuses = false
    for (const { to, bytes } of this.#held.splice(0)) to.write(bytes)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket, server: Socket): void {
    const end = (): void => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        end()
      })
      // A broken connection is what this is for.
      socket.on('error', end)
    }
    client.on('data', (sent) => this.#forward(server, sent))
    server.on('data', (answer) => {
      if (this.#traffic === 'answers-lost') this.#lost += answer.length
      else if (this.#cutAt === undefined || !answer.includes(this.#cutAt))
        this.#forward(client, answer)
      else {
        this.#cutAt = undefined
        this.#cuts++
        end()
      }
    })
  }
  #forward(to: Socket, bytes: Buffer): void {
    if (this.#traffic === 'held') this.#held.push({ to, bytes })
    else to.write(bytes)
  }
}
