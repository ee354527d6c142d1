import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { doctor } from '../../src/cli/doctor'
import { run } from '../../src/cli/run'
import { barOf } from '../../src/cli/progress'
import { writeBlogProject } from '../support/blog-project'
import { packedProject, ROOT } from '../support/packed-project'
import type * as shop from './fixtures/shop'

const fixture = (name: string): string => join(__dirname, 'fixtures', `${name}.js`)

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly drawn: readonly string[]
}

async function ran(...argv: readonly string[]): Promise<Ran> {
  let [out, err] = ['', '']
  const drawn: string[] = []
  const code = await run(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    draw: (line) => void drawn.push(line),
  })
  return { code, out, err, drawn }
}

describe('the command line', () => {
  it('draws the cascade of the ormconfig.ts at the top level, as Mermaid and as DOT', async () => {
    const cli = join(ROOT, '.build/src/cli.js')
    const program = (...argv: string[]): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, [cli, ...argv], { cwd: ROOT })

    const mermaid = await program('graph', '-d', 'ormconfig.ts')
    const dot = await program('graph', '-d', 'ormconfig.ts', '--format', 'dot')

    expect(mermaid.stdout).to.contain('n1 -- "article" --> n0')
    expect(dot.stdout).to.contain('"Vote" -> "Comment" [label="comment"]')
  })

  it("sweeps by the application's Sweeper, also where that is made in a TypeScript file of its own", async () => {
    const { folder } = await packedProject()
    const blog = join(folder, 'blog')
    writeBlogProject(blog)
    const cli = join(folder, 'node_modules/typeorm-sweeper/dist/cli.js')
    const given = ['-d', 'ormconfig.ts', '-r', './src/sweeper.ts']

    const { stdout } = await promisify(execFile)(
      process.execPath,
      [cli, 'sweep', 'Comment', '17', ...given],
      { cwd: blog },
    )

    expect(stdout).to.equal('swept Comment:17\n')
  }).timeout(60_000)

  it('connects to nothing for a graph', async () => {
    const { code, out } = await ran('graph', '-d', fixture('shop'), '--format', 'dot')

    expect(code).to.equal(0)
    expect(out).to.contain('"Customer" -> "Order" [label="orders"]')
  })

  it('tells declarations that cannot work, and fails', async () => {
    const { code, out } = await ran('doctor', '-d', fixture('mistaken'))

    expect(code).to.equal(1)
    expect(out).to.match(/^error {4}.*Mistaken.*"parent"/)
    expect(out).to.contain('1 error(s), 0 warning(s)')
  })

  it('tells columns of low precision, steps without an index, and how many rows are behind them', async () => {
    const { dataSource, Customer, Order, Visit } = fresh()
    await dataSource.initialize()
    const customer = await dataSource.manager.save(dataSource.manager.create(Customer, { id: 1 }))
    const { manager } = dataSource
    for (const no of [1, 2, 3]) await manager.save(manager.create(Order, { shop: 1, no, customer }))
    await manager.save(manager.create(Visit, { id: 1, customer }))
    // What a driver keeps in memory is gone when it is connected again; so doctor gets it connected.
    let out = ''
    const drawn: string[] = []
    dataSource.initialize = () => Promise.resolve(dataSource)

    const code = await doctor(
      dataSource,
      { offline: false, strict: true },
      {
        out: (text) => void (out += text),
        err: () => undefined,
        draw: (line) => void drawn.push(line),
      },
    )
    await dataSource.destroy()

    expect(code).to.equal(1)
    expect(out).to.match(/warning {2}Customer.updatedAt: SQLite writes whole seconds/)
    expect(out).to.contain('Customer.orders: orders (customerId) has no index')
    expect(out).not.to.contain('Customer.visits: visit (customerId) has no index')
    expect(out).to.contain('Customer.orders: at most 3 row(s) behind one record')
    expect(out).to.contain('Customer.visits: at most 1 row(s) behind one record')
    expect(drawn).to.deep.equal([barOf(0, 2), barOf(1, 2), ''])
  })

  it('sweeps a record, one with a key of several columns, and a whole entity', async () => {
    fresh()
    const one = await ran('sweep', 'Visit', '7', '-d', fixture('shop'))
    fresh()
    const composite = await ran('sweep', 'Order', '{"shop":1,"no":2}', '-d', fixture('shop'))
    fresh()
    const all = await ran('sweep', 'Visit', '-d', fixture('shop'))

    expect(one).to.include({ code: 0, out: 'swept Visit:7\n' })
    expect(composite).to.include({ code: 0, out: 'swept Order:1,2\n' })
    expect(all.out).to.contain('swept every Visit')
  })

  it('clears', async () => {
    fresh()

    expect(await ran('clear', '-d', fixture('shop'))).to.include({ code: 0, out: 'cleared\n' })
  })

  it('answers what it does not understand with code 2, and the remedy', async () => {
    const wrong = async (...argv: string[]): Promise<string> => {
      const { code, err } = await ran(...argv)
      expect(code).to.equal(2)
      return err
    }

    expect(await wrong('graph')).to.contain('-d is missing')
    expect(await wrong('paint', '-d', 'x')).to.contain('"paint" is not known; give graph,')
    expect(await wrong('graph', '-d', 'nowhere.js')).to.contain('there is no such file')
    expect(await wrong('graph', '--colour', '-d', 'x')).to.contain('--colour')
    expect(await wrong('graph', '-d', fixture('two-data-sources'))).to.contain('exports 2 DataS')
    expect(await wrong('sweep', '-d', fixture('shop'))).to.contain('give an entity')
    expect(await wrong('clear', '-d', fixture('two-data-sources'))).to.contain('exports 2')
    fresh()
    expect(await wrong('sweep', 'Vist', '7', '-d', fixture('shop'))).to.contain(
      'no entity "Vist"; there are Customer, Order, Visit',
    )
    fresh()
    expect(await wrong('sweep', 'Order', '7', '-d', fixture('shop'))).to.contain(
      '{"shop":…,"no":…}',
    )
  })

  it('sweeps only where the store of the application is known', async () => {
    const { code, err } = await ran('clear', '-d', fixture('bare'))

    expect(code).to.equal(2)
    expect(err).to.contain('no Sweeper is made for this DataSource')
  })

  it('helps', async () => {
    const { code, out } = await ran('--help')

    expect(code).to.equal(0)
    expect(out).to.contain('Exit codes: 0 all is well')
  })
})

/** The fixture as in a new process: each command ends with its DataSource. */
function fresh(): typeof shop {
  delete require.cache[fixture('shop')]
  return require(fixture('shop')) as typeof shop
}
