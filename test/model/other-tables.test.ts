import { expect } from 'chai'
import {
  Column,
  DataSource,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  PrimaryColumn,
  ViewColumn,
  ViewEntity,
} from 'typeorm'
import { EntityGraph } from '../../src/model/entity-graph'
import { idFromValue } from '../../src/model/record-id'
import { Sweepable } from '../../src/model/sweepable'
import { describeWith, sqljs } from '../support/services'

@Entity()
class Album {
  @PrimaryColumn() id!: number
}

@Entity()
class Song {
  @PrimaryColumn() id!: number
  @ManyToMany(() => Album)
  @JoinTable({
    name: 'song_album',
    joinColumn: { name: 'songId' },
    inverseJoinColumn: { name: 'albumId' },
  })
  albums!: Album[]
}

/** An entity over the table of a many-to-many relation. */
@Entity('song_album')
class Track {
  @PrimaryColumn() songId!: number
  @PrimaryColumn() albumId!: number
  @ManyToOne(() => Song) @JoinColumn({ name: 'songId' }) song!: Song
  @ManyToOne(() => Album) @JoinColumn({ name: 'albumId' }) album!: Album
}

@ViewEntity({ expression: 'SELECT 1 AS "id"' })
class Overview {
  @ViewColumn() id!: number
}

@Entity('shop', { schema: 'mall' })
class Shop {
  @PrimaryColumn() id!: number
}

/** Its table is in a schema. */
@Entity({ schema: 'blog' })
@Sweepable({ dependsOn: ['shop'] })
class Post {
  @PrimaryColumn() id!: number
  @ManyToOne(() => Shop) shop!: Shop
}

@Entity('shop')
class OtherShop {
  @PrimaryColumn() id!: number
}

/** A many-to-many relation that goes by a unique column on this side. */
@Entity()
class Mall {
  @PrimaryColumn() id!: number
  @Column({ unique: true }) name!: string
  @ManyToMany(() => OtherShop)
  @JoinTable({ joinColumn: { referencedColumnName: 'name' } })
  shops!: OtherShop[]
}

describe('EntityGraph of other tables', () => {
  it('links an entity over a declared many-to-many table to both ends', async () => {
    Sweepable({ dependsOn: ['albums'] })(Song)
    const dataSource = await new DataSource({
      ...sqljs(),
      entities: [Song, Album, Track],
    }).initialize()

    const track = EntityGraph.of(dataSource).typeOfTarget(Track)

    expect(track?.links.map(({ name }) => name)).to.have.members(['Track.song', 'Track.album'])
    await dataSource.destroy()
  })

  it('has a type for a view, without links', async () => {
    const dataSource = await new DataSource({ ...sqljs(), entities: [Overview] }).initialize()

    const type = EntityGraph.of(dataSource).typeOfTarget(Overview)

    expect(type).to.include({ name: 'Overview', key: 'overview' })
    expect(type?.links).to.deep.equal([])
    expect(() => idFromValue(type ?? expect.fail('no type'), 1)).to.throw(
      'record(Overview, 1): Overview has no primary key; give the whole type, Overview',
    )
    await dataSource.destroy()
  })

  it('finds no record by a many-to-many row that goes by another column than the key', async () => {
    Sweepable({ dependsOn: ['shops'] })(Mall)
    const dataSource = await new DataSource({
      ...sqljs(),
      entities: [Mall, OtherShop],
    }).initialize()

    const [junction] = EntityGraph.of(dataSource).declaredJunctions()

    expect(junction?.ends.map(({ idOf }) => idOf(['x'])?.text)).to.deep.equal([undefined, 'x'])
    await dataSource.destroy()
  })

  describeWith(['postgres'], 'in several schemas', ({ postgres }) => {
    it('keeps tables of one name apart', async () => {
      const dataSource = await new DataSource({
        ...postgres.options,
        entities: [Post, Shop, OtherShop],
      }).initialize()
      const graph = EntityGraph.of(dataSource)

      expect(graph.types.map(({ key }) => key)).to.have.members(['blog.post', 'mall.shop', 'shop'])
      expect(graph.typeOfTarget(Post)?.links[0]?.to.key).to.equal('mall.shop')
      expect(graph.typeOfTarget('mall.shop')).to.equal(graph.typeOfTarget(Shop))
      await dataSource.destroy()
    })
  })
})
