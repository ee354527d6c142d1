import { expect } from 'chai'
import type { Redis } from 'ioredis'
import type { EntityManager } from 'typeorm'
import { children, record, type SweeperOptions } from '../../src/index'
import { surrogateKeys } from '../../src/http'
import { RedisStore } from '../../src/redis'
import { RedisClients } from '../support/redis-clients'
import { describeWith } from '../support/services'
import { Folder, makeSchemas, Note, Plan, Shelf, TenantApp } from '../support/tenant-app'
import { until } from '../support/until'

describeWith(['postgres', 'redis'], 'a schema per tenant', ({ postgres, redis }) => {
  let clients: RedisClients
  let client: Redis
  let app: TenantApp
  const apps: TenantApp[] = []

  beforeEach(async () => {
    await makeSchemas(postgres)
    clients = new RedisClients()
    client = clients.connect(redis.url)
    await client.flushdb()
    app = await start()
  })
  afterEach(async () => {
    for (const one of apps.splice(0)) await one.close()
    clients.close()
  })

  async function start(options: SweeperOptions = {}): Promise<TenantApp> {
    const store = new RedisStore(client)
    const started = await TenantApp.start(postgres.url, { store, namespace: 'tenants', ...options })
    apps.push(started)
    return started
  }

  const rename = (tenant: string, text: string, id = 1): Promise<unknown> =>
    app.within(tenant, (manager) => manager.update(Note, { id }, { text }))

  /** Reads until the value is kept, and forgets the misses. */
  async function warm(read: () => Promise<unknown>): Promise<void> {
    await until(async () => {
      app.misses.length = 0
      await read()
      return app.misses.length === 0
    })
  }
  const isHit = async (read: () => Promise<unknown>): Promise<boolean> => {
    app.misses.length = 0
    await read()
    return app.misses.length === 0
  }

  describe('of one key in two tenants', () => {
    it('gives each its own value', async () => {
      await warm(() => app.text('acme'))

      expect(await app.text('globex')).to.equal('globex one')
      expect(await app.text('acme')).to.equal('acme one')
    })

    const inHand: Readonly<Record<string, (manager: EntityManager) => Promise<unknown>>> = {
      object: async (manager) => (await app.sweeper.find(Note, 1, { manager }))?.text,
      'object with relations': async (manager) => {
        const found = await app.sweeper.findBy(
          Folder,
          { name: 'inbox' },
          { manager, relations: ['notes'] },
        )
        return found?.notes.map(({ text }) => text).toSorted()[0]
      },
      list: async (manager) => {
        const found = await app.sweeper.list(Note, {
          on: children(Folder, 1, 'notes'),
          key: 'all',
          manager,
          ids: () => manager.find(Note, { select: { id: true }, order: { id: 'ASC' } }),
        })
        return found[0]?.text
      },
      query: async (manager) =>
        (await manager.find(Note, { order: { id: 'ASC' }, cache: 60_000 }))[0]?.text,
    }
    for (const [what, readBy] of Object.entries(inHand))
      it(`gives each its own ${what}`, async () => {
        const read = (tenant: string): Promise<unknown> => app.connected(tenant, readBy)
        await warm(() => read('acme'))

        expect(await isHit(() => read('globex'))).to.equal(false)
        expect(await read('globex')).to.equal('globex one')
        expect(await isHit(() => read('acme'))).to.equal(true)
        expect(await read('acme')).to.equal('acme one')
      })

    it('shares no load between them', async () => {
      const both = await Promise.all([app.text('acme'), app.text('globex')])

      expect(both).to.deep.equal(['acme one', 'globex one'])
    })

    it('gives each its own version', async () => {
      const version = (tenant: string): Promise<string> =>
        app.as(tenant, () => app.sweeper.version(record(Note, 1)))
      const [acme, globex] = [await version('acme'), await version('globex')]

      await rename('acme', 'new')

      expect(acme).not.to.equal(globex)
      expect(await version('globex')).to.equal(globex)
      expect(await version('acme')).not.to.equal(acme)
    })
  })

  describe('a write', () => {
    beforeEach(async () => {
      for (const tenant of ['acme', 'globex']) {
        await warm(() => app.text(tenant))
        await warm(() => app.folder(tenant))
      }
    })

    const any = (tenant: string): Promise<string> =>
      app.as(tenant, () =>
        app.sweeper.getOrSet({ on: Note, key: 'any', factory: () => `any of ${tenant}` }),
      )

    it('sweeps its record and what that belongs to', async () => {
      await rename('acme', 'new')

      expect(await app.text('acme')).to.equal('new')
      expect(await app.folder('acme')).to.equal('new,acme two')
    })

    const ofAcme: Readonly<Record<string, () => Promise<unknown>>> = {
      'an update': () => rename('acme', 'new'),
      'a save': () =>
        app.within('acme', (manager) =>
          manager.save(Note, { id: 1, text: 'new', folder: { id: 2 } }),
        ),
      'raw SQL': () =>
        app.within('acme', (manager) => manager.query(`UPDATE note SET text = 'new'`)),
      'sweeping a record by hand': () => app.as('acme', () => app.sweeper.sweep(record(Note, 1))),
      'sweeping a type by hand': () => app.as('acme', () => app.sweeper.sweep(Note)),
      'an import': () =>
        app.as('acme', () => app.sweeper.withoutSweeping(() => rename('acme', 'new'))),
    }
    for (const [what, write] of Object.entries(ofAcme))
      it(`by ${what} leaves the other tenant's values where they are`, async () => {
        await write()

        expect(await isHit(() => app.text('acme'))).to.equal(false)
        expect(await isHit(() => app.text('globex'))).to.equal(true)
        expect(await isHit(() => app.folder('globex'))).to.equal(true)
      })

    it('is of the tenant it was written for, whoever commits', async () => {
      for (const tenant of ['acme', 'globex']) await warm(() => any(tenant))
      const runner = app.dataSource.createQueryRunner()
      await app.as('acme', async () => {
        await runner.startTransaction()
        await runner.query('SET LOCAL search_path TO acme, public')
        await runner.manager.update(Note, { id: 1 }, { text: 'new' })
      })
      await app.as('globex', () => runner.commitTransaction())
      await runner.release()

      expect(await app.text('acme')).to.equal('new')
      expect(await app.folder('acme')).to.equal('new,acme two')
      expect(await isHit(() => any('acme'))).to.equal(false)
      expect(await isHit(() => any('globex'))).to.equal(true)
      expect(await isHit(() => app.text('globex'))).to.equal(true)
    })

    it('for a second tenant in the same transaction sweeps the type for all', async () => {
      for (const tenant of ['acme', 'globex']) await warm(() => any(tenant))
      await app.dataSource.transaction(async (manager) => {
        for (const tenant of ['acme', 'globex'])
          await app.as(tenant, async () => {
            await manager.query(`SET LOCAL search_path TO ${tenant}, public`)
            await manager.update(Note, { id: 1 }, { text: `new ${tenant}` })
          })
      })

      for (const tenant of ['acme', 'globex']) {
        expect(await app.text(tenant)).to.equal(`new ${tenant}`)
        expect(await app.folder(tenant)).to.equal(`new ${tenant},${tenant} two`)
        expect(await isHit(() => any(tenant))).to.equal(false)
      }
    })

    const unmarked: readonly SweeperOptions[] = [{ marks: false }, { outbox: true }]
    for (const options of unmarked)
      it(`follows its cascade while its path holds, with ${JSON.stringify(options)}`, async () => {
        await app.close()
        apps.length = 0
        app = await start(options)
        const shelf = (tenant: string): Promise<string> =>
          app.as(tenant, () =>
            app.sweeper.getOrSet({ on: record(Shelf, 1), key: 'shelf', factory: () => tenant }),
          )
        for (const tenant of ['acme', 'globex']) await warm(() => shelf(tenant))

        await rename('acme', 'new')

        expect(await isHit(() => shelf('acme'))).to.equal(false)
        expect(await isHit(() => shelf('globex'))).to.equal(true)
      })

    it('puts nothing into the cache that was read when its path was over', async () => {
      await app.within('acme', (manager) => manager.save(Folder, { id: 1, name: 'sent' }))

      const found = await app.within('acme', (manager) => app.sweeper.find(Folder, 1, { manager }))
      expect(found?.name).to.equal('sent')
    })
  })

  describe('where nobody tells the tenant', () => {
    it('loads, keeps nothing and says why', async () => {
      expect(await app.text(undefined)).to.equal('acme one')
      expect(await app.text(undefined, 1, 'globex')).to.equal('globex one')

      expect(app.misses).to.deep.equal(['tenant', 'tenant'])
      expect(await client.keys('*')).to.deep.equal([])
    })

    it('shares no load', async () => {
      const both = await Promise.all([
        app.text(undefined, 1, 'acme'),
        app.text(undefined, 1, 'globex'),
      ])

      expect(both).to.deep.equal(['acme one', 'globex one'])
    })

    it('finds nothing that is there, and has no version', async () => {
      await warm(() => app.text('acme'))
      const on = record(Note, 1)
      const { sweeper } = app

      expect(await sweeper.get({ on, key: 'text' })).to.equal(undefined)
      expect(await sweeper.validator(on)).to.equal(undefined)
      expect(await sweeper.version(on)).not.to.equal(await sweeper.version(on))
      expect((await sweeper.explain(on, 'text')).reason).to.equal('tenant')
    })

    it('keeps no query and no object', async () => {
      await app.sweeper.find(Note, 1)
      await app.dataSource.getRepository(Note).find({ cache: 60_000 })

      expect(app.misses).to.deep.equal(['tenant', 'tenant'])
      expect(await client.keys('*')).to.deep.equal([])
    })

    const writes: Readonly<Record<string, () => Promise<unknown>>> = {
      'an update': () =>
        app.inSchema('acme', (manager) => manager.update(Note, { id: 1 }, { text: 'new' })),
      'a save': () => app.inSchema('acme', (manager) => manager.save(Note, { id: 1, text: 'new' })),
      'raw SQL': () =>
        app.inSchema('acme', (manager) =>
          manager.query(`UPDATE note SET text = 'new' WHERE id = 1`),
        ),
      'a statement of its own': () =>
        app.dataSource.query(`UPDATE acme.note SET text = 'new' WHERE id = 1`),
      'a removal': () =>
        app.inSchema('acme', async (manager) => {
          await manager.delete(Note, { id: 1 })
          await manager.insert(Note, { id: 1, text: 'new', folder: { id: 1 } })
        }),
      'an import': () =>
        app.sweeper.withoutSweeping(() =>
          app.inSchema('acme', (manager) => manager.update(Note, { id: 1 }, { text: 'new' })),
        ),
    }
    for (const [what, write] of Object.entries(writes))
      it(`${what} sweeps for all tenants`, async () => {
        await warm(() => app.text('acme'))
        await warm(() => app.folder('acme'))

        await write()

        expect(await app.text('acme')).to.equal('new')
        expect(await app.folder('acme')).to.equal('new,acme two')
      })

    it('sweeping by hand is for all tenants', async () => {
      for (const on of [record(Note, 1), Note, children(Folder, 1, 'notes')]) {
        await warm(() => app.text('acme'))

        await app.sweeper.sweep(on)

        expect(await isHit(() => app.text('acme'))).to.equal(false)
      }
    })

    it('clears the query cache for all tenants', async () => {
      const all = (): Promise<unknown> =>
        app.as('acme', () =>
          app.dataSource.getRepository(Note).find({ cache: { id: 'notes', milliseconds: 60_000 } }),
        )
      await warm(all)

      await app.dataSource.queryResultCache?.remove(['notes'])

      expect(await isHit(all)).to.equal(false)
    })

    it('takes an error for no answer, and tells of it once', async () => {
      await app.close()
      apps.length = 0
      const warnings: unknown[] = []
      const logger = { log: (_: string, message: unknown): unknown => warnings.push(message) }
      const tenant = (): string => {
        throw new RangeError('no request')
      }
      app = await start({ tenant, logger })

      expect(await app.text(undefined)).to.equal('acme one')
      expect(await app.text(undefined)).to.equal('acme one')

      expect(app.misses).to.deep.equal(['tenant', 'tenant'])
      expect(warnings).to.deep.equal([
        'typeorm-sweeper: tenant: it threw (RangeError), and nothing is cached while it does',
      ])
    })
  })

  describe('what a load depends on', () => {
    it('is not kept if it adds something of nobody', async () => {
      const read = (): Promise<string> =>
        app.as('acme', () =>
          app.sweeper.getOrSet({
            on: record(Note, 2),
            key: 'with',
            factory: async ({ dependsOn }) => {
              await app.as(undefined, () => dependsOn(record(Note, 1)))
              return 'made'
            },
          }),
        )
      await read()

      expect(await isHit(read)).to.equal(false)
    })

    it('may be of another tenant, if it says so', async () => {
      const read = (): Promise<string> =>
        app.as('acme', () =>
          app.sweeper.getOrSet({
            on: record(Note, 2),
            key: 'theirs',
            factory: () => app.as('globex', () => app.text('globex')),
          }),
        )
      expect(await read()).to.equal('globex one')
    })

    it('is not kept under one tenant if the instance was loaded for another', async () => {
      const load = (tenant: string): Promise<Note> =>
        app.as(tenant, () => app.dataSource.getRepository(Note).findOneByOrFail({ id: 1 }))
      const isKept = async (key: string, instance: Note): Promise<boolean> => {
        const read = (): Promise<string> =>
          app.as('globex', () =>
            app.sweeper.getOrSet({ on: instance, key, factory: () => instance.text }),
          )
        await read()
        return isHit(read)
      }
      // From here on an instance can be proved to be newer than the tokens of its record.
      await until(async () => isKept('own', await load('globex')))

      expect(await isKept('theirs', await load('acme'))).to.equal(false)
    })
  })

  describe('a table that all tenants share', () => {
    const plan = (tenant: string): Promise<string> =>
      app.as(tenant, () =>
        app.sweeper.getOrSet({
          on: record(Plan, 1),
          key: 'name',
          factory: async () => {
            const [row] = await app.dataSource.query<{ name: string }[]>(
              'SELECT name FROM public.plan',
            )
            return row?.name ?? ''
          },
        }),
      )

    it('shows each what was made for it', async () => {
      const read = (tenant: string): Promise<string> =>
        app.as(tenant, () =>
          app.sweeper.getOrSet({ on: record(Plan, 1), key: 'seen', factory: () => tenant }),
        )
      await warm(() => read('acme'))

      expect(await read('globex')).to.equal('globex')
    })

    for (const writer of ['acme', undefined])
      it(`is swept for all of them when ${writer ?? 'nobody in particular'} writes to it`, async () => {
        for (const tenant of ['acme', 'globex']) {
          await warm(() => plan(tenant))
          await warm(() => app.folder(tenant))
        }

        await app.as(writer, () =>
          app.dataSource.manager.update(Plan, { id: 1 }, { name: 'large' }),
        )

        for (const tenant of ['acme', 'globex']) {
          expect(await plan(tenant)).to.equal('large')
          expect(await isHit(() => app.folder(tenant))).to.equal(false)
        }
      })
  })

  it('keeps tenants apart whatever they are called', async () => {
    const names = [
      'a',
      'a:e',
      'a}',
      'a=b',
      'a/b',
      '%',
      'a%3A',
      '=',
      'ä',
      'a'.repeat(500),
      'a'.repeat(501),
    ]
    const read = (name: string): Promise<string> =>
      app.as(name, () =>
        app.sweeper.getOrSet({ on: record(Note, 1), key: 'name', factory: () => name }),
      )
    for (const name of names) await warm(() => read(name))

    for (const name of names) expect(await read(name)).to.equal(name)
    expect((await client.keys('*')).every((key) => key.length <= 240)).to.equal(true)
  })

  it('keeps tenants apart in the near tier', async () => {
    await app.close()
    apps.length = 0
    app = await start({ near: { level: 'bounded' } })
    const near = (tenant: string): Promise<string> => app.sweeper.request(() => app.text(tenant))
    await warm(() => near('acme'))
    await warm(() => near('globex'))

    await rename('acme', 'new')

    expect(await near('globex')).to.equal('globex one')
    expect(await near('acme')).to.equal('new')
    expect(await near(undefined as unknown as string)).to.equal('new')
  })

  it('purges the keys of the tenant alone, and of all for what is swept for all', async () => {
    const purged: string[] = []
    const keys = surrogateKeys(app.sweeper, { purge: (some) => void purged.push(...some) })
    const marked = app.as('acme', () => keys.of(record(Note, 1)))

    await rename('acme', 'new')
    await until(() => Promise.resolve(purged.length > 0))
    const own = purged.splice(0)
    await app.sweeper.sweep(Note)
    await until(() => Promise.resolve(purged.length > 0))
    await keys.close()

    expect(marked).to.deep.equal(['acme/Note:1', 'acme/Note:*', 'Note:*'])
    expect(own).to.include('acme/Note:1').and.not.include('Note:*')
    expect(purged).to.include('Note:*')
  })

  describe('the outbox', () => {
    it('carries the tenant to whoever delivers', async () => {
      await app.close()
      apps.length = 0
      app = await start({ outbox: true })
      await warm(() => app.text('acme'))
      await warm(() => app.folder('acme'))
      await warm(() => app.text('globex'))
      const [row] = await app.dataSource.query<{ count: string }[]>(
        'SELECT count(*) FROM public.sweep_outbox',
      )
      expect(row?.count).to.equal('0')

      const text = JSON.stringify({
        ...{ v: 2, tenant: 'acme', rows: ['tenants:t:{note:1}=acme'], cascaded: [] },
        records: [['note', { id: 1 }]],
      })
      await app.dataSource.query(
        `INSERT INTO public.sweep_outbox (namespace, sweep) VALUES ('tenants', $1)`,
        [text],
      )

      await until(async () => !(await isHit(() => app.folder('acme'))))
      expect(await isHit(() => app.text('acme'))).to.equal(false)
      expect(await isHit(() => app.text('globex'))).to.equal(true)
    })
  })
})
