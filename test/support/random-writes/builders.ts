import { Article, Comment, Page, Profile, Tag, Video, Vote } from '../zoo'
import { way } from './operation'
import { sideBySide } from './side-by-side'

/** Query builders that write, in all the ways one can call them. */
export const BUILDERS = [
  way(
    'builder: insert',
    (draw) => ({
      values: [{ text: draw.word(), article: { id: draw.article() } }, { text: draw.word() }],
      updates: draw.chance(0.5),
    }),
    (m, { values, updates }) =>
      m.createQueryBuilder().insert().into(Comment).values(values).updateEntity(updates).execute(),
  ),
  way(
    'builder: insert or ignore',
    (draw) => [{ slug: draw.slug() }, { slug: draw.word() }],
    (m, values) => m.createQueryBuilder().insert().into(Tag).values(values).orIgnore().execute(),
  ),
  way(
    'builder: insert or update',
    (draw) => ({ slug: draw.slug(), label: draw.word() }),
    (m, values) =>
      m
        .createQueryBuilder()
        .insert()
        .into(Tag)
        .values(values)
        .orUpdate(['label'], ['slug'])
        .execute(),
  ),
  way(
    'builder: insert with an expression',
    (draw) => ({ comment: draw.comment() }),
    (m, { comment }) =>
      m
        .createQueryBuilder()
        .insert()
        .into(Vote)
        .values({ commentId: () => String(comment) })
        .execute(),
  ),
  way(
    'builder: insert from select',
    (draw) => ({ article: draw.article() }),
    (m, { article }) =>
      m
        .createQueryBuilder()
        .insert()
        .into(Vote, ['commentId', 'value'])
        .valuesFromSelect((select) =>
          select
            .select('c.id', 'commentId')
            .addSelect('7', 'value')
            .from(Comment, 'c')
            .where('c.article = :article', { article }),
        )
        .execute(),
  ),
  way(
    'builder: update by a property',
    (draw) => ({ text: draw.word(), hits: draw.int(3), listens: draw.chance(0.5) }),
    (m, { text, hits, listens }) =>
      m
        .createQueryBuilder()
        .update(Comment)
        .set({ text })
        .where('hits <= :hits', { hits })
        .callListeners(listens)
        .execute(),
  ),
  way(
    'builder: update by alias and expression',
    (draw) => ({ id: draw.comment() }),
    (m, { id }) =>
      m
        .getRepository(Comment)
        .createQueryBuilder('c')
        .update()
        .set({ hits: () => 'hits + 1' })
        .where('id = :id', { id })
        .execute(),
  ),
  way(
    'builder: update in a transaction of its own',
    (draw) => ({ id: draw.comment(), article: { id: draw.article() } }),
    (m, { id, article }) =>
      m
        .createQueryBuilder()
        .update(Comment)
        .set({ article })
        .where('id >= :id', { id })
        .useTransaction(true)
        .execute(),
  ),
  way(
    'builder: update returning',
    (draw) => ({ id: draw.comment(), text: draw.word(), all: draw.chance(0.5) }),
    (m, { id, text, all }) =>
      m
        .createQueryBuilder()
        .update(Comment)
        .set({ text })
        .where({ id })
        .returning(all ? '*' : ['text'])
        .execute(),
    ['postgres'],
  ),
  way(
    'builder: update of an entity',
    (draw) => ({ id: draw.comment(), text: draw.word() }),
    (m, { id, text }) =>
      m
        .createQueryBuilder()
        .update(Comment)
        .set({ text })
        .whereEntity(m.create(Comment, { id }))
        .execute(),
  ),
  way(
    'builder: update with a foreign key by expression',
    (draw) => ({ from: draw.comment(), to: draw.comment() }),
    (m, { from, to }) =>
      m
        .createQueryBuilder()
        .update(Vote)
        .set({ commentId: () => String(to) })
        .where('commentId = :from', { from })
        .execute(),
  ),
  way(
    'builder: update by table name',
    (draw) => ({ id: draw.comment(), text: draw.word() }),
    (m, { id, text }) =>
      m
        .createQueryBuilder()
        .update('zoo_comment')
        .set({ text })
        .where('id = :id', { id })
        .execute(),
  ),
  way(
    'builder: delete with a correlated subquery',
    () => ({}),
    (m) => {
      const column = m.connection.driver.escape('commentId')
      return m
        .getRepository(Comment)
        .createQueryBuilder()
        .delete()
        .where(`NOT EXISTS (SELECT 1 FROM zoo_vote v WHERE v.${column} = zoo_comment.id)`)
        .execute()
    },
  ),
  way(
    'builder: update with a correlated subquery',
    (draw) => ({ text: draw.word() }),
    (m, { text }) => {
      const column = m.connection.driver.escape('commentId')
      return m
        .createQueryBuilder()
        .update(Comment)
        .set({ text })
        .where(`EXISTS (SELECT 1 FROM zoo_vote v WHERE v.${column} = zoo_comment.id)`)
        .execute()
    },
  ),
  way(
    'builder: delete by a subquery',
    (draw) => ({ article: draw.article() }),
    (m, { article }) => {
      const select = m
        .createQueryBuilder()
        .select('c.id')
        .from(Comment, 'c')
        .where('c.article = :article', { article })
      return m
        .createQueryBuilder()
        .delete()
        .from(Vote)
        .where(`commentId IN (${select.getQuery()})`)
        .setParameters(select.getParameters())
        .execute()
    },
  ),
  way(
    'builder: soft-delete',
    (draw) => ({ id: draw.article(), listens: draw.chance(0.5) }),
    (m, { id, listens }) =>
      m
        .createQueryBuilder()
        .softDelete()
        .from(Article)
        .where('id = :id', { id })
        .callListeners(listens)
        .execute(),
  ),
  way(
    'builder: restore',
    (draw) => ({ id: draw.article() }),
    (m, { id }) =>
      m.createQueryBuilder().restore().from(Article).where('id >= :id', { id }).execute(),
  ),
  way(
    'statements side by side',
    (draw) => ({
      vote: draw.vote(),
      to: draw.comment(),
      comment: draw.comment(),
      text: draw.word(),
      tag: draw.slug(),
    }),
    (m, { vote, to, comment, text, tag }) =>
      sideBySide([
        m.update(Vote, vote, { commentId: to }),
        m.update(Comment, comment, { text }),
        m.insert(Tag, { slug: tag }),
        m.delete(Vote, { commentId: comment }),
      ]),
  ),
  way(
    'relation: set many-to-one',
    (draw) => ({ id: draw.comment(), article: draw.orNull(draw.article()) }),
    (m, { id, article }) => m.createQueryBuilder().relation(Comment, 'article').of(id).set(article),
  ),
  way(
    'relation: set one-to-one',
    (draw) => ({ id: draw.profile(), user: draw.user().id }),
    (m, { id, user }) => m.createQueryBuilder().relation(Profile, 'user').of(id).set(user),
  ),
  way(
    'relation: set a self relation',
    (draw) => ({ id: draw.page(), parent: draw.orNull(draw.page()) }),
    (m, { id, parent }) => m.createQueryBuilder().relation(Page, 'parent').of(id).set(parent),
  ),
  way(
    'relation: set in an inherited type',
    (draw) => ({ id: draw.video(), article: draw.article() }),
    (m, { id, article }) => m.createQueryBuilder().relation(Video, 'article').of(id).set(article),
  ),
  way(
    'relation: add one-to-many',
    (draw) => ({ id: draw.article(), comments: [draw.comment(), draw.comment()] }),
    (m, { id, comments }) =>
      m.createQueryBuilder().relation(Article, 'comments').of(id).add(comments),
  ),
  way(
    'relation: remove one-to-many',
    (draw) => ({ id: draw.article(), comments: [draw.comment(), draw.comment()] }),
    (m, { id, comments }) =>
      m.createQueryBuilder().relation(Article, 'comments').of(id).remove(comments),
  ),
  way(
    'relation: add and remove many-to-many',
    (draw) => ({
      id: draw.article(),
      add: [draw.tag()],
      remove: [draw.tag(), draw.tag()],
      inverse: draw.chance(0.5),
    }),
    (m, { id, add, remove, inverse }) =>
      inverse
        ? m.createQueryBuilder().relation(Tag, 'articles').of(add[0]).remove(id)
        : m.createQueryBuilder().relation(Article, 'tags').of(id).addAndRemove(add, remove),
  ),
]
