import { expect } from 'chai'
import { isPlainKey, type PlainKey, Remembered } from '../../src/core/remembered'

describe('what was made of plain keys', () => {
  const MOST = 3
  let remembered: Remembered<string, string>
  let made: string[]

  beforeEach(() => {
    remembered = new Remembered(MOST)
    made = []
  })

  const of = (owner: string, key: PlainKey): string =>
    remembered.of(owner, key, () => {
      made.push(`${owner} ${String(key)}`)
      return `${owner} ${typeof key} ${String(key)}`
    })

  it('is made once for each owner and key, and told apart by the type of the key', () => {
    const values = [of('a', 1), of('a', '1'), of('b', 1), of('a', 1), of('b', 1)]

    expect(values).to.deep.equal([
      'a number 1',
      'a string 1',
      'b number 1',
      'a number 1',
      'b number 1',
    ])
    expect(made).to.have.length(3)
  })

  it('is kept for as long as it is asked for, and forgotten two generations after that', () => {
    of('a', 0)
    for (let key = 1; key <= 9; key++) {
      of('a', 0)
      of('a', key)
    }
    const used = made.filter((one) => one === 'a 0').length
    for (let key = 10; key <= 10 + 2 * MOST; key++) of('a', key)
    of('a', 0)

    expect(used).to.equal(1)
    expect(made.filter((one) => one === 'a 0')).to.have.length(2)
  })

  it('is found in the generation before without being made again', () => {
    for (let key = 1; key <= MOST + 1; key++) of('a', key)

    for (let key = 1; key <= MOST; key++) of('a', key)

    expect(made).to.have.length(MOST + 1)
  })

  it('is forgotten at once when it is cleared', () => {
    for (let key = 1; key <= MOST + 1; key++) of('a', key)

    remembered.clear()
    for (let key = 1; key <= MOST + 1; key++) of('a', key)

    expect(made).to.have.length(2 * (MOST + 1))
  })

  it('is not remembered where it is refused', () => {
    const refuse = (): string => remembered.of('a', 1, () => expectNothing())

    expect(refuse).to.throw('refused')
    expect(of('a', 1)).to.equal('a number 1')
  })

  it('is of numbers, text and bigints alone', () => {
    expect([1, '1', 1n].map(isPlainKey)).to.deep.equal([true, true, true])
    expect([null, undefined, true, {}, [1], new Date(0)].some(isPlainKey)).to.equal(false)
  })
})

function expectNothing(): never {
  throw new Error('refused')
}
