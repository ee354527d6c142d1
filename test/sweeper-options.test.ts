import { expect } from 'chai'
import { DataSource } from 'typeorm'
import { InvalidOptionError } from '../src/core/errors'
import { Sweeper, type SweeperOptions } from '../src/index'
import { sqljs } from './support/services'

describe('the options of a Sweeper', () => {
  const make = (options: SweeperOptions) => (): Sweeper =>
    new Sweeper(new DataSource(sqljs()), options)

  it('refuse to fail writes without the marks by which they would', () => {
    expect(make({ onStoreError: 'throw', marks: false })).to.throw(
      InvalidOptionError,
      'new Sweeper(): onStoreError "throw" with marks false promises what nothing keeps',
    )
  })

  it('refuse MongoDB, where there is nothing to go by', () => {
    // The driver is handed in, so that its package need not be there.
    const dataSource = new DataSource({ type: 'mongodb', driver: {} })

    expect(() => new Sweeper(dataSource)).to.throw(
      InvalidOptionError,
      'new Sweeper(): the database is "mongodb", whose writes have no transactions, statements or joins to go by; give a DataSource of an SQL database',
    )
  })

  it('let marks be left out under "degrade"', async () => {
    await make({ onStoreError: 'degrade', marks: false })().close()
  })
})
