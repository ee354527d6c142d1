import { expect } from 'chai'
import { textOf, type ExplainedToken } from '../../src/core/explanation'
import { Keyspace } from '../../src/core/keyspace'
import { tokenName } from '../../src/core/token-name'

const AT = new Date(0)
const NAMES = new Map([['article', 'Article']])

function explained(more: Partial<ExplainedToken>, recordedSince?: Date): string {
  const token: ExplainedToken = {
    name: 'Article:7',
    half: 'whole',
    version: 'v1',
    since: AT,
    madeUnder: 'v1',
    moved: false,
    marked: false,
    lastWrite: undefined,
    ...more,
  }
  const tokens = [token]
  const entry = { subject: 'article:7', key: 'page', hit: true, reason: undefined }
  const text = textOf({ ...entry, freshUntil: undefined, tokens, recordedSince })
  return text.split('\n')[1] ?? ''
}

describe('an explanation', () => {
  it('tells what a token is', () => {
    expect(explained({ half: 'row' })).to.contain('the row of Article:7: unchanged')
    expect(explained({ marked: true })).to.contain('Article:7: a write to it is being committed')
    expect(explained({ version: undefined })).to.contain('Article:7: has no version')
    expect(explained({ since: undefined })).to.contain('Article:7: has no version')
    expect(explained({ moved: true })).to.contain('moved at 1970-01-01T00:00:00.000Z')
  })

  it('tells whether writes are recorded at all', () => {
    expect(explained({})).to.contain('; writes are not recorded (option explain)')
    expect(explained({}, AT)).to.contain('; no write of this process is recorded since 1970')
  })

  it('tells of the last write: what, on which way, and whether the store had it', () => {
    const write = { record: 'Vote:9', operation: 'insert', at: AT, delivered: true }
    const lastWrite = { ...write, path: [], relations: [] }
    const relations = ['Vote.comment', 'Comment.article']

    expect(explained({ lastWrite })).to.match(/last write here: insert of Vote:9 at 1970-\S+Z$/)
    expect(
      explained({ lastWrite: { ...write, path: ['Vote:9', 'Comment:3'], relations } }),
    ).to.contain('insert of Vote:9 through Vote.comment to Comment:3, through Comment.article at')
    expect(explained({ lastWrite: { ...lastWrite, delivered: false } })).to.match(
      /, not acknowledged by the store at first$/,
    )
  })
})

describe('the name of a token', () => {
  const keys = new Keyspace('blog')

  it('is that of the entity, of whose records it is', () => {
    expect(tokenName(keys.record('article', '7'), NAMES)).to.equal('Article:7')
    expect(tokenName(keys.collection('article'), NAMES)).to.equal('any Article')
    expect(tokenName(keys.type('article'), NAMES)).to.equal('all of Article')
    expect(tokenName(keys.children('article', '7', 'comments'), NAMES)).to.equal(
      'Article:7/comments',
    )
    expect(tokenName(keys.queries(), NAMES)).to.equal('the query cache')
  })

  it('is the table where no entity is known', () => {
    expect(tokenName(keys.record('tag', '7'), NAMES)).to.equal('tag:7')
    expect(tokenName(keys.collection('tag'), NAMES)).to.equal('any tag')
  })
})

describe('the key of a lease', () => {
  const keys = new Keyspace('blog')
  const entry = keys.entry([Keyspace.recordTag('article', '7')], 'page', [])

  it('is in the slot of its entry', () => {
    expect(Keyspace.lease(entry, 'tokens')).to.match(/^blog:le:\{article:7\}/)
  })

  it('differs with the entry and with the tokens that were read', () => {
    const other = keys.entry([Keyspace.recordTag('article', '7')], 'card', [])
    const leases = [
      Keyspace.lease(entry, 'tokens'),
      Keyspace.lease(entry, 'others'),
      Keyspace.lease(other, 'tokens'),
    ]

    expect(new Set(leases).size).to.equal(3)
    expect(Keyspace.lease(entry, 'tokens')).to.equal(leases[0])
  })
})
