import { expect } from 'chai'
import { EntitySchema } from 'typeorm'
import { parseOn } from '../../src/model/parse-on'
import { children, record } from '../../src/model/record-ref'

class Comment {
  id!: number
  votes!: unknown[]
}
class Article {
  id!: number
}
const schema = new EntitySchema<Comment>({ name: 'Comment', columns: {} })

describe('parseOn()', () => {
  const comment = new Comment()

  it('tells the kinds of subjects apart', () => {
    expect(parseOn(record(Comment, 17))).to.deep.equal([
      { kind: 'record', target: Comment, id: 17 },
    ])
    expect(parseOn(children(Comment, 17, 'votes'))).to.deep.equal([
      { kind: 'children', target: Comment, id: 17, relation: 'votes' },
    ])
    expect(parseOn(Comment)).to.deep.equal([{ kind: 'type', target: Comment }])
    expect(parseOn(schema)).to.deep.equal([{ kind: 'type', target: schema }])
    expect(parseOn(comment)).to.deep.equal([{ kind: 'instance', instance: comment }])
  })

  it('takes an entity with a key value for a record', () => {
    for (const id of ['17', 17, 17n, new Date(0)]) {
      expect(parseOn([Comment, id])).to.deep.equal([{ kind: 'record', target: Comment, id }])
      expect(parseOn([schema, id])).to.deep.equal([{ kind: 'record', target: schema, id }])
    }
  })

  it('takes every other array for a list', () => {
    const kinds = (on: unknown) => parseOn(on).map(({ kind }) => kind)

    expect(kinds([Comment, Article])).to.deep.equal(['type', 'type'])
    expect(kinds([Comment, comment])).to.deep.equal(['type', 'instance'])
    expect(kinds([Comment, record(Article, 7)])).to.deep.equal(['type', 'record'])
    expect(kinds([[Comment, 17], comment, schema])).to.deep.equal(['record', 'instance', 'type'])
    expect(kinds([Comment])).to.deep.equal(['type'])
    expect(kinds([])).to.deep.equal([])
  })

  it('knows references that another copy of the package made', () => {
    const foreign = { [Symbol.for('typeorm-sweeper.reference')]: 'record', target: Comment, id: 1 }

    expect(parseOn(foreign)).to.deep.equal([{ kind: 'record', target: Comment, id: 1 }])
  })

  it('refuses what names nothing, and says to use record()', () => {
    for (const wrong of ['Comment:17', 17, undefined, null, true, [Comment, 17, 18], [null]])
      expect(() => parseOn(wrong))
        .to.throw(/^on: .* names no record; name one with record\(Entity, id\)$/)
        .with.property('code', 'SWEEPER_INVALID_SUBJECT')
  })

  it('refuses lists in lists', () => {
    expect(() => parseOn([comment, [comment, comment]])).to.throw(
      'an array inside a list is no subject unless it is [Entity, id]',
    )
  })

  it('refuses references to what is no entity', () => {
    for (const target of ['Comment', undefined, comment])
      expect(() => parseOn(record(target as unknown as typeof Comment, 17)))
        .to.throw('names no entity; give its class or its EntitySchema')
        .with.property('code', 'SWEEPER_INVALID_SUBJECT')
  })

  it('names the call', () => {
    expect(() => parseOn(17, 'getOrSet "card"')).to.throw(/^getOrSet "card": 17 names/)
  })
})
