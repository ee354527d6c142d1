import { expect } from 'chai'
import {
  ClosedError,
  DeclarationError,
  FactoryLengthError,
  InvalidDurationError,
  isSweeperError,
  MissingPrimaryKeyError,
  NamespaceError,
  OutboxError,
  RecursiveFactoryError,
  StoreUnavailableError,
  TemplateError,
  quoted,
} from '../../src/core/errors'

describe('an error says where, what is wrong, and what would be right', () => {
  const SENTENCES: readonly (readonly [Error, string])[] = [
    [new DeclarationError(['one']), 'one'],
    [new DeclarationError(['one', 'two']), '2 declarations are wrong:\n  one\n  two'],
    [
      new InvalidDurationError('ttl', '5 parsecs'),
      'ttl: "5 parsecs" is no duration; give milliseconds or text such as "500ms", "30s", "10m", "2h", "1d"',
    ],
    [
      new MissingPrimaryKeyError('getOrSet', 'OrderLine', ['order', 'line']),
      'getOrSet: OrderLine has no value for its primary key "order", "line"; save it first, or name it with record(OrderLine, id)',
    ],
    [
      new FactoryLengthError('card', 3, [1, 2]),
      'getOrSetMany "card": the factory was given 3 subjects and answered 2 values; return an array with one value per subject, in their order',
    ],
    [
      new FactoryLengthError('card', 3, 'text'),
      'getOrSetMany "card": the factory was given 3 subjects and answered "text"; return an array with one value per subject, in their order',
    ],
    [
      new RecursiveFactoryError('a', ['a', 'b']),
      'getOrSet "a": its factory waits for its own value (a -> b -> a); load the inner value without the cache, or give it another key',
    ],
    [
      new StoreUnavailableError('redis', 'read', 'timeout'),
      'redis store: read failed (timeout); is the server up and reachable from here?',
    ],
    [
      new OutboxError('sweep_outbox', new Error('no such table')),
      'outbox: there is no table "sweep_outbox"; run the migration CreateSweepOutbox of typeorm-sweeper, or list its entity SweepOutbox and synchronize',
    ],
    [
      new ClosedError('getOrSet'),
      'getOrSet: this Sweeper is closed; make a new one with new Sweeper(dataSource, options)',
    ],
    [new NamespaceError('two'), 'two'],
    [new TemplateError('cachesweeper: no'), 'cachesweeper: no'],
  ]

  for (const [error, sentence] of SENTENCES)
    it(`${error.name}: ${sentence.slice(0, 40)}`, () => {
      expect(error.message).to.equal(sentence)
      expect(isSweeperError(error)).to.equal(true)
    })

  it('and shows values as JSON, shortened, whatever they are', () => {
    const circle: { self?: unknown } = {}
    circle.self = circle

    expect(quoted('text')).to.equal('"text"')
    expect(quoted(7n)).to.equal('7n')
    expect(quoted(undefined)).to.equal('undefined')
    expect(quoted(circle)).to.equal('[object Object]')
    expect(quoted('a'.repeat(58))).to.equal(`"${'a'.repeat(58)}"`)
    expect(quoted('a'.repeat(59))).to.equal(`"${'a'.repeat(56)}...`)
  })

  it('and is told from others by its code', () => {
    expect(isSweeperError(Object.assign(new Error('x'), { code: 'SWEEPER_X' }))).to.equal(true)
    expect(isSweeperError(Object.assign(new Error('x'), { code: 'ECONNRESET' }))).to.equal(false)
    expect(isSweeperError(Object.assign(new Error('x'), { code: 7 }))).to.equal(false)
    expect(isSweeperError(new Error('SWEEPER_X'))).to.equal(false)
    expect(isSweeperError({ code: 'SWEEPER_X' })).to.equal(false)
  })

  it('and keeps its cause, where there is one', () => {
    const cause = new Error('no such table')

    expect(new OutboxError('sweep_outbox', cause).cause).to.equal(cause)
  })
})
