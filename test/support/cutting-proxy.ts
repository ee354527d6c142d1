import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Stands before a server and breaks a connection in the middle of an answer. */
export class CuttingProxy {
  readonly url: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #cutAt: Buffer | undefined
  #cuts = 0

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
    server.on('connection', (client) =>
      proxy.#join(client, connect({ host: hostname, port: Number(port) || 5432 })),
    )
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
    client.on('data', (sent) => server.write(sent))
    server.on('data', (answer) => {
      if (this.#cutAt === undefined || !answer.includes(this.#cutAt)) {
        client.write(answer)
        return
      }
      this.#cutAt = undefined
      this.#cuts++
      end()
    })
  }
}
