import { In } from 'typeorm'
import {
  Article,
  Comment,
  Line,
  Login,
  Order,
  Page,
  Photo,
  Profile,
  Tag,
  User,
  Video,
  Vote,
} from '../zoo'
import { way } from './operation'

/** `save()` of new and changed rows. */
export const SAVING = [
  way(
    'save a new comment',
    (draw) => ({
      text: draw.word(),
      article: draw.orNull({ id: draw.article() }),
      author: draw.orNull({ id: draw.user().id }),
    }),
    (m, values) => m.getRepository(Comment).save(values),
  ),
  way(
    'save a new article with comments',
    (draw) => ({ title: draw.word(), comments: [{ text: draw.word() }, { text: draw.word() }] }),
    (m, values) => m.getRepository(Article).save(values),
  ),
  way(
    'save a new vote',
    (draw) =>
      draw.chance(0.5) ? { commentId: draw.comment() } : { comment: { id: draw.comment() } },
    (m, values) => m.getRepository(Vote).save(values),
  ),
  way(
    'save a loaded comment',
    (draw) => ({ id: draw.comment(), text: draw.word(), withRelations: draw.chance(0.5) }),
    async (m, { id, text, withRelations }) => {
      const relations = { article: withRelations, author: withRelations }
      const comment = await m.findOne(Comment, { where: { id }, relations })
      if (comment !== null) await m.save(Object.assign(comment, { text }))
    },
  ),
  way(
    'save a partial comment',
    (draw) => ({ id: draw.pick([1, 2, 3, 4, 5, 6]), text: draw.word() }),
    (m, values) => m.getRepository(Comment).save(values),
  ),
  way(
    'save a comment that moves',
    (draw) => ({
      id: draw.comment(),
      article: draw.orNull({ id: draw.article() }),
      isLoaded: draw.chance(0.5),
    }),
    async (m, { id, article, isLoaded }) => {
      const comment = await m.findOne(Comment, { where: { id }, relations: { article: isLoaded } })
      if (comment !== null) await m.save(Object.assign(comment, { article }))
    },
  ),
  way(
    'save a vote that moves',
    (draw) => ({ id: draw.vote(), to: draw.comment(), byColumn: draw.chance(0.5) }),
    async (m, { id, to, byColumn }) => {
      const vote = await m.findOneBy(Vote, { id })
      if (vote !== null)
        await m.save(Object.assign(vote, byColumn ? { commentId: to } : { comment: { id: to } }))
    },
  ),
  way(
    'save several votes',
    (draw) => ({ ids: draw.some(draw.world.votes, 5), value: draw.int(1000) }),
    async (m, { ids, value }) => {
      const votes = await m.findBy(Vote, { id: In([...ids]) })
      await m.save(votes.map((vote) => Object.assign(vote, { value })))
    },
  ),
  way(
    'save rows of several types',
    (draw) => ({ comment: draw.comment(), vote: draw.vote(), text: draw.word() }),
    async (m, { comment, vote, text }) => {
      const [one, other] = [
        await m.findOneBy(Comment, { id: comment }),
        await m.findOneBy(Vote, { id: vote }),
      ]
      if (one !== null && other !== null)
        await m.save([Object.assign(one, { text }), Object.assign(other, { commentId: one.id })])
    },
  ),
  way(
    'save nothing new',
    (draw) => ({ id: draw.comment() }),
    async (m, { id }) => {
      const comment = await m.findOneBy(Comment, { id })
      if (comment !== null) await m.save(comment)
    },
  ),
  way(
    'save with options',
    (draw) => ({
      id: draw.comment(),
      article: { id: draw.article() },
      text: draw.word(),
      options: draw.pick([
        { listeners: false },
        { reload: false },
        { transaction: false },
        { chunk: 1 },
      ]),
    }),
    async (m, { id, article, text, options }) => {
      const comment = await m.findOneBy(Comment, { id })
      if (comment !== null)
        await m
          .getRepository(Comment)
          .save([Object.assign(comment, { text, article }), m.create(Comment, { text })], options)
    },
  ),
  way(
    'save a page under another',
    (draw) => ({ id: draw.page(), title: draw.word(), parent: draw.orNull({ id: draw.page() }) }),
    async (m, { id, title, parent }) => {
      const page = await m.findOneBy(Page, { id })
      if (page !== null) await m.save(Object.assign(page, { title, parent }))
    },
  ),
  way(
    'save a line of an order',
    (draw) => ({
      tenant: draw.pick(['x', 'y']),
      number: 1 + draw.int(2),
      position: 1 + draw.int(3),
      text: draw.word(),
    }),
    (m, values) => m.getRepository(Line).save(values),
  ),
  way(
    'save an order',
    (draw) => ({ tenant: draw.pick(['x', 'y']), number: 1 + draw.int(3), note: draw.word() }),
    (m, values) => m.getRepository(Order).save(values),
  ),
  way(
    'save a video',
    (draw) => ({
      id: draw.video(),
      title: draw.word(),
      article: draw.orNull({ id: draw.article() }),
    }),
    async (m, { id, title, article }) => {
      const video = await m.findOneBy(Video, { id })
      await m.save(
        video === null ? m.create(Video, { title }) : Object.assign(video, { title, article }),
      )
    },
  ),
  way(
    'save a new photo',
    (draw) => ({ title: draw.word() }),
    (m, values) => m.getRepository(Photo).save(values),
  ),
  way(
    'save a user',
    (draw) => ({ id: draw.user().id, name: draw.word() }),
    async (m, { id, name }) => {
      const user = await m.findOneBy(User, { id })
      if (user !== null) await m.save(Object.assign(user, { name }))
    },
  ),
  way(
    'save a login of another user',
    (draw) => ({ id: draw.login(), user: draw.orNull({ ...draw.user() }), device: draw.word() }),
    async (m, { id, user, device }) => {
      const login = await m.findOneBy(Login, { id })
      if (login !== null) await m.save(Object.assign(login, { device, user }))
    },
  ),
  way(
    'save a profile of another user',
    (draw) => ({ id: draw.profile(), user: draw.orNull({ id: draw.user().id }), bio: draw.word() }),
    async (m, { id, user, bio }) => {
      const profile = await m.findOneBy(Profile, { id })
      if (profile !== null) await m.save(Object.assign(profile, { bio, user }))
    },
  ),
  way(
    'save a tag',
    (draw) => ({ id: draw.tag(), label: draw.word() }),
    async (m, { id, label }) => {
      const tag = await m.findOneBy(Tag, { id })
      if (tag !== null) await m.save(Object.assign(tag, { label }))
    },
  ),
]
