import { expect } from 'chai'
import { MemoryStore, StoreUnavailableError } from '../../src/index'
import type { TokenState } from '../../src/store/token'
import { describeOnSqlite } from '../support/services'
import { AroundStore } from '../support/stores'
import { Article, Comment } from '../support/zoo'
import { zooSweeper } from '../support/zoo-sweeper'

const OTHER = 'another-writer'
const MINUTE_MS = 60_000

/** Notes what is marked in the other writer's name, and takes it or not. */
class OthersStore extends AroundStore {
  readonly marked: string[] = []
  isTaking = true

  override mark(
    keys: readonly string[],
    owner: string,
    lastsMs: number,
  ): Promise<readonly (TokenState | undefined)[]> {
    if (owner !== OTHER) return super.mark(keys, owner, lastsMs)
    this.marked.push(...keys)
    return this.isTaking
      ? super.mark(keys, owner, lastsMs)
      : Promise.reject(new StoreUnavailableError(this.name, 'mark', 'ECONNRESET'))
  }

  around<T>(_: unknown, call: () => Promise<T>): Promise<T> {
    return call()
  }
}

/** The other writer's mark on a comment stands there as if that writer were another process. */
describeOnSqlite('a row that is moved under the mark of another writer', (options) => {
  for (const isTaking of [true, false])
    it(`puts that mark on its new parent${isTaking ? '' : ', and is written all the same where the store does not take it'}`, async () => {
      const store = new OthersStore(new MemoryStore())
      const given = { store, namespace: 'others' }
      const { dataSource, sweeps } = await zooSweeper(options(), given)
      const article = await dataSource.manager.save(Article, { title: 'a' })
      const to = await dataSource.manager.save(Article, { title: 'b' })
      const comment = await dataSource.manager.save(Comment, { text: 'c', article })
      await store.store.mark([`others:t:{zoo_comment:${comment.id}}`], OTHER, MINUTE_MS)
      store.isTaking = isTaking
      sweeps.reset()

      await dataSource.manager.save(Comment, { id: comment.id, article: to })
      const moved = await dataSource.manager.findOneByOrFail(Comment, { id: comment.id })
      await dataSource.destroy()

      expect(store.marked).to.include(`others:t:{zoo_article:${to.id}}`)
      expect(sweeps.records).to.include.members([`Article:${article.id}`, `Article:${to.id}`])
      expect(moved.text).to.equal('c')
    })
})
