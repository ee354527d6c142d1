import { Table, type MigrationInterface, type QueryRunner } from 'typeorm'
import { outboxPathOf } from './outbox-path'

/**
 * Makes the table that `outbox: true` needs, on PostgreSQL, MariaDB and MySQL, in the schema and with the
 * table prefix of the DataSource. It bears the earliest date, so that it runs before your own migrations: those that
 * write rows of entities need it.
 *
 * @example
 * new DataSource({ type: 'postgres', migrations: [CreateSweepOutbox, 'dist/migrations/*.js'] })
 */
export class CreateSweepOutbox implements MigrationInterface {
  readonly name = 'CreateSweepOutbox1000000000000'

  async up(runner: QueryRunner): Promise<void> {
    const isPostgres = runner.connection.options.type === 'postgres'
    await runner.createTable(
      new Table({
        name: outboxPathOf(runner.connection),
        columns: [
          {
            name: 'id',
            type: 'bigint',
            isPrimary: true,
            isGenerated: true,
            generationStrategy: 'increment',
          },
          { name: 'namespace', type: 'varchar', length: '64', default: "''" },
          { name: 'entity', type: 'varchar', length: '255', isNullable: true },
          { name: 'record_id', type: 'varchar', length: '1024', isNullable: true },
          { name: 'sweep', type: 'text', isNullable: true },
          isPostgres
            ? { name: 'created_at', type: 'timestamp', default: 'now()' }
            : {
                name: 'created_at',
                type: 'datetime',
                precision: 6,
                default: 'CURRENT_TIMESTAMP(6)',
              },
        ],
        indices: [{ name: 'sweep_outbox_order', columnNames: ['namespace', 'id'] }],
      }),
      true,
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(outboxPathOf(runner.connection), true)
  }
}
