import { Article, ROWS, Tag } from '../entities'
import { signed, takeTurns, type Write } from './write'

export const LINKS: readonly Write[] = [
  {
    name: 'many-to-many by save',
    weight: 2,
    run(dataSource, dice, by) {
      const id = dice.upTo(ROWS.articles)
      return signed(dataSource, by, async (manager) => {
        await takeTurns(manager, id)
        const tags = dice.some(2, ROWS.tags).map((tag) => ({ id: tag }))
        await manager.getRepository(Article).save({ id, by, tags })
      })
    },
  },
  {
    name: 'many-to-many by relation builder',
    weight: 2,
    run(dataSource, dice, by) {
      const id = dice.upTo(ROWS.articles)
      return signed(dataSource, by, async (manager) => {
        await takeTurns(manager, id)
        const tag = dice.upTo(ROWS.tags)
        const linked: unknown[] = await manager.query(
          'SELECT 1 FROM check_article_tag WHERE "articleId" = $1 AND "tagId" = $2',
          [id, tag],
        )
        const relation = manager.createQueryBuilder().relation(Tag, 'articles').of(tag)
        await (linked.length > 0 ? relation.remove(id) : relation.add(id))
      })
    },
  },
]
