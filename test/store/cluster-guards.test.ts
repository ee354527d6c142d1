import { expect } from 'chai'
import { StoreUnavailableError } from '../../src/core/errors'
import { ClusterGuards, type GuardedServer } from '../../src/store/cluster-guards'
import { Redirection } from '../../src/store/redirection'
import { ManualClock } from '../support/manual-clock'

class Server implements GuardedServer {
  isClosed = false
  connected: () => void = () => undefined

  onConnected(listener: () => void): void {
    this.connected = listener
  }
}

describe('ClusterGuards', () => {
  const told: string[] = []
  let clock: ManualClock
  let guards: ClusterGuards

  beforeEach(() => {
    told.length = 0
    clock = new ManualClock()
    guards = new ClusterGuards('cluster', {
      ...{ readMs: 1_000, writeMs: 1_000, clock },
      onCircuit: (state) => told.push(state),
    })
  })

  const outcome = (server: GuardedServer, error?: Error): Promise<unknown> => {
    clock.advance(1)
    const call = (): Promise<unknown> => (error ? Promise.reject(error) : Promise.resolve('done'))
    return guards
      .part('read', (attempt) => attempt(server, call))
      .catch((caught: unknown) => (caught as StoreUnavailableError).reason)
  }
  const dead = new StoreUnavailableError('cluster', 'read', 'ECONNREFUSED')

  async function open(server: GuardedServer): Promise<void> {
    for (let time = 0; time < 5; time++) await outcome(server, dead)
    expect(await outcome(server)).to.equal('circuit-open')
  }

  it('keep servers apart', async () => {
    const [one, other] = [new Server(), new Server()]
    await open(one)

    expect(await outcome(other)).to.equal('done')
    expect(await outcome(one)).to.equal('circuit-open')
  })

  it('do not take a server for dead that says who has a slot', async () => {
    const server = new Server()
    for (let time = 0; time < 10; time++) {
      await outcome(server, new Redirection('cluster', 'MOVED', 'elsewhere:1'))
      await outcome(server, new StoreUnavailableError('cluster', 'read', 'TRYAGAIN'))
    }

    expect(await outcome(server)).to.equal('done')
  })

  it('ask a server again at once that is reached over another connection', async () => {
    const server = new Server()
    await open(server)
    server.connected()

    expect(await outcome(server)).to.equal('done')
  })

  it('tell of the worst that there is', async () => {
    const [one, other] = [new Server(), new Server()]
    await open(one)
    await open(other)
    one.connected()
    await outcome(one)
    expect(told).to.deep.equal(['open'])
    other.connected()
    await outcome(other)

    expect(told).to.deep.equal(['open', 'half-open', 'closed'])
  })

  it('forget a server in whose place there is another one', async () => {
    const [one, other] = [new Server(), new Server()]
    await open(one)
    one.isClosed = true
    await outcome(other)

    expect(told).to.deep.equal(['open', 'closed'])
  })
})
