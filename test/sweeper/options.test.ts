import { expect } from 'chai'
import { DataSource } from 'typeorm'
import { InvalidOptionError } from '../../src/core/errors'
import { Sweeper, type SweeperOptions } from '../../src/index'
import { sqljs } from '../support/services'

describe('the options of a Sweeper', () => {
  const make = (options: SweeperOptions) => (): Sweeper =>
    new Sweeper(new DataSource(sqljs()), options)

  it('refuse to fail writes without the marks by which they would', () => {
    expect(make({ onStoreError: 'throw', marks: false })).to.throw(
      InvalidOptionError,
      'new Sweeper(): onStoreError "throw" with marks false promises what nothing keeps',
    )
  })

  const WRONG: readonly (readonly [options: SweeperOptions, says: string])[] = [
    [{ shadow: 1.5 }, 'shadow 1.5 is not usable; give a number from 0 to 1'],
    [{ shadow: -0.01 }, 'shadow -0.01 is not usable; give a number from 0 to 1'],
    [{ shadow: { rate: -1 } }, 'shadow.rate -1 is not usable; give a number from 0 to 1'],
    [{ shadow: { rate: 1, concurrency: 0 } }, 'shadow.concurrency 0 is not usable; give a whole'],
    [{ shadow: { rate: 1, delay: Infinity } }, 'shadow.delay'],
  ]
  for (const [options, says] of WRONG)
    it(`refuse ${says.split(';')[0]}`, () => {
      expect(make(options)).to.throw(InvalidOptionError, `new Sweeper(): ${says}`)
    })

  it('refuse MongoDB, where there is nothing to go by', () => {
    // The driver is handed in, so that its package need not be there.
    const dataSource = new DataSource({ type: 'mongodb', driver: {} })

    for (const options of [{}, { outbox: true }])
      expect(() => new Sweeper(dataSource, options)).to.throw(
        InvalidOptionError,
        'new Sweeper(): the database is "mongodb", whose writes have no transactions, statements or joins to go by; give a DataSource of an SQL database',
      )
  })

  it('refuse a tenant that cannot be asked for', () => {
    expect(make({ tenant: 'acme' as never })).to.throw(
      InvalidOptionError,
      'new Sweeper(): tenant "acme" is not usable; give a function that answers the name of the tenant',
    )
  })

  it('let marks be left out under "degrade"', async () => {
    await make({ onStoreError: 'degrade', marks: false })().close()
  })
})
