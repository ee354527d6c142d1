import { expect } from 'chai'
import { membersIn } from '../../src/store/cluster-members'

const ID = '07c37dfeb235213a872192d90877d0cd55635b91'

/** A line of CLUSTER NODES. */
const line = (where: string, flags: string, ...slots: string[]): string =>
  [ID, where, flags, '-', '0', '1426238317239', '4', 'connected', ...slots].join(' ')

describe('the servers of a cluster', () => {
  it('are found by address, and by the name of those that have one', () => {
    const reply = [
      line(':30001@31001', 'myself,master', '0-5460'),
      line('10.0.0.2:30002@31002,cache-2.local', 'slave'),
      line('fd00::3:30003@31003,,shard-id=abc', 'master,fail?', '5461'),
      '',
    ].join('\n')

    expect(membersIn(reply, '10.0.0.1').map(({ addresses }) => addresses)).to.deep.equal([
      ['10.0.0.1:30001'],
      ['10.0.0.2:30002', 'cache-2.local:30002'],
      ['fd00::3:30003'],
    ])
  })

  it('are not those that are known by hearsay alone', () => {
    const reply = [line('10.0.0.1:1@2', 'handshake'), line(':0@0', 'master,noaddr,fail')].join('\n')

    expect(membersIn(reply, '10.0.0.1')).to.deep.equal([])
  })

  it('may serve unless they count as dead and have no slot', () => {
    const reply = [
      line('10.0.0.1:1@2', 'master,fail', '7', '9-11'),
      line('10.0.0.2:1@2', 'master,fail?'),
      line('10.0.0.3:1@2', 'slave'),
      line('10.0.0.4:1@2', 'slave,fail'),
      line('10.0.0.5:1@2', 'master,fail', `[93-<-${ID}]`),
    ].join('\n')

    expect(membersIn(reply, '').map(({ mayServe }) => mayServe)).to.deep.equal([
      true,
      true,
      true,
      false,
      false,
    ])
  })
})
