import { record } from '../../../../src/index'
import { Article, ROWS } from '../entities'
import { seeArticle } from '../sight'
import type { Reading } from './reading'

const KEPT = 2_000

/** A version as people use it: what was loaded after it was read is good for as long as it is the version. */
export const underVersion: Reading = {
  name: 'version',
  weight: 2,
  async read({ dataSource, sweeper, dice, byVersion }) {
    const id = dice.upTo(ROWS.articles)
    const version = `${id} ${await sweeper.version(record(Article, id))}`
    const known = byVersion.get(version)
    if (known !== undefined) return [known]
    const seen = await seeArticle(dataSource, id)
    if (byVersion.size >= KEPT) byVersion.clear()
    byVersion.set(version, seen)
    return [seen]
  },
}
