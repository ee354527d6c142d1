import { expect } from 'chai'
import {
  Column,
  DataSource,
  Entity,
  JoinTable,
  ManyToMany,
  PrimaryGeneratedColumn,
  type DataSourceOptions,
} from 'typeorm'
import { Sweeper, sweptQueryCache, SweepSubscriber } from '../../src/index'
import { QUIET } from '../support/random-writes/random-writes'
import { recordQueries, type QueryRecorder } from '../support/recorders/record-queries'
import { describeWith, sqljs } from '../support/services'
import { until } from '../support/until'
import { PATIENT } from '../support/zoo-sweeper'

@Entity('pairs_genre')
class Genre {
  @PrimaryGeneratedColumn() id!: number
  @Column() name!: string
}

/** Its genres are named in no `dependsOn`. */
@Entity('pairs_film')
class Film {
  @PrimaryGeneratedColumn() id!: number
  @Column() title!: string
  @ManyToMany(() => Genre)
  @JoinTable({
    name: 'pairs_film_genre',
    joinColumn: { name: 'film' },
    inverseJoinColumn: { name: 'genre' },
  })
  genres!: Genre[]
}

describeWith(['postgres'], 'many-to-many rows that nothing declares, on PostgreSQL', (services) => {
  itSeesPairs(() => services.postgres.options)
})

describeWith(['mariadb'], 'many-to-many rows that nothing declares, on MariaDB', (services) => {
  itSeesPairs(() => services.mariadb.options)
})

describe('many-to-many rows that nothing declares, on sql.js', () => {
  itSeesPairs(sqljs)
})

const LONG = 60_000
class RolledBack extends Error {}

function itSeesPairs(database: () => DataSourceOptions): void {
  let dataSource: DataSource
  let sweeper: Sweeper
  let sql: QueryRecorder

  before(async () => {
    dataSource = new DataSource({
      ...database(),
      entities: [Film, Genre],
      subscribers: [SweepSubscriber],
      synchronize: true,
      cache: { provider: sweptQueryCache },
      logger: QUIET,
    } as DataSourceOptions)
    sweeper = new Sweeper(dataSource, { timeout: PATIENT })
    await dataSource.initialize()
    sql = recordQueries(dataSource)
  })
  after(() => dataSource.destroy())

  async function aFilm(): Promise<{ film: Film; genre: Genre; other: Genre }> {
    const { manager } = dataSource
    const genre = await manager.save(Genre, { name: 'noir' })
    const other = await manager.save(Genre, { name: 'western' })
    const film = await manager.save(Film, { title: 'a', genres: [genre] })
    return { film: manager.create(Film, film), genre, other }
  }

  /** What names the genres of a film, by every cache. */
  const reads: Readonly<Record<string, (id: number) => Promise<unknown>>> = {
    'find() with the relation': async (id) => {
      const film = await sweeper.find(Film, id, { relations: ['genres'] })
      return film?.genres.map(({ name }) => name).toSorted()
    },
    'a cached query with the relation': async (id) => {
      const where = { id }
      const films = dataSource.getRepository(Film)
      const film = await films.findOne({ where, relations: { genres: true }, cache: LONG })
      return film?.genres.map(({ name }) => name).toSorted()
    },
    'a cached query of the pairs alone': (id) =>
      dataSource
        .createQueryBuilder()
        .select('p.genre', 'genre')
        .from('pairs_film_genre', 'p')
        .where('p.film = :id', { id })
        .orderBy('p.genre')
        .cache(LONG)
        .getRawMany(),
  }

  const writes: Readonly<
    Record<string, (of: Awaited<ReturnType<typeof aFilm>>) => Promise<unknown>>
  > = {
    'save()': ({ film, other }) => dataSource.manager.save(Film, { id: film.id, genres: [other] }),
    'save() of nothing': ({ film }) => dataSource.manager.save(Film, { id: film.id, genres: [] }),
    'a relation builder': ({ film, genre, other }) =>
      dataSource
        .createQueryBuilder()
        .relation(Film, 'genres')
        .of(film.id)
        .addAndRemove([other.id], [genre.id]),
    'a raw INSERT': ({ film, other }) =>
      dataSource.query(
        `INSERT INTO pairs_film_genre (film, genre) VALUES (${film.id}, ${other.id})`,
      ),
    'a raw DELETE': ({ film }) =>
      dataSource.query(`DELETE FROM pairs_film_genre WHERE film = ${film.id}`),
    'the DELETE of a record at their end': ({ genre }) =>
      dataSource.manager.delete(Genre, genre.id),
    'an import': ({ film, other }) =>
      sweeper.withoutSweeping(() =>
        dataSource.manager.save(Film, { id: film.id, genres: [other] }),
      ),
  }

  /** Reads until it comes without a query: fills are not waited for. */
  async function hitOf(read: () => Promise<unknown>): Promise<unknown> {
    let answer: unknown
    await until(async () => {
      sql.reset()
      answer = await read()
      return sql.count === 0
    })
    return answer
  }

  for (const [nameOfRead, read] of Object.entries(reads)) {
    for (const [nameOfWrite, write] of Object.entries(writes))
      it(`${nameOfRead} sees ${nameOfWrite}`, async () => {
        const made = await aFilm()
        const before = await hitOf(() => read(made.film.id))

        await write(made)

        const now = await read(made.film.id)
        expect(now).not.to.deep.equal(before)
        expect(await hitOf(() => read(made.film.id))).to.deep.equal(now)
      })

    it(`${nameOfRead} stays cached when a write of pairs is rolled back`, async () => {
      const { film, other } = await aFilm()
      const before = await hitOf(() => read(film.id))

      await dataSource
        .transaction(async (manager) => {
          await manager.createQueryBuilder().relation(Film, 'genres').of(film.id).add(other.id)
          throw new RolledBack()
        })
        .catch((error: unknown) => {
          if (!(error instanceof RolledBack)) throw error
        })

      sql.reset()
      expect(await read(film.id)).to.deep.equal(before)
      expect(sql.count).to.equal(0)
    })
  }

  it('a transaction that has written pairs reads its own', async () => {
    const { film, other } = await aFilm()
    const cached = { where: { id: film.id }, relations: { genres: true }, cache: LONG } as const
    await hitOf(() => dataSource.manager.findOne(Film, cached))

    const inside = await dataSource.transaction(async (manager) => {
      await manager.createQueryBuilder().relation(Film, 'genres').of(film.id).add(other.id)
      return manager.findOne(Film, cached)
    })

    expect(inside?.genres).to.have.length(2)
  })
}
