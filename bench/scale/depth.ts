import {
  Column,
  type DataSource,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm'
import { Sweepable } from '../../src'
import { medianUs, type Scaling, type Series } from './series'

/** A comment on a comment on a comment. */
@Entity()
@Sweepable({ dependsOn: ['above'] })
export class Reply {
  @PrimaryGeneratedColumn()
  id!: number

  @Column()
  text!: string

  @ManyToOne(() => Reply)
  @JoinColumn()
  above?: Relation<Reply>
}

const DEPTHS = [1, 2, 3, 5, 10, 20]
const RUNS = 25

/** How a save grows with the number of records above the one that is saved. */
export const depth: Series = {
  name: 'depth',
  measure: async (scaling) => {
    const swept = await saves(scaling, true)
    const bare = await saves(scaling, false)
    return {
      title: 'One save, by the depth of the cascade above the record',
      x: 'records above it',
      y: 'microseconds',
      curves: [
        { name: 'typeorm-sweeper, with marks', points: swept },
        { name: 'bare save', points: bare },
      ],
    }
  },
}

async function saves({ servers }: Scaling, isSwept: boolean): Promise<[number, number][]> {
  const dataSource = await servers.dataSource({ synchronize: true }, [Reply])
  if (isSwept) await servers.sweeper({ timeout: '10s' }, dataSource)
  const replies = dataSource.getRepository(Reply)
  const points: [number, number][] = []
  for (const above of DEPTHS) {
    const reply = await leafUnder(dataSource, above)
    const save = (): Promise<unknown> =>
      replies.save(Object.assign(reply, { text: String(Math.random()) }))
    await medianUs(5, save)
    points.push([above, await medianUs(RUNS, save)])
  }
  return points
}

async function leafUnder(dataSource: DataSource, above: number): Promise<Reply> {
  const replies = dataSource.getRepository(Reply)
  let leaf = await replies.save(replies.create({ text: 'top' }))
  for (let level = 0; level < above; level++)
    leaf = await replies.save(replies.create({ text: `level ${level}`, above: leaf }))
  return replies.findOneByOrFail({ id: leaf.id })
}
