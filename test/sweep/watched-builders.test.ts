import { expect } from 'chai'
import { dirname, sep } from 'node:path'
import {
  Column,
  DataSource,
  Entity,
  PrimaryGeneratedColumn,
  type QueryRunner,
  UpdateQueryBuilder,
} from 'typeorm'
import type * as index from '../../src/index'
import { recordQueries } from '../support/recorders/record-queries'
import { sqljs } from '../support/services'

type Package = typeof index

@Entity('watched_note')
class Note {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) text!: string
}

/** The package once more, as when a second version of it is installed somewhere below. */
function copyOfPackage(): Package {
  const entry = require.resolve('../../src/index')
  const isOurs = (file: string): boolean => file.startsWith(dirname(entry) + sep)
  const before = Object.entries(require.cache).filter(([file]) => isOurs(file))
  const forget = (): void => {
    for (const file of Object.keys(require.cache).filter(isOurs)) delete require.cache[file]
  }
  forget()
  try {
    // Each copy has the types of this one.
    return require(entry) as Package
  } finally {
    forget()
    Object.assign(require.cache, Object.fromEntries(before))
  }
}

describe('the watch on query builders', () => {
  const open: DataSource[] = []

  async function dataSource(subscribers: (() => unknown)[] = []): Promise<DataSource> {
    const one = new DataSource({ ...sqljs(), entities: [Note], subscribers, synchronize: true })
    open.push(await one.initialize())
    return one
  }

  /** A DataSource that this copy of the package sweeps, and what it has swept. */
  async function swept(copy: Package) {
    const one = await dataSource()
    const sweeper = new copy.Sweeper(one)
    const records: string[] = []
    sweeper.on('sweep', (event) => records.push(...event.records))
    return { dataSource: one, sweeper, records }
  }

  /** The prototype's method at this moment. */
  const execute = (): unknown => UpdateQueryBuilder.prototype.execute

  async function write({ manager }: DataSource): Promise<void> {
    const { id } = await manager.save(manager.create(Note, { text: 'a' }))
    await manager.update(Note, id, { text: 'b' })
  }

  afterEach(async () => {
    for (const one of open.splice(0)) if (one.isInitialized) await one.destroy()
  })

  it('is undone when the last Sweeper closes, and not before', async () => {
    const before = execute()
    const copy = copyOfPackage()
    const [one, other] = [await swept(copy), await swept(copy)]
    const during = execute()

    await one.sweeper.close()
    const half = execute()
    await other.dataSource.destroy()

    expect(during).not.to.equal(before)
    expect(half).to.equal(during)
    expect(execute()).to.equal(before)
  })

  it('is so for query runners, too', async () => {
    const one = await dataSource()
    const runner = Object.getPrototypeOf(one.createQueryRunner()) as QueryRunner
    const before = runner.query
    const { sweeper } = await swept(copyOfPackage())
    const during = runner.query

    await sweeper.close()

    expect(during).not.to.equal(before)
    expect(runner.query).to.equal(before)
  })

  it('is done anew for a Sweeper that comes later', async () => {
    const before = execute()
    const copy = copyOfPackage()
    await (await swept(copy)).sweeper.close()

    const { dataSource, sweeper, records } = await swept(copy)
    await write(dataSource)
    await sweeper.close()

    expect(records).to.deep.equal(['Note:1', 'Note:1'])
    expect(execute()).to.equal(before)
  })

  it('changes nothing for a DataSource without a Sweeper', async () => {
    const [plain, alone] = [await dataSource(), await dataSource()]
    const [during, without] = [recordQueries(plain), recordQueries(alone)]
    await write(alone)
    const { records } = await swept(copyOfPackage())

    await write(plain)

    expect(records).to.deep.equal([])
    expect(during.statements).to.deep.equal(without.statements)
  })

  it('works for two copies of the package at once, whichever closes first', async () => {
    const before = execute()
    const [a, b] = [await swept(copyOfPackage()), await swept(copyOfPackage())]

    await write(a.dataSource)
    await write(b.dataSource)
    await a.sweeper.close()
    await write(b.dataSource)
    await b.sweeper.close()

    expect(a.records).to.deep.equal(['Note:1', 'Note:1'])
    expect(b.records).to.deep.equal(['Note:1', 'Note:1', 'Note:2', 'Note:2'])
    expect(execute()).to.equal(before)
  })

  it('stays below the patch of somebody else and does nothing there', async () => {
    const before = UpdateQueryBuilder.prototype.execute
    const copy = copyOfPackage()
    const first = await swept(copy)
    const ours = UpdateQueryBuilder.prototype.execute
    let calls = 0
    const theirs: typeof ours = function (this: UpdateQueryBuilder<object>) {
      calls++
      return ours.call(this)
    }
    UpdateQueryBuilder.prototype.execute = theirs
    try {
      await first.sweeper.close()
      await write(first.dataSource)
      const second = await swept(copy)
      await write(second.dataSource)

      expect(execute()).to.equal(theirs)
      expect(calls).to.equal(2)
      expect(first.records).to.deep.equal([])
      expect(second.records).to.deep.equal(['Note:1', 'Note:1'])
    } finally {
      UpdateQueryBuilder.prototype.execute = before
    }
  })
})

describe('SweepSubscriber on a DataSource without a Sweeper', () => {
  it('warns once, at the first write, and does nothing else', async () => {
    const { SweepSubscriber } = copyOfPackage()
    const warnings: (Error & { readonly code?: string })[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    const one = new DataSource({
      ...sqljs(),
      entities: [Note],
      subscribers: [SweepSubscriber],
      synchronize: true,
    })
    await one.initialize()

    const silent = warnings.length
    for (const text of ['a', 'b']) await one.manager.save(one.manager.create(Note, { text }))
    await one.transaction((manager) => manager.update(Note, 1, { text: 'c' }))
    await one.destroy()
    // Warnings are emitted in the next tick.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)

    expect(silent).to.equal(0)
    expect(warnings.map(({ code }) => code)).to.deep.equal(['SWEEPER_NOT_ATTACHED'])
  })
})
