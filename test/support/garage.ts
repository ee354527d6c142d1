import {
  AfterLoad,
  ChildEntity,
  Column,
  DeleteDateColumn,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  RelationId,
  TableInheritance,
  UpdateDateColumn,
  VirtualColumn,
  type ColumnType,
} from 'typeorm'
import { Sweepable } from '../../src/index'

/** A class that only a transformer knows. */
export class Money {
  readonly cents: bigint

  constructor(cents: bigint) {
    this.cents = cents
  }
}

const MONEY = {
  to: (money: Money | null | undefined) => (money == null ? money : `${money.cents} cents`),
  from: (text: string | null) => text && new Money(BigInt(text.split(' ')[0] ?? '')),
}

interface Types {
  readonly date: ColumnType
  readonly bytes: ColumnType
  readonly json: ColumnType
}

const TYPES: Readonly<Record<'postgres' | 'mariadb' | 'sqljs', Types>> = {
  postgres: { date: 'timestamptz', bytes: 'bytea', json: 'jsonb' },
  mariadb: { date: 'datetime', bytes: 'blob', json: 'json' },
  sqljs: { date: 'datetime', bytes: 'blob', json: 'simple-json' },
}

export type Garage = ReturnType<typeof garageEntities>

/** Entities with a column of every kind, by the names that a database has for them. */
export function garageEntities(database: 'postgres' | 'mariadb' | 'sqljs') {
  const { date, bytes, json } = TYPES[database]

  @Entity('garage_owner')
  class Owner {
    @PrimaryGeneratedColumn() id!: number
    @Column({ unique: true }) email!: string
    @Column({ default: '' }) name!: string
    @DeleteDateColumn() deletedAt!: Date | null
  }

  @Entity('garage_engine')
  class Engine {
    @PrimaryGeneratedColumn() id!: number
    @Column() power!: number
    @DeleteDateColumn() deletedAt!: Date | null
  }

  @Entity('garage_tag')
  class Tag {
    @PrimaryGeneratedColumn() id!: number
    @Column() label!: string
  }

  class Size {
    @Column({ type: 'int' }) length!: number
    @Column({ type: 'int' }) width!: number
  }

  @Entity('garage_car')
  class Car {
    @PrimaryGeneratedColumn() id!: number
    @Column() name!: string
    @Column({ type: date }) soldAt!: Date
    @Column({ type: 'decimal', precision: 12, scale: 2 }) price!: string
    @Column({ type: 'bigint' }) serial!: string
    @Column({ type: bytes }) photo!: Buffer
    @Column({ type: json }) equipment!: object
    @Column('simple-array') colours!: string[]
    @Column('simple-json') extras!: object
    @Column(
      database === 'sqljs'
        ? { type: 'simple-enum', enum: ['new', 'sold'] }
        : { type: 'enum', enum: ['new', 'sold'] },
    )
    state!: 'new' | 'sold'
    @Column({ type: 'varchar', transformer: MONEY }) cost!: Money
    @Column(() => Size) size!: Size
    @Column() isOpen!: boolean
    @Column({ type: 'float' }) weight!: number
    @Column({ type: 'varchar', nullable: true }) note!: string | null
    @Column({ default: 'hidden', select: false }) secret!: string
    @UpdateDateColumn() updatedAt!: Date
    @ManyToOne(() => Engine, { nullable: true }) engine!: Engine | null
    @ManyToOne(() => Owner, { nullable: true, lazy: true }) driver!: Promise<Owner | null>
    @OneToMany(() => Trip, (trip) => trip.car) trips!: Trip[]
    @ManyToMany(() => Tag) @JoinTable({ name: 'garage_car_tag' }) tags!: Tag[]
    loads?: number

    @AfterLoad()
    count(): void {
      this.loads = (this.loads ?? 0) + 1
    }
  }

  @Entity('garage_trip')
  @Sweepable({ dependsOn: ['car'] })
  class Trip {
    @PrimaryGeneratedColumn() id!: number
    @Column() km!: number
    @ManyToOne(() => Car, (car) => car.trips, { onDelete: 'CASCADE' }) car!: Car
  }

  @Entity('garage_vehicle')
  @TableInheritance({ column: { name: 'kind', type: 'varchar' } })
  class Vehicle {
    @PrimaryGeneratedColumn() id!: number
    @Column({ default: '' }) plate!: string
  }

  @ChildEntity('truck')
  class Truck extends Vehicle {
    @Column({ type: 'int', nullable: true }) load!: number
  }

  @ChildEntity('bus')
  class Bus extends Vehicle {
    @Column({ type: 'int', nullable: true }) seats!: number
  }

  /** Loaded with what it has eagerly, and with a value that its trips make. */
  @Entity('garage_fleet')
  class Fleet {
    @PrimaryGeneratedColumn() id!: number
    @ManyToOne(() => Engine, { eager: true, nullable: true }) spare!: Engine | null
    @OneToMany(() => Lease, (lease) => lease.fleet) leases!: Lease[]
    @RelationId((fleet: Fleet) => fleet.leases) leaseIds!: number[]
    @VirtualColumn({
      query: (alias) => `SELECT COUNT(*) FROM garage_lease WHERE garage_lease.days = ${alias}.id`,
      transformer: { to: (value: unknown) => value, from: Number },
    })
    odd!: number
  }

  /** Says nowhere what it belongs to. */
  @Entity('garage_lease')
  class Lease {
    @PrimaryGeneratedColumn() id!: number
    @Column() days!: number
    @ManyToOne(() => Fleet, (fleet) => fleet.leases) fleet!: Fleet
  }

  const all = [Fleet, Lease, Owner, Engine, Tag, Car, Trip, Vehicle, Truck, Bus]
  return { Fleet, Lease, Owner, Engine, Tag, Car, Trip, Vehicle, Truck, Bus, all }
}
