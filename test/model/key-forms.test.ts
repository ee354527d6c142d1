import { expect } from 'chai'
import {
  Column,
  DataSource,
  Entity,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  type DataSourceOptions,
  type ObjectLiteral,
} from 'typeorm'
import type { EntityClass } from '../../src/model/entity-class'
import { EntityGraph } from '../../src/model/entity-graph'
import { idFromEntity, idFromRow, idFromValue } from '../../src/model/record-id'
import { describeWith, sqljs } from '../support/services'

@Entity()
class Numbered {
  @PrimaryGeneratedColumn() id!: number
}

@Entity()
class Big {
  @PrimaryColumn({ type: 'bigint' }) id!: string
}

@Entity()
class Small {
  @PrimaryColumn({ type: 'smallint' }) id!: number
}

@Entity()
class Unique {
  @PrimaryGeneratedColumn('uuid') id!: string
}

@Entity()
class Named {
  @PrimaryColumn() name!: string
}

@Entity()
class Daily {
  @PrimaryColumn({ type: 'date' }) day!: string
}

@Entity()
class Priced {
  @PrimaryColumn({ type: 'decimal', precision: 10, scale: 2 }) price!: string
}

@Entity()
class Flagged {
  @PrimaryColumn({ type: 'boolean' }) flag!: boolean
}

@Entity()
class Dated {
  @PrimaryColumn() at!: Date
}

class Place {
  @PrimaryColumn() row!: string
  @PrimaryColumn() seat!: number
}

@Entity()
class Placed {
  @Column(() => Place) place!: Place
}

class Single {
  @PrimaryColumn() code!: string
}

@Entity()
class Embedded {
  @Column(() => Single) key!: Single
}

/** Its foreign key is part of its key. */
@Entity()
class Related {
  @ManyToOne(() => Numbered) numbered!: Numbered
  @PrimaryColumn() numberedId!: number
  @PrimaryColumn() position!: number
}

@Entity()
class Converted {
  @PrimaryColumn({
    type: 'varchar',
    transformer: { to: (value: string) => `<${value}>`, from: (text: string) => text.slice(1, -1) },
  })
  code!: string
}

const ENTITIES = [
  ...[Numbered, Big, Small, Unique, Named, Daily, Priced, Flagged, Dated],
  ...[Placed, Embedded, Related, Converted],
]

interface KeyCase {
  readonly entity: EntityClass & (new () => ObjectLiteral)
  /** What is saved; the first forms of the value that `record()` takes. */
  readonly saved: ObjectLiteral
  readonly forms: readonly unknown[]
}

/** The largest that sql.js reads without rounding it. */
const BIG = '9007199254740991'

const CASES: readonly KeyCase[] = [
  {
    entity: Big,
    saved: { id: BIG },
    forms: [BIG, BigInt(BIG)],
  },
  { entity: Small, saved: { id: -5 }, forms: [-5, '-5', -5n] },
  { entity: Named, saved: { name: "a,b'% ä" }, forms: ["a,b'% ä", { name: "a,b'% ä" }] },
  { entity: Daily, saved: { day: '2026-03-01' }, forms: ['2026-03-01', new Date(2026, 2, 1, 12)] },
  { entity: Priced, saved: { price: '1.50' }, forms: ['1.50', 1.5, '1.5'] },
  { entity: Flagged, saved: { flag: true }, forms: [true, 1, 'true'] },
  { entity: Dated, saved: { at: new Date(1.7e12) }, forms: [new Date(1.7e12)] },
  {
    entity: Placed,
    saved: { place: { row: 'a', seat: 3 } },
    forms: [{ place: { row: 'a', seat: '3' } }],
  },
  { entity: Embedded, saved: { key: { code: 'x' } }, forms: ['x', { key: { code: 'x' } }] },
  { entity: Converted, saved: { code: 'x' }, forms: ['x', { code: 'x' }] },
]

function itReadsKeys(options: () => DataSourceOptions): void {
  let dataSource: DataSource

  before(async () => {
    dataSource = await new DataSource({
      ...options(),
      entities: ENTITIES,
      synchronize: true,
    } as DataSourceOptions).initialize()
  })
  after(() => dataSource.destroy())

  async function expectOneId(
    entity: KeyCase['entity'],
    saved: ObjectLiteral,
    forms: readonly unknown[],
  ): Promise<void> {
    const type = EntityGraph.of(dataSource).typeOfTarget(entity) ?? expect.fail('no type')
    const repository = dataSource.getRepository(entity)
    const row = await repository.save(repository.create(saved))
    const query = repository.createQueryBuilder('t').select([])
    type.idColumns.forEach(({ databaseName }, at) => query.addSelect(`t.${databaseName}`, `c${at}`))
    const raw = (await query.getRawMany<Record<string, unknown>>()).at(-1)
    const [loaded] = await repository.find()

    const id = idFromEntity(type, row) ?? expect.fail('no id')
    const others = [
      idFromRow(
        type,
        type.idColumns.map((_, at) => raw?.[`c${at}`]),
      ),
      ...(loaded === undefined ? [] : [idFromEntity(type, loaded)]),
      ...forms.map((form) => idFromValue(type, form)),
    ]

    expect(new Set(others.map((other) => other?.text))).to.deep.equal(new Set([id.text]))
    for (const other of [id, ...others]) {
      const found = repository.createQueryBuilder('t').whereInIds([other?.map])
      expect(await found.getCount()).to.equal(1)
    }
    expect(await repository.countBy(id.map)).to.equal(1)
  }

  for (const { entity, saved, forms } of CASES) {
    it(`of ${entity.name} in every form`, () => expectOneId(entity, saved, forms))
  }

  it('that the database generates', async () => {
    await expectOneId(Numbered, {}, [1, '1', 1n])
    await expectOneId(Unique, {}, [])
  })

  it('that are relations', async () => {
    const numbered = await dataSource.getRepository(Numbered).save({})
    const { id } = numbered

    await expectOneId(Related, { numbered, position: 2 }, [
      { numbered: { id }, position: 2 },
      { numberedId: String(id), position: '2' },
    ])
  })
}

/** Where the driver does not round them. */
function itReadsLargeKeys(options: () => DataSourceOptions): void {
  it('of more than 2^53 to the last digit', async () => {
    const dataSource = await new DataSource({
      ...options(),
      entities: [Big],
    } as DataSourceOptions).initialize()
    const type = EntityGraph.of(dataSource).typeOfTarget(Big) ?? expect.fail('no type')
    const repository = dataSource.getRepository(Big)
    await repository.insert([{ id: '9007199254740992' }, { id: '9007199254740993' }])

    const { text, map } = idFromValue(type, 9007199254740993n)
    const found = await repository.findBy(map)

    expect(found.map((row) => idFromEntity(type, row)?.text)).to.deep.equal([text])
    await dataSource.destroy()
  })
}

describe('a RecordId of keys', () => {
  describe('in SQLite', () => itReadsKeys(() => sqljs()))
  describeWith(['postgres'], 'in PostgreSQL', ({ postgres }) => {
    itReadsKeys(() => postgres.options)
    itReadsLargeKeys(() => postgres.options)
  })
  describeWith(['mariadb'], 'in MariaDB', ({ mariadb }) => {
    itReadsKeys(() => mariadb.options)
    itReadsLargeKeys(() => mariadb.options)
  })
})
