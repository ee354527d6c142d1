import { expect } from 'chai'
import { inspect } from 'node:util'
import { StoreUnavailableError } from '../../src/core/errors'
import { unavailable } from '../../src/store/failure-reason'

describe('unavailable()', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6379'), {
    code: 'ECONNREFUSED',
  })
  const cases: [unknown, string][] = [
    [new Error('READONLY You can’t write against a read only replica.'), 'READONLY'],
    [new Error('WRONGPASS invalid username-password pair'), 'WRONGPASS'],
    [new Error('NOAUTH Authentication required.'), 'NOAUTH'],
    [new Error('LOADING'), 'LOADING'],
    [new Error('ERR unknown command'), 'ERR'],
    [new Error('ERR Error running script (call to f_1): @user_script:3: -OOM command not'), 'OOM'],
    [refused, 'ECONNREFUSED'],
    [new Error('Connection is closed.'), 'closed'],
    [new Error('Command timed out'), 'timeout'],
    [new Error('Command aborted due to connection close'), 'connection-changed'],
    [new Error('Reached the max retries per request limit (which is 1).'), 'not-connected'],
    [new Error("Stream isn't writeable and enableOfflineQueue options is false"), 'not-connected'],
    [new Error('My password is 1234'), 'failed'],
    [Object.assign(new Error('x'), { code: 'my password' }), 'failed'],
    ['My password', 'failed'],
    [undefined, 'failed'],
  ]
  for (const [error, reason] of cases) {
    it(`makes "${reason}" of ${inspect(error).split('\n')[0]?.slice(0, 60)}`, () => {
      const made = unavailable('redis', 'read', error)

      expect(made).to.include({ reason, code: 'SWEEPER_STORE_UNAVAILABLE' })
      expect(made).not.to.have.property('cause')
    })
  }

  it('leaves an error of its kind as it is', () => {
    const error = new StoreUnavailableError('redis', 'read', 'timeout')

    expect(unavailable('other', 'write', error)).to.equal(error)
  })
})
