import { expect } from 'chai'
import {
  AfterLoad,
  Column,
  DataSource,
  type DataSourceOptions,
  Entity,
  type EntitySubscriberInterface,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm'
import { Sweeper, SweepSubscriber } from '../../src/index'
import { sqljs } from '../support/services'

@Entity()
class Shelf {
  @PrimaryGeneratedColumn()
  id!: number

  @Column()
  room!: string

  @OneToMany(() => Book, (book) => book.shelf)
  books!: Relation<Book[]>
}

@Entity()
class Book {
  @PrimaryGeneratedColumn()
  id!: number

  @Column()
  title!: string

  @Column({ select: false })
  secret!: string

  @Column({ type: 'simple-array', transformer: { to: String, from: (text) => `${text}!` } })
  tags!: string

  @ManyToOne(() => Shelf, (shelf) => shelf.books)
  shelf: Relation<Shelf> | undefined
}

@Entity()
class Film {
  @PrimaryGeneratedColumn()
  id!: number

  @Column()
  title!: string

  shown = ''

  @AfterLoad()
  show(): void {
    this.shown = `${this.title} is shown`
  }
}

class Listener implements EntitySubscriberInterface {
  readonly heard: unknown[] = []

  afterLoad(entity: unknown): void {
    this.heard.push(entity)
  }
}

describe('an object out of the cache', () => {
  let dataSource: DataSource
  let sweeper: Sweeper

  beforeEach(async () => {
    dataSource = new DataSource({
      ...sqljs(),
      entities: [Shelf, Book, Film],
      subscribers: [SweepSubscriber],
      synchronize: true,
    } as DataSourceOptions)
    sweeper = new Sweeper(dataSource)
    await dataSource.initialize()
    const shelf = await dataSource.getRepository(Shelf).save({ room: 'attic' })
    const book = { title: 'Emma', secret: 's', tags: 'a,b', shelf }
    await dataSource.getRepository(Book).save(book)
    await dataSource.getRepository(Film).save({ title: 'Ran' })
  })
  afterEach(() => dataSource.destroy())

  /** Read twice, so that it is a hit. */
  async function hitOf<E extends object>(target: new () => E): Promise<E | null> {
    let hits = 0
    const off = sweeper.on('hit', () => hits++)
    await sweeper.find(target, 1)
    await new Promise((resolve) => setImmediate(resolve))
    const found = await sweeper.find(target, 1)
    off()
    expect(hits).to.equal(1)
    return found
  }

  for (const target of [Shelf, Book, Film] as const)
    it(`is what TypeORM makes of its row: ${target.name}`, async () => {
      const found = await hitOf<object>(target)

      expect(found).to.be.instanceOf(target)
      expect(found).to.deep.equal(
        await dataSource.getRepository<object>(target).findOneBy({ id: 1 } as object),
      )
    })

  it('is told of to subscribers of the application, also to those that come later', async () => {
    const listener = new Listener()
    await hitOf(Book)
    dataSource.subscribers.push(listener)

    const found = await hitOf(Shelf)
    expect(listener.heard).to.include(found)
    listener.heard.length = 0
    expect(listener.heard).to.deep.equal([])
    const book = await sweeper.find(Book, 1)
    expect(listener.heard).to.deep.equal([book])
  })

  it('has an age: what is made of one that was there is kept', async () => {
    const book = await hitOf(Book)
    const reasons: string[] = []
    sweeper.on('unproven', ({ reason }) => reasons.push(reason))
    // Tokens have whole milliseconds and a margin: a moment later the proof is there.
    await new Promise((resolve) => setTimeout(resolve, 20))
    await sweeper.getOrSet({
      on: (await sweeper.find(Book, 1)) ?? [],
      key: 'card',
      factory: () => 'card',
    })

    expect(book).not.to.equal(null)
    expect(reasons).to.deep.equal([])
    expect(await sweeper.get({ on: (await sweeper.find(Book, 1)) ?? [], key: 'card' })).to.equal(
      'card',
    )
  })
})
