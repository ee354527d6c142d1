import { expect } from 'chai'
import type { Subject } from '../../src/core/subject'
import type { EntityGraph } from '../../src/model/entity-graph'
import { KnownSubjects } from '../../src/model/known-subjects'
import { record } from '../../src/model/record-ref'

class Article {
  id!: number
}
class Comment {
  id!: number
}

const graph = {} as EntityGraph
const subject = (tag: string): Subject => ({
  tag,
  label: tag,
  tokens: [],
  attribute: undefined,
  instance: undefined,
  ttlMs: undefined,
})

describe('KnownSubjects', () => {
  function counting(): { ask(on: unknown, of?: EntityGraph): readonly Subject[]; made: number } {
    const known = new KnownSubjects()
    const counted = {
      made: 0,
      ask: (on: unknown, of = graph) => {
        const make = (): readonly Subject[] => [subject(String(++counted.made))]
        return known.of(() => of, on, make)
      },
    }
    return counted
  }

  it('makes the subjects of a name once, each class and value apart', () => {
    const counted = counting()
    const names = [
      () => record(Article, 1),
      () => record(Comment, 1),
      () => record(Article, '1' as never),
      () => record(Article, 1n as never),
    ]
    const first = names.map((name) => counted.ask(name()))

    expect(counted.made).to.equal(4)
    for (const [at, name] of names.entries()) expect(counted.ask(name())).to.equal(first[at])
    expect(counted.made).to.equal(4)
  })

  it('remembers nothing that may change: instances, lists, keys of several parts', () => {
    const counted = counting()
    const instance = Object.assign(new Article(), { id: 1 })
    for (const on of [instance, [record(Article, 1)], record(Article, { id: 1 }), Article]) {
      counted.ask(on)
      counted.ask(on)
    }
    expect(counted.made).to.equal(8)
  })

  it('forgets all when the DataSource is initialized again', () => {
    const counted = counting()
    counted.ask(record(Article, 1))
    counted.ask(record(Article, 1), {} as EntityGraph)
    expect(counted.made).to.equal(2)
  })

  it('is bounded, and keeps what is asked for', () => {
    const counted = counting()
    for (let id = 1; id <= 20_000; id++) {
      counted.ask(record(Article, id))
      counted.ask(record(Comment, 1))
    }
    expect(counted.made).to.equal(20_001)
    counted.ask(record(Article, 1))
    expect(counted.made).to.equal(20_002)
  })

  it('remembers nothing that could not be made', () => {
    const known = new KnownSubjects()
    const refuse = (): never => {
      throw new Error('no such entity')
    }
    for (let time = 0; time < 2; time++)
      expect(() => known.of(() => graph, record(Article, 1), refuse)).to.throw('no such entity')
  })
})
