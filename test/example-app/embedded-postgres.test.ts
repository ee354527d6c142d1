import { expect } from 'chai'
import { Pool, type PoolClient } from 'pg'
import { EmbeddedPostgres } from '../../example-app/embedded-postgres'

async function incremented(client: PoolClient): Promise<void> {
  await client.query('BEGIN')
  const { rows } = await client.query<{ n: number }>('SELECT n FROM counter')
  await client.query('UPDATE counter SET n = $1', [(rows[0]?.n ?? 0) + 1])
  await client.query('COMMIT')
}

describe('EmbeddedPostgres', () => {
  let postgres: EmbeddedPostgres
  let pool: Pool

  before(async () => {
    postgres = await EmbeddedPostgres.start()
    pool = new Pool({ user: 'postgres', stream: postgres.connection })
    pool.on('error', () => undefined)
    await pool.query('CREATE TABLE counter (n int)')
  })
  beforeEach(async () => {
    await pool.query('DELETE FROM counter')
    await pool.query('INSERT INTO counter VALUES (0)')
  })
  after(async () => {
    await pool.end()
    await postgres.close()
  })

  const counted = async (): Promise<unknown> => (await pool.query('SELECT n FROM counter')).rows

  it('keeps the transactions of several connections apart', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => pool.connect()))

    await Promise.all(clients.map(incremented))

    for (const client of clients) client.release()
    expect(await counted()).to.deep.equal([{ n: 8 }])
  })

  it('rolls back the transaction of a client that goes away', async () => {
    const client = await pool.connect()
    client.on('error', () => undefined)
    await client.query('BEGIN')
    await client.query('UPDATE counter SET n = 100')

    client.release(true)

    expect(await counted()).to.deep.equal([{ n: 0 }])
  })

  it('carries on after a statement that fails', async () => {
    const client = await pool.connect()
    await client.query('BEGIN')
    const code = await client.query('SELECT $1::int', ['one']).then(
      () => undefined,
      (error: unknown) => (error as { code?: string }).code,
    )
    await client.query('ROLLBACK')
    client.release()

    expect(code).to.equal('22P02')
    expect(await counted()).to.deep.equal([{ n: 0 }])
  })

  it('takes and gives values of megabytes', async () => {
    const { rows } = await pool.query('SELECT length($1) AS length, $1 AS text', [
      'ä'.repeat(1_000_000),
    ])

    expect(rows).to.deep.equal([{ length: 1_000_000, text: 'ä'.repeat(1_000_000) }])
  })
})
