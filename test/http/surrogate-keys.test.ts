import { expect } from 'chai'
import type { DataSource } from 'typeorm'
import { children, record, type Sweeper } from '../../src/index'
import { surrogateKeys, type NodeResponse, type SurrogateKeys } from '../../src/http'
import { sqljs } from '../support/services'
import { Article, Comment } from '../support/zoo'
import { zooSweeper } from '../support/zoo-sweeper'

describe('surrogateKeys()', () => {
  let dataSource: DataSource
  let sweeper: Sweeper
  let keys: SurrogateKeys | undefined
  let purged: (readonly string[])[]

  before(async () => {
    ;({ dataSource, sweeper } = await zooSweeper(sqljs()))
  })
  after(() => dataSource.destroy())
  beforeEach(() => {
    purged = []
  })
  afterEach(() => keys?.close())

  function aResponse(): NodeResponse & { readonly headers: Map<string, string> } {
    const headers = new Map<string, string>()
    return {
      headers,
      statusCode: 200,
      getHeader: (name) => headers.get(name),
      setHeader: (name, value) => headers.set(name, value),
      end: () => undefined,
    }
  }

  for (const [header, expected] of [
    ['Surrogate-Key', 'Article:7 Article:* Comment Comment:*'],
    ['Cache-Tag', 'Article:7,Article:*,Comment,Comment:*'],
    ['xkey', 'Article:7 Article:* Comment Comment:*'],
  ] as const)
    it(`adds what a response is made of to ${header}, each once`, () => {
      keys = surrogateKeys(sweeper, { header })
      const response = aResponse()

      keys.set(response, [record(Article, 7), Comment])
      keys.set(response, children(Article, 7, 'comments'))

      expect(response.headers.get(header)).to.equal(expected)
    })

  it('refuses a header that no cache knows', () => {
    expect(() => surrogateKeys(sweeper, { header: 'X-Keys' as never })).to.throw(
      'surrogateKeys: header "X-Keys" is not known; give Surrogate-Key, Cache-Tag, xkey',
    )
  })

  const collect = (): SurrogateKeys =>
    surrogateKeys(sweeper, { purge: (batch) => void purged.push(batch) })

  it('purges what a response is found by: the record, lists and its parents', async () => {
    const article = await dataSource.getRepository(Article).save({})
    keys = collect()
    const { id } = await dataSource.getRepository(Comment).save({ article })
    await keys.close()

    expect(purged.flat()).to.include.members(keys.of(Comment).slice(0, 1))
    expect(purged.flat()).to.include.members([`Comment:${id}`, 'Comment', `Article:${article.id}`])
    expect(keys.of(children(Article, article.id, 'comments'))[0]).to.equal(`Article:${article.id}`)
    expect(purged.flat()).not.to.include('Article:*')
  })

  it('purges a type and what it belongs to when rows are not known', async () => {
    keys = collect()
    await sweeper.sweep(Comment)
    await keys.close()

    expect(purged.flat()).to.include.members(['Comment:*', 'Article:*'])
    expect(purged.flat()).not.to.include('Vote:*')
  })

  it('purges the types of an import, and what they belong to, when it has settled', async () => {
    keys = collect()
    await sweeper.withoutSweeping(async () => {
      await dataSource.getRepository(Comment).insert({ text: 'Nice.' })
      await keys?.close()
      expect(purged).to.deep.equal([])
      keys = collect()
    })
    await keys.close()

    expect(purged.flat()).to.include.members(['Comment:*', 'Article:*'])
    expect(purged.flat()).not.to.include('Vote:*')
  })

  it('purges all types after clear()', async () => {
    keys = collect()
    await sweeper.clear()
    await keys.close()

    const types = dataSource.entityMetadatas
      .filter(({ tableType }) => tableType === 'regular')
      .map(({ name }) => `${name}:*`)
    expect(purged.flat()).to.include.members(types)
  })

  it('gives what is swept during a call to the next one, and what a call did not take again', async () => {
    const failing: (() => void)[] = []
    const errors: unknown[] = []
    keys = surrogateKeys(sweeper, {
      purge: (batch) => {
        purged.push(batch)
        return purged.length === 1
          ? new Promise((_resolve, reject) => failing.push(() => reject(new Error('no'))))
          : undefined
      },
      onError: (error) => errors.push(error),
    })
    await sweeper.sweep(record(Article, 1))
    await until(() => failing.length === 1)
    await sweeper.sweep(record(Article, 2), { cascade: false })
    expect(purged).to.have.length(1)
    failing[0]?.()
    await until(() => errors.length === 1)
    await keys.close()

    expect(purged[1]).to.have.members(['Article:1', 'Article:2', 'Article'])
  })
})

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (condition()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('it did not become true')
}
