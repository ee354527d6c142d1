import { In, IsNull, LessThan, MoreThan, Not } from 'typeorm'
import { Article, Comment, Line, Login, Order, Tag, User, Video, Vote } from '../zoo'
import { way } from './operation'

/** The primitives of repositories: one statement each, no entities. */
export const PRIMITIVES = [
  way(
    'insert a comment',
    (draw) => ({ text: draw.word(), article: { id: draw.article() } }),
    (m, values) => m.insert(Comment, values),
  ),
  way(
    'insert several votes',
    (draw) =>
      Array.from({ length: 1 + draw.int(3) }, () => ({ commentId: draw.orNull(draw.comment()) })),
    (m, values) => m.insert(Vote, values),
  ),
  way(
    'insert votes with and without keys',
    (draw) => [
      { id: 5000 + draw.int(1000), commentId: draw.comment() },
      { id: 6000 + draw.int(1000), commentId: draw.comment() },
      ...(draw.chance(0.5) ? [{ commentId: draw.comment() }] : []),
    ],
    (m, values) => m.insert(Vote, values),
  ),
  way(
    'insert a line',
    (draw) => ({ tenant: 'x', number: 1 + draw.int(2), position: 10 + draw.int(90) }),
    (m, values) => m.insert(Line, values),
  ),
  way(
    'insert a login by email',
    (draw) => ({ device: draw.word(), user: { ...draw.user() } }),
    (m, values) => m.insert(Login, values),
  ),
  way(
    'update by key',
    (draw) => ({ id: draw.comment(), text: draw.word() }),
    (m, { id, text }) => m.update(Comment, id, { text }),
  ),
  way(
    'update by criteria',
    (draw) => ({ article: { id: draw.article() }, text: draw.word() }),
    (m, { article, text }) => m.update(Comment, { article }, { text }),
  ),
  way(
    'update by a find operator',
    (draw) => ({ ids: draw.some(draw.world.votes, 4), value: draw.int(1000) }),
    (m, { ids, value }) => m.update(Vote, { id: In([...ids]) }, { value }),
  ),
  way(
    'update that moves by relation',
    (draw) => ({ id: draw.comment(), article: draw.orNull({ id: draw.article() }) }),
    (m, { id, article }) => m.update(Comment, { id: MoreThan(id - 2) }, { article }),
  ),
  way(
    'update that moves by column',
    (draw) => ({ from: draw.comment(), to: draw.orNull(draw.comment()) }),
    (m, { from, to }) => m.update(Vote, { commentId: from }, { commentId: to }),
  ),
  way(
    'update a user',
    (draw) => ({ email: draw.user().email, name: draw.word() }),
    (m, { email, name }) => m.update(User, { email }, { name }),
  ),
  way(
    'update the email of a user',
    (draw) => ({ id: draw.user().id, email: `${draw.word()}@example.org` }),
    (m, { id, email }) => m.update(User, id, { email }),
  ),
  way(
    'update part of a composite key',
    (draw) => ({ tenant: 'x', number: 1 + draw.int(2), text: draw.word() }),
    (m, { tenant, number, text }) => m.update(Line, { tenant, number }, { text }),
  ),
  way(
    'update a key itself',
    (draw) => ({ tenant: 'x', number: 1, position: 1 + draw.int(3), to: 200 + draw.int(500) }),
    (m, { to, ...key }) => m.update(Line, key, { position: to }),
  ),
  way(
    'update videos',
    (draw) => ({ article: { id: draw.article() }, title: draw.word() }),
    (m, { article, title }) => m.update(Video, { article }, { title }),
  ),
  way(
    'update all',
    (draw) => ({ label: draw.word() }),
    (m, values) => m.getRepository(Tag).updateAll(values),
  ),
  way(
    'increment',
    (draw) => ({ article: { id: draw.article() } }),
    (m, criteria) => m.increment(Comment, criteria, 'hits', 1),
  ),
  way(
    'decrement',
    (draw) => ({ commentId: draw.comment() }),
    (m, criteria) => m.decrement(Vote, criteria, 'value', 2),
  ),
  way(
    'delete by key',
    (draw) => ({ comment: draw.comment(), vote: draw.vote(), comments: draw.chance(0.5) }),
    (m, { comment, vote, comments }) =>
      comments ? m.delete(Comment, comment) : m.delete(Vote, vote),
  ),
  way(
    'delete by criteria',
    (draw) => ({ commentId: draw.comment() }),
    (m, criteria) => m.delete(Vote, criteria),
  ),
  way(
    'delete what others point at',
    (draw) => ({
      what: draw.int(4),
      article: draw.article(),
      user: draw.user().id,
      tag: draw.tag(),
      tenant: 'x',
      number: 1 + draw.int(2),
    }),
    (m, { what, article, user, tag, tenant, number }) => {
      if (what === 0) return m.delete(Article, article)
      if (what === 1) return m.delete(User, user)
      return what === 2 ? m.delete(Tag, tag) : m.delete(Order, { tenant, number })
    },
  ),
  way(
    'delete all',
    () => ({}),
    (m) => m.getRepository(Vote).deleteAll(),
  ),
  way(
    'soft-delete',
    (draw) => ({ id: draw.comment(), article: { id: draw.article() }, byKey: draw.chance(0.5) }),
    (m, { id, article, byKey }) => m.softDelete(Comment, byKey ? id : { article }),
  ),
  way(
    'restore',
    (draw) => ({ id: draw.comment(), byKey: draw.chance(0.5) }),
    (m, { id, byKey }) => m.restore(Comment, byKey ? id : { deletedAt: Not(IsNull()) }),
  ),
  way(
    'update soft-deleted rows too',
    (draw) => ({ id: draw.comment(), hits: draw.int(1000) }),
    (m, { id, hits }) => m.update(Comment, { id: LessThan(id) }, { hits }),
  ),
  way(
    'upsert a tag',
    (draw) => ({ values: { slug: draw.slug(), label: draw.word() }, skips: draw.chance(0.3) }),
    (m, { values, skips }) =>
      m.upsert(Tag, values, { conflictPaths: ['slug'], skipUpdateIfNoValuesChanged: skips }),
  ),
  way(
    'upsert several tags',
    (draw) =>
      [...new Set([draw.slug(), draw.slug(), draw.word()])].map((slug) => ({
        slug,
        label: draw.word(),
      })),
    (m, values) => m.upsert(Tag, values, ['slug']),
  ),
  way(
    'upsert by primary key',
    (draw) => ({ id: draw.vote(), commentId: draw.comment(), value: draw.int(1000) }),
    (m, values) => m.upsert(Vote, values, ['id']),
  ),
  way(
    'upsert by a composite key',
    (draw) => ({
      tenant: 'x',
      number: 1 + draw.int(2),
      position: 1 + draw.int(5),
      text: draw.word(),
    }),
    (m, values) => m.upsert(Line, values, ['tenant', 'number', 'position']),
  ),
  way(
    'upsert a user by email',
    (draw) => ({
      email: draw.chance(0.7) ? draw.user().email : `${draw.word()}@example.org`,
      name: draw.word(),
    }),
    (m, values) => m.upsert(User, values, ['email']),
  ),
]
