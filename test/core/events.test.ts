import { expect } from 'chai'
import { once } from 'node:events'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Events } from '../../src/core/events'
import type { SweeperEvents } from '../../src/core/sweeper-events'

const HIT = { subject: 'Comment:17', key: 'comment.card', durationMs: 0.2 }

function neverMade(): never {
  throw new Error('nobody listens')
}

describe('Events', () => {
  let events: Events<SweeperEvents>

  beforeEach(() => {
    events = new Events()
  })

  it('hands the payload to every listener of the name', () => {
    const seen: unknown[] = []
    events.on('hit', (hit) => seen.push(['first', hit]))
    events.on('hit', (hit) => seen.push(['second', hit]))
    events.on('circuit', (circuit) => seen.push(['other', circuit]))

    events.emit('hit', () => HIT)

    expect(seen).to.deep.equal([
      ['first', HIT],
      ['second', HIT],
    ])
  })

  it('builds no payload while nobody listens', () => {
    events.emit('hit', neverMade)

    expect(events.topic('hit').isHeard).to.equal(false)
  })

  it('builds the payload once for all', () => {
    const seen: unknown[] = []
    events.on('hit', (hit) => seen.push(hit))
    events.on('hit', (hit) => seen.push(hit))

    events.emit('hit', () => ({ ...HIT }))

    expect(seen[0]).to.equal(seen[1])
  })

  it('stops telling a listener that was taken away', () => {
    const off = events.on('hit', neverMade)

    off()
    off()
    events.emit('hit', neverMade)

    expect(events.topic('hit').isHeard).to.equal(false)
  })

  it('takes away one registration of a listener that was given twice', () => {
    const seen: unknown[] = []
    const listener = (hit: unknown): unknown => seen.push(hit)
    const off = events.on('hit', listener)
    events.on('hit', listener)

    off()
    off()
    events.emit('hit', () => HIT)

    expect(seen).to.deep.equal([HIT])
  })

  it('tells everybody who listened when the event happened', () => {
    const seen: string[] = []
    const off = events.on('hit', () => {
      seen.push('first')
      off()
      events.on('hit', () => seen.push('late'))
    })
    events.on('hit', () => seen.push('second'))

    events.emit('hit', () => HIT)

    expect(seen).to.deep.equal(['first', 'second'])
  })

  it('publishes on the diagnostics channel of the name', () => {
    const seen: unknown[] = []
    const listener = (message: unknown, name: string | symbol): unknown =>
      seen.push([name, message])
    subscribe('typeorm-sweeper:hit', listener)

    events.emit('hit', () => HIT)
    const had = events.topic('hit').isHeard
    unsubscribe('typeorm-sweeper:hit', listener)

    expect(seen).to.deep.equal([['typeorm-sweeper:hit', HIT]])
    expect([had, events.topic('hit').isHeard]).to.deep.equal([true, false])
  })

  for (const [how, listener] of [
    ['throws', neverMade],
    ['rejects', async () => Promise.reject(new Error('nobody listens'))],
  ] as const) {
    it(`makes a warning of a listener that ${how}, and tells the others`, async () => {
      const seen: unknown[] = []
      const warned = once(process, 'warning') as Promise<[Error & { code?: string }]>
      events.on('hit', listener)
      events.on('hit', (hit) => seen.push(hit))

      events.emit('hit', () => HIT)
      const [warning] = await warned

      expect(seen).to.deep.equal([HIT])
      expect([warning.name, warning.code]).to.deep.equal(['SweeperWarning', 'SWEEPER_LISTENER'])
      expect(warning.message).to.equal(
        'listener of "hit": it failed with Error: nobody listens; catch what it throws',
      )
    })
  }

  it('makes a warning of whatever is thrown', async () => {
    const thrown: unknown = Object.create(null)
    const warned = once(process, 'warning') as Promise<[Error]>
    events.on('hit', () => {
      throw thrown
    })

    events.emit('hit', () => HIT)

    expect((await warned)[0].message).to.contain('[Object: null prototype] {}')
  })
})
