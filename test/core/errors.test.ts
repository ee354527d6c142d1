import { expect } from 'chai'
import {
  DeclarationError,
  FactoryLengthError,
  InvalidDurationError,
  isSweeperError,
  MissingPrimaryKeyError,
  OutboxError,
  RecursiveFactoryError,
  StoreUnavailableError,
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
  ]

  for (const [error, sentence] of SENTENCES)
    it(`${error.name}: ${sentence.slice(0, 40)}`, () => {
      expect(error.message).to.equal(sentence)
      expect(isSweeperError(error)).to.equal(true)
    })

  it('and keeps its cause, where there is one', () => {
    const cause = new Error('no such table')

    expect(new OutboxError('sweep_outbox', cause).cause).to.equal(cause)
  })
})
