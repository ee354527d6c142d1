import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Where the header of a message on the bus has the id of its sender (cluster.h, clusterMsg). */
const SENDER = { from: 40, to: 80 } as const

interface Link {
  readonly to: number
  from: string | undefined
  end(): void
}

/** Stands before the ports on which the servers of a cluster talk to each other, and cuts one off from the others. */
export class ClusterBus {
  readonly #servers: Server[] = []
  readonly #links = new Set<Link>()
  #cutOff: { readonly id: string; readonly port: number } | undefined
  #refused = 0

  /** @returns the port to announce in its place */
  async before(busPort: number): Promise<number> {
    const server = createServer((socket) => this.#join(socket, busPort)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.#servers.push(server)
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('cluster bus: no port')
    return address.port
  }

  /** How many messages did not get through. */
  get refused(): number {
    return this.#refused
  }

  /** Nothing gets through between this server and any other, either way. */
  cutOff(id: string, port: number): void {
    this.#cutOff = { id, port }
    for (const link of this.#links) if (this.#isCut(link)) link.end()
  }

  pass(): void {
    this.#cutOff = undefined
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.end()
    for (const server of this.#servers) {
      server.close()
      await once(server, 'close')
    }
  }

  #isCut({ from, to }: Link): boolean {
    return this.#cutOff !== undefined && (to === this.#cutOff.port || from === this.#cutOff.id)
  }

  #join(socket: Socket, port: number): void {
    const other = connect({ host: '127.0.0.1', port })
    const link: Link = {
      to: port,
      from: undefined,
      end: () => {
        socket.destroy()
        other.destroy()
        this.#links.delete(link)
      },
    }
    this.#links.add(link)
    for (const end of [socket, other]) end.on('error', link.end).on('close', link.end)
    let head = Buffer.alloc(0)
    socket.on('data', (sent) => {
      if (link.from === undefined) {
        head = Buffer.concat([head, sent])
        if (head.length < SENDER.to) return
        link.from = head.toString('latin1', SENDER.from, SENDER.to)
      }
      if (this.#isCut(link)) {
        this.#refused++
        return link.end()
      }
      other.write(head.length > 0 ? head : sent)
      head = Buffer.alloc(0)
    })
    other.on('data', (answer) => socket.write(answer))
  }
}
