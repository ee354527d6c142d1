import { expect } from 'chai'
import {
  Column,
  DataSource,
  Entity,
  PrimaryGeneratedColumn,
  Tree,
  TreeChildren,
  TreeParent,
  type DataSourceOptions,
} from 'typeorm'
import { record, Sweepable, Sweeper } from '../../src/index'
import { describeOnSqlite, describeWith } from '../support/services'
import { PATIENT } from '../support/zoo-sweeper'

@Entity('tree_closure')
@Tree('closure-table')
@Sweepable({ dependsOn: ['parent'] })
class Closure {
  @PrimaryGeneratedColumn() id!: number
  @Column() name!: string
  @TreeChildren() children!: Closure[]
  @TreeParent() parent!: Closure | null
}

@Entity('tree_path')
@Tree('materialized-path')
@Sweepable({ dependsOn: ['parent'] })
class Path {
  @PrimaryGeneratedColumn() id!: number
  @Column() name!: string
  @TreeChildren() children!: Path[]
  @TreeParent() parent!: Path | null
}

@Entity('tree_nested')
@Tree('nested-set')
@Sweepable({ dependsOn: ['parent'] })
class Nested {
  @PrimaryGeneratedColumn() id!: number
  @Column() name!: string
  @TreeChildren() children!: Nested[]
  @TreeParent() parent!: Nested | null
}

describeWith(['postgres'], 'trees on PostgreSQL', ({ postgres }) => {
  itSweepsTrees(() => postgres.options)
})

describeWith(['mariadb'], 'trees on MariaDB', ({ mariadb }) => {
  itSweepsTrees(() => mariadb.options)
})

describeOnSqlite('trees', (options) => {
  itSweepsTrees(options)
})

function itSweepsTrees(database: () => DataSourceOptions): void {
  let dataSource: DataSource
  let sweeper: Sweeper

  before(async () => {
    dataSource = new DataSource({
      ...database(),
      entities: [Closure, Path, Nested],
      synchronize: true,
    } as DataSourceOptions)
    sweeper = new Sweeper(dataSource, { timeout: PATIENT })
    await dataSource.initialize()
  })
  after(() => dataSource.destroy())

  for (const [strategy, Node] of [
    ['closure-table', Closure],
    ['materialized-path', Path],
    ['nested-set', Nested],
  ] as const)
    it(`are swept where a save changes rows: ${strategy}`, async () => {
      const nodes = dataSource.getRepository<Closure>(Node)
      const save = (name: string, parent: Closure | null): Promise<Closure> =>
        nodes.save(nodes.create({ name, parent }))
      const root = await save('root', null)
      const [from, to] = [await save('from', root), await save('to', root)]
      const moved = await save('moved', from)
      const leaf = await save('leaf', moved)
      const all = [root, from, to, moved, leaf]
      const versions = () =>
        Promise.all(all.map(({ id }) => sweeper.version(record<Closure>(Node, id))))
      const table = nodes.metadata.tableName
      const rows = async (): Promise<string[]> => {
        const raw = await dataSource.query<{ id: number }[]>(`SELECT * FROM ${table} ORDER BY id`)
        return raw.map((row) => JSON.stringify(row))
      }
      const before = { versions: await versions(), rows: await rows() }

      await nodes.save(Object.assign(moved, { parent: to }))

      const after = { versions: await versions(), rows: await rows() }
      const swept = all.filter((_, at) => before.versions[at] !== after.versions[at])
      const changed = all.filter((_, at) => before.rows[at] !== after.rows[at])
      expect(changed).to.include(moved)
      // Its old and its new parent, and the root above them.
      expect(swept).to.include.members([...changed, root, from, to])
    })
}
