import { expect } from 'chai'
import { Column, DataSource, Entity, ManyToOne, OneToMany, PrimaryColumn } from 'typeorm'
import { doctor } from '../../src/cli/doctor'
import { Sweepable, Sweeper } from '../../src/index'
import { describeWith } from '../support/services'

/** Shops whose orders keep a foreign key without, and whose visits with a constraint. */
function entities() {
  @Entity('doctor_shop')
  @Sweepable({ dependsOn: ['orders', 'visits'] })
  class Shop {
    @PrimaryColumn('int') id!: number
    @OneToMany(() => Order, (order) => order.shop) orders!: Order[]
    @OneToMany(() => Visit, (visit) => visit.shop) visits!: Visit[]
  }

  @Entity('doctor_order')
  class Order {
    @PrimaryColumn('int') id!: number
    @Column('int', { nullable: true }) shopId!: number | null
    @ManyToOne(() => Shop, (shop) => shop.orders, { createForeignKeyConstraints: false })
    shop!: Shop
  }

  @Entity('doctor_visit')
  class Visit {
    @PrimaryColumn('int') id!: number
    @ManyToOne(() => Shop, (shop) => shop.visits) shop!: Shop
  }

  return [Shop, Order, Visit]
}

describeWith(['mariadb'], 'doctor on MariaDB', ({ mariadb }) => {
  it('takes foreign keys for indexed where there is a constraint', async () => {
    const dataSource = new DataSource({
      ...mariadb.options,
      entities: entities(),
      synchronize: true,
    })
    const sweeper = new Sweeper(dataSource)
    let out = ''

    try {
      await doctor(
        dataSource,
        { offline: false, strict: false },
        { out: (text) => void (out += text), err: () => undefined, draw: () => undefined },
      )
    } finally {
      await sweeper.close()
      await dataSource.destroy()
    }

    expect(out).to.contain('Shop.orders: doctor_order (shopId) has no index')
    expect(out).not.to.contain('Shop.visits: doctor_visit (shopId) has no index')
  })
})
