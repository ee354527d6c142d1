import { Column, CreateDateColumn, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

/**
 * The table of durable sweeps, for `entities` of a DataSource whose Sweeper has `outbox: true`. Whoever makes tables by
 * migrations takes `CreateSweepOutbox` instead, or both.
 *
 * A row is a sweep that is committed and not yet known to be delivered; it is gone within moments.
 * It says what to sweep in one of two ways: `sweep`, written by the library, or `entity` and `recordId`,
 * for others such as database triggers:
 *
 * `INSERT INTO sweep_outbox (entity, record_id) VALUES ('comment', '17')`
 *
 * @example
 * new DataSource({ type: 'postgres', entities: [Article, Comment, SweepOutbox] })
 */
@Entity('sweep_outbox')
@Index('sweep_outbox_order', ['namespace', 'id'])
export class SweepOutbox {
  @PrimaryGeneratedColumn({ name: 'id', type: 'bigint' })
  id!: string

  /** Whose sweep it is; empty: of whichever Sweeper finds it. */
  @Column({ name: 'namespace', type: 'varchar', length: 64, default: '' })
  namespace!: string

  /** The name of an entity or its table. */
  @Column({ name: 'entity', type: 'varchar', length: 255, nullable: true })
  entity!: string | null

  /** The primary key as text; for composite keys a JSON object by column names. Null: every record of the entity. */
  @Column({ name: 'record_id', type: 'varchar', length: 1024, nullable: true })
  recordId!: string | null

  /** What the library has written; the format is in docs/outbox.md. */
  @Column({ name: 'sweep', type: 'text', nullable: true })
  sweep!: string | null

  /** For people who look how old the oldest is. */
  @CreateDateColumn({ name: 'created_at' })
  createdAt!: Date
}
