import { In } from 'typeorm'
import { Article, Comment, Order, Page, Profile, Tag, User, Video, Vote } from '../zoo'
import { way } from './operation'

/** How often something is deleted that is deleted already, or recovered that is not. */
const RARELY = 0.05

/** `save()` through arrays and inverse sides, and removals. */
export const SAVING_RELATIONS = [
  way(
    'save an article with a comment of another',
    (draw) => ({ id: draw.article(), comment: draw.comment(), text: draw.orNull(draw.word()) }),
    async (m, { id, comment, text }) => {
      const article = await m.findOne(Article, { where: { id }, relations: { comments: true } })
      const moved = await m.findOneBy(Comment, { id: comment })
      if (article === null || moved === null) return
      if (article.comments.some((one) => one.id === comment)) return
      article.comments.push(text === null ? moved : Object.assign(moved, { text }))
      await m.save(article)
    },
  ),
  way(
    'save an article without a comment',
    (draw) => ({ id: draw.article(), isNew: draw.chance(0.3), text: draw.word() }),
    async (m, { id, isNew, text }) => {
      const article = await m.findOne(Article, { where: { id }, relations: { comments: true } })
      if (article === null) return
      article.comments.shift()
      if (isNew) article.comments.push(m.create(Comment, { text }))
      await m.save(article)
    },
  ),
  way(
    'save a user with comments, from the inverse side',
    (draw) => ({ id: draw.user().id, comments: draw.some(draw.world.comments, 3) }),
    async (m, { id, comments }) => {
      const user = await m.findOneBy(User, { id })
      if (user === null) return
      const found = await m.findBy(Comment, { id: In([...comments]) })
      await m.save(Object.assign(user, { comments: found }))
    },
  ),
  way(
    'save a comment with votes, from the inverse side',
    (draw) => ({ id: draw.comment(), votes: draw.some(draw.world.votes, 3) }),
    async (m, { id, votes }) => {
      const comment = await m.findOneBy(Comment, { id })
      if (comment === null) return
      await m.save(Object.assign(comment, { votes: await m.findBy(Vote, { id: In([...votes]) }) }))
    },
  ),
  way(
    'save the tags of an article',
    (draw) => ({
      id: draw.article(),
      tags: draw.some(
        draw.world.tags.map(({ id }) => id),
        3,
      ),
      title: draw.orNull(draw.word()),
    }),
    async (m, { id, tags, title }) => {
      const article = await m.findOne(Article, { where: { id }, relations: { tags: true } })
      if (article === null) return
      article.tags = await m.findBy(Tag, { id: In([...tags]) })
      if (title !== null) article.title = title
      await m.save(article)
    },
  ),
  way(
    'save the articles of a tag',
    (draw) => ({ id: draw.tag(), articles: draw.some(draw.world.articles, 3) }),
    async (m, { id, articles }) => {
      const tag = await m.findOne(Tag, { where: { id }, relations: { articles: true } })
      if (tag === null) return
      tag.articles = await m.findBy(Article, { id: In([...articles]) })
      await m.save(tag)
    },
  ),
  way(
    'remove an entity',
    (draw) => ({
      what: draw.pick([
        'article',
        'comment',
        'vote',
        'tag',
        'user',
        'video',
        'profile',
        'order',
        'page',
      ] as const),
      article: draw.article(),
      comment: draw.comment(),
      vote: draw.vote(),
      tag: draw.tag(),
      user: draw.user().id,
      video: draw.video(),
      profile: draw.profile(),
      order:
        draw.world.orders.length > 0 ? draw.pick(draw.world.orders) : { tenant: 'x', number: 1 },
      page: draw.page(),
    }),
    async (m, args) => {
      const found = {
        article: () => m.findOneBy(Article, { id: args.article }),
        comment: () => m.findOneBy(Comment, { id: args.comment }),
        vote: () => m.findOneBy(Vote, { id: args.vote }),
        tag: () => m.findOneBy(Tag, { id: args.tag }),
        user: () => m.findOneBy(User, { id: args.user }),
        video: () => m.findOneBy(Video, { id: args.video }),
        profile: () => m.findOneBy(Profile, { id: args.profile }),
        order: () => m.findOneBy(Order, { tenant: args.order.tenant, number: args.order.number }),
        page: () => m.findOneBy(Page, { id: args.page }),
      }
      const entity = await found[args.what]()
      if (entity !== null) await m.remove(entity)
    },
  ),
  way(
    'remove several comments with relations loaded',
    (draw) => ({ ids: draw.some(draw.world.comments, 3) }),
    async (m, { ids }) => {
      const relations = { article: true, votes: true }
      await m.remove(await m.find(Comment, { where: { id: In([...ids]) }, relations }))
    },
  ),
  way(
    'soft-remove or recover a comment',
    (draw) => ({ id: draw.comment(), again: draw.chance(RARELY) }),
    async (m, { id, again }) => {
      const comment = await m.findOne(Comment, { where: { id }, withDeleted: true })
      if (comment === null) return
      const removes = (comment.deletedAt === null) !== again
      await (removes ? m.softRemove(comment) : m.recover(comment))
    },
  ),
  way(
    'soft-remove an article with its comments',
    (draw) => ({ id: draw.article(), again: draw.chance(RARELY) }),
    async (m, { id, again }) => {
      const options = { where: { id }, relations: { comments: true }, withDeleted: true }
      const article = await m.findOne(Article, options)
      if (article === null) return
      const removes = (article.deletedAt === null) !== again
      await (removes ? m.softRemove(article) : m.recover(article))
    },
  ),
]
