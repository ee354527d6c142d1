import { expect } from 'chai'
import { RedisStore } from '../../src/redis'
import { GuardedStore } from '../../src/store/guarded-store'
import { Sweeps } from '../../src/version/sweeps'
import { ManualClock } from '../support/manual-clock'
import { RedisClients } from '../support/redis-clients'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'

const DAY_MS = 86_400_000
const SWEPT = [{ key: 'token', row: true }]

/** What the store had acknowledged may be lost with a connection. The numbers are those of docs/consistency.md. */
describeWith(['redisServer'], 'sweeps over a new connection', ({ redisServer }) => {
  const clients = new RedisClients()
  afterEach(() => clients.close())

  const sweepingTo = (server: RedisServer, username?: string) => {
    const client = clients.connect(server.url, {
      ...(username !== undefined && { username, password: 'any', enableReadyCheck: false }),
    })
    const store = new RedisStore(client)
    return { client, store, sweeps: new Sweeps(store, () => []) }
  }

  const tokenIn = async (server: RedisServer): Promise<string | null> => {
    const client = clients.connect(server.url)
    return client.get('token')
  }

  it('are sent again where a server that does not tell its run id brings back old tokens (H20)', async () => {
    const server = await redisServer.start()
    const admin = clients.connect(server.url)
    const noInfo = async (): Promise<void> => {
      await admin.acl('SETUSER', 'app', 'on', 'nopass', '~*', '+@all', '-info')
    }
    await noInfo()
    const { store, sweeps } = sweepingTo(server, 'app')
    await store.mint(['token'], DAY_MS)
    const old = await tokenIn(server)
    await admin.save()
    await sweeps.sweep(SWEPT, undefined)
    await server.restart()
    await noInfo()

    await until('the sweep', 5_000, async () => (await tokenIn(server)) !== old)
    await until('trust', 5_000, () => sweeps.isTrusted)
  })

  it('reach a primary that had not heard of them (H19, H21)', async () => {
    const eager = ['--repl-diskless-sync-delay', '0']
    const [primary, replica] = [await redisServer.start(eager), await redisServer.start(eager)]
    const admin = clients.connect(primary.url)
    const other = clients.connect(replica.url)
    const { client, store, sweeps } = sweepingTo(primary)
    await store.mint(['token'], DAY_MS)
    await other.replicaof('127.0.0.1', primary.port)
    await until('the replica', 10_000, async () => (await other.get('token')) !== null)
    await other.replicaof('NO', 'ONE')
    await sweeps.sweep(SWEPT, undefined)
    const swept = await tokenIn(primary)
    // The one that has missed the sweep takes over, and the first one comes back: its run id is the one it had.
    await admin.replicaof('127.0.0.1', replica.port)
    await until('the other data', 10_000, async () => (await admin.get('token')) !== swept)
    const lost = await admin.get('token')
    await admin.replicaof('NO', 'ONE')
    client.stream.destroy()

    await until('the sweep', 5_000, async () => (await tokenIn(primary)) !== lost)
  })

  it('that were never acknowledged are sent as soon as the connection is back, also while the circuit pauses', async () => {
    const server = await redisServer.start()
    const client = clients.connect(server.url)
    // By its clock the circuit never tries again of itself.
    const guard = { readMs: 100, writeMs: 100, clock: new ManualClock() }
    const store = new GuardedStore(new RedisStore(client), guard)
    const sweeps = new Sweeps(store, () => [])
    await store.mint(['token'], DAY_MS)
    await server.kill()
    await until('the circuit', 5_000, async () => {
      await sweeps.sweep(SWEPT, undefined)
      return store.read(['token'], []).then(
        () => false,
        (error: { reason?: string }) => error.reason === 'circuit-open',
      )
    })
    const trustedBefore = sweeps.isTrusted
    await server.restart()
    await until('trust', 5_000, () => sweeps.isTrusted)

    expect(trustedBefore).to.equal(false)
  })

  it('are not believed by their process before they have arrived', async () => {
    const server = await redisServer.start()
    const { client, store, sweeps } = sweepingTo(server)
    await store.mint(['token'], DAY_MS)
    await sweeps.sweep(SWEPT, undefined)
    const trusted: boolean[] = []
    store.onConnected(() => trusted.push(sweeps.isTrusted))
    client.stream.destroy()
    await until('the connection', 5_000, () => trusted.length > 0)

    expect(trusted).to.deep.equal([false])
    await until('trust', 5_000, () => sweeps.isTrusted)
  })

  it('are not sent by a Sweeper that is closed', async () => {
    const server = await redisServer.start()
    const { client, store, sweeps } = sweepingTo(server)
    await store.mint(['token'], DAY_MS)
    await sweeps.sweep(SWEPT, undefined)
    const swept = await tokenIn(server)
    sweeps.close()
    client.stream.destroy()
    await until('the connection', 5_000, () =>
      store.read([], ['x']).then(
        () => true,
        () => false,
      ),
    )

    expect(await tokenIn(server)).to.equal(swept)
  })
})
