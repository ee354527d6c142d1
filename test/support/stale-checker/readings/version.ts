import { record } from '../../../../src/index'
import { Article, ROWS } from '../entities'
import { seeArticle, type Sight } from '../sight'
import type { Reading, ReadingApp } from './reading'

const KEPT = 2_000

/** A version as people use it: what was loaded after it was read is good for as long as it is the version. */
export const underVersion: Reading = {
  name: 'version',
  weight: 3,
  read(app) {
    // Many at once: a token that comes back is seen only by who has kept something under it.
    return Promise.all(app.dice.some(24, ROWS.articles).map((id) => articleOf(app, id)))
  },
}

/** The same of one article, for who looks at a certain moment. Not drawn. */
export const glance: Reading = {
  name: 'version, of one article',
  weight: 0,
  async read(app) {
    return [await articleOf(app, 1)]
  },
}

async function articleOf(app: ReadingApp, id: number): Promise<Sight> {
  const { dataSource, sweeper, byVersion } = app
  const version = `${id} ${await sweeper.version(record(Article, id))}`
  const known = byVersion.get(version)
  if (known !== undefined) return known
  const seen = await seeArticle(dataSource, id)
  if (byVersion.size >= KEPT) byVersion.clear()
  byVersion.set(version, seen)
  return seen
}
