import { expect } from 'chai'
import {
  Column,
  DataSource,
  Entity,
  EntitySchema,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
} from 'typeorm'
import {
  DeclarationError,
  record,
  Sweepable,
  sweepable,
  Sweeper,
  SweepSubscriber,
} from '../../src/index'
import { sqljs } from '../support/services'
import { Comment, Vote, ZOO } from '../support/zoo'
import { recordSweeps, zooSweeper } from '../support/zoo-sweeper'

@Entity()
class Shelf {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) label!: string
}

abstract class Item {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) title!: string
  @ManyToOne(() => Shelf) shelf!: Shelf
}
sweepable(Item, { dependsOn: ['shelf'] })

@Entity()
class Book extends Item {}

interface Box {
  id?: number
}

interface Note {
  id?: number
  text: string
  box: Box
}

const ID = { type: 'integer', primary: true, generated: true } as const

const BoxSchema = new EntitySchema<Box>({ name: 'Box', columns: { id: ID } })

const NoteSchema = new EntitySchema<Note>({
  name: 'Note',
  columns: {
    id: ID,
    text: { type: 'text' },
  },
  relations: { box: { type: 'many-to-one', target: 'Box' } },
})
sweepable(NoteSchema, { dependsOn: ['box'] })

@Entity()
class Wrong {
  @PrimaryColumn() id!: number
  @Column() title!: string
  @ManyToOne(() => Shelf) shelf!: Shelf
}
sweepable(Wrong, { using: 'titel', dependsOn: ['shelv', 'title'] })

describe('declaring', () => {
  it('is refused by the compiler for a property that does not exist', () => {
    class Thing {
      id!: number
    }
    // @ts-expect-error no property "shelf" on this entity
    Sweepable({ dependsOn: ['shelf'] })(Thing)
    // @ts-expect-error no property "updated_at" on this entity
    Sweepable({ using: 'updated_at' })(Thing)
  })

  it('has all its mistakes told at once, by initialize(), with the right names', async () => {
    const dataSource = new DataSource({ ...sqljs(), entities: [Shelf, Wrong] })
    const sweeper = new Sweeper(dataSource)

    const error = await dataSource.initialize().catch((reason: unknown) => reason)

    expect(error).to.be.instanceOf(DeclarationError)
    const { mistakes, message } = error as DeclarationError
    expect(mistakes).to.have.length(3)
    for (const part of ['Wrong', '"titel"', '"shelv"', '"title"', 'id, title'])
      expect(message).to.include(part)
    expect(dataSource.isInitialized).to.equal(false)
    await sweeper.close()
  })

  it('is inherited from an abstract base, and works for schemas', async () => {
    const dataSource = new DataSource({
      ...sqljs(),
      entities: [Shelf, Book, BoxSchema, NoteSchema],
      subscribers: [SweepSubscriber],
      synchronize: true,
    })
    const sweeper = new Sweeper(dataSource)
    await dataSource.initialize()
    const sweeps = recordSweeps(sweeper)
    const shelf = await dataSource.getRepository(Shelf).save({ label: 's' })

    sweeps.reset()
    const book = await dataSource.getRepository(Book).save({ title: 'b', shelf })
    expect(sweeps.records).to.deep.equal([`Book:${book.id}`, `Shelf:${shelf.id}`])
    sweeps.reset()
    const box = await dataSource.getRepository(BoxSchema).save({})
    sweeps.reset()
    const note = await dataSource.getRepository(NoteSchema).save({ text: 'n', box })
    expect(sweeps.records).to.deep.equal([`Box:${box.id}`, `Note:${note.id}`])
    expect(await sweeper.version(record(NoteSchema, note.id ?? 0))).to.be.a('string')
    await dataSource.destroy()
  })

  it('is shown as a diagram', async () => {
    const { dataSource, sweeper } = await zooSweeper(sqljs())
    const diagram = sweeper.graph().toMermaid()
    for (const part of ['"Vote"', '"Comment"', '-- "comment" -->']) expect(diagram).to.include(part)
    await dataSource.destroy()
  })
})

describe('naming a record', () => {
  let zoo: Awaited<ReturnType<typeof zooSweeper>>
  before(async () => {
    zoo = await zooSweeper(sqljs())
  })
  after(() => zoo.dataSource.destroy())

  it('means the same record in whatever form its key comes', async () => {
    const { sweeper } = zoo
    const versions = await Promise.all([
      sweeper.version(record(Comment, 17)),
      sweeper.version([Comment, 17]),
      sweeper.version([Comment, 17n]),
      sweeper.version([Comment, '17']),
    ])
    expect(new Set(versions).size).to.equal(1)
    expect(await sweeper.version(record(Comment, 18))).not.to.equal(versions[0])
    expect(await sweeper.version(record(Vote, 17))).not.to.equal(versions[0])
  })

  it('by a plain object is an error that says to use record()', async () => {
    const outcome = await zoo.sweeper.version({ id: 17 }).catch((error: unknown) => error)
    expect(outcome).to.have.property('code', 'SWEEPER_INVALID_SUBJECT')
    expect(outcome).to.have.property('message').that.includes('record(')
  })

  it('by an instance that was never saved is an error that names its class and key', async () => {
    const unsaved = zoo.dataSource.getRepository(Comment).create({ text: 'x' })
    const outcome = await zoo.sweeper.version(unsaved).catch((error: unknown) => error)
    expect(outcome).to.have.property('code', 'SWEEPER_MISSING_PRIMARY_KEY')
    expect(outcome).to.have.property('message').that.includes('Comment')
  })
})

describe('a Sweeper', () => {
  it('is found by its DataSource, until it is closed', async () => {
    const { dataSource, sweeper } = await zooSweeper(sqljs())
    expect(Sweeper.of(dataSource)).to.equal(sweeper)
    expect(dataSource.subscribers.filter((one) => one instanceof SweepSubscriber)).to.have.length(1)

    await dataSource.destroy()

    expect(() => Sweeper.of(dataSource)).to.throw('new Sweeper(dataSource')
    expect(await sweeper.clear().catch((error: unknown) => error)).to.have.property(
      'code',
      'SWEEPER_CLOSED',
    )
  })

  it('registers its subscriber after initialize() too', async () => {
    const dataSource = new DataSource({ ...sqljs(), entities: ZOO, synchronize: true })
    await dataSource.initialize()
    const sweeps = recordSweeps(new Sweeper(dataSource))

    const vote = await dataSource.getRepository(Vote).save({ value: 1 })

    expect(sweeps.records).to.deep.equal([`Vote:${vote.id}`])
    await dataSource.destroy()
  })

  it('takes the place of the one before it, and shares no namespace with another', async () => {
    const { dataSource, sweeper } = await zooSweeper(sqljs())
    const second = new Sweeper(dataSource)
    expect(Sweeper.of(dataSource)).to.equal(second).and.not.to.equal(sweeper)
    await dataSource.destroy()
  })
})
