import { expect } from 'chai'
import { Article, Tag } from '../support/zoo'
import { HAS_INSERT_FROM_SELECT } from '../support/typeorm-features'
import { describeOnEachDatabase } from '../support/zoo-writes'

const TABLE = 'zoo_article_tag'

describeOnEachDatabase('rows of a declared many-to-many table', (zoo) => {
  const inserting = () => zoo().manager.createQueryBuilder().insert().into(TABLE)

  it('of which an end is given as an expression sweep that end by its type', async () => {
    const [article, tag] = [await zoo().article(), await zoo().tag()]

    const swept = await zoo().sweptBy(() =>
      inserting()
        .values({ zooArticleId: article.id, zooTagId: () => String(tag.id) })
        .execute(),
    )

    expect(swept).to.deep.equal({ records: [`Article:${article.id}`], types: ['Tag'] })
  })

  if (HAS_INSERT_FROM_SELECT)
    it('that come from a SELECT sweep both ends by their type', async () => {
      const [article, tag] = [await zoo().article(), await zoo().tag()]

      const swept = await zoo().sweptBy(() =>
        inserting()
          .valuesFromSelect((select) =>
            select
              .select('a.id', 'zooArticleId')
              .addSelect('t.id', 'zooTagId')
              .from(Article, 'a')
              .innerJoin(Tag, 't', 't.id = :tag', { tag: tag.id })
              .where('a.id = :article', { article: article.id }),
          )
          .execute(),
      )

      expect(swept).to.deep.equal({ records: [], types: ['Article', 'Tag'] })
    })
})
