import { expect } from 'chai'
import {
  Column,
  DataSource,
  Entity,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm'
import { Sweepable, Sweeper } from '../../src/index'
import { describeOnSqlite } from '../support/services'
import { recordSweeps, type SweepRecorder } from '../support/zoo-sweeper'

@Entity()
@Sweepable({ dependsOn: ['sessions'] })
class Account {
  @PrimaryGeneratedColumn() id!: number
  @Column({ unique: true, nullable: true, type: 'varchar' }) email!: string | null
  @Column({ default: '' }) name!: string
  @OneToMany(() => Session, (session) => session.account) sessions!: Relation<Session>[]
}

@Entity()
class Session {
  @PrimaryGeneratedColumn() id!: number
  @ManyToOne(() => Account, (account) => account.sessions, { nullable: true })
  @JoinColumn({ name: 'email', referencedColumnName: 'email' })
  account!: Relation<Account> | null
}

describeOnSqlite(
  'a dependsOn of the inverse side whose foreign key goes by another column',
  (options) => {
    let dataSource: DataSource
    let sweeps: SweepRecorder

    before(async () => {
      const given = { ...options(), entities: [Account, Session], synchronize: true }
      dataSource = new DataSource(given)
      sweeps = recordSweeps(new Sweeper(dataSource))
      await dataSource.initialize()
    })
    after(() => dataSource.destroy())
    beforeEach(() => sweeps.reset())

    const rename = ({ id }: Account): Promise<unknown> =>
      dataSource.manager.save(Account, { id, name: `${Math.random()}` })

    it('leads to the rows that point at the record by it, and to no others', async () => {
      const { manager } = dataSource
      const ann = await manager.save(Account, { email: 'ann@example.org' } as Account)
      const bob = await manager.save(Account, { email: 'bob@example.org' } as Account)
      const sessions = await manager.save(Session, [
        { account: ann },
        { account: bob },
        { account: ann },
      ])
      sweeps.reset()

      await rename(ann)

      expect(sweeps.records).to.deep.equal(
        [
          `Account:${ann.id}`,
          `Session:${sessions[0]?.id}`,
          `Session:${sessions[2]?.id}`,
        ].toSorted(),
      )
    })

    it('leads nowhere from a record that has no value there', async () => {
      const nobody = await dataSource.manager.save(Account, { email: null } as Account)
      await dataSource.manager.save(Session, { account: null })
      sweeps.reset()

      await rename(nobody)

      expect(sweeps.records).to.deep.equal([`Account:${nobody.id}`])
      expect(sweeps.types).to.deep.equal([])
    })
  },
)
