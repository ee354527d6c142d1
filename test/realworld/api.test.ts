import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import request from 'supertest'
import { packedProject, ROOT } from '../support/packed-project'
import {
  compileRealworld,
  startRealworld,
  type RealworldApp,
  type Variant,
} from '../support/realworld-app'
import { describeWith } from '../support/services'

interface ArticleBody {
  readonly article: {
    readonly slug: string
    readonly title: string
    readonly favorited: boolean
    readonly favoritesCount: number
    readonly tagList: readonly string[]
    readonly author: { readonly username: string; readonly following: boolean }
  }
}
interface ListBody {
  readonly articles: readonly ArticleBody['article'][]
  readonly articlesCount: number
}
interface CommentsBody {
  readonly comments: readonly {
    readonly id: number
    readonly body: string
    readonly author: { readonly username: string }
  }[]
}

const TEXT = { description: 'about tokens', body: 'They are unique.' }

/** What the API answers, in each variant alike. Every read is made before its write too, so that it may be cached. */
function answersLikeTheApi(variant: Variant): void {
  describeWith(['postgres'], `the RealWorld API, ${variant}`, ({ postgres }) => {
    let app: RealworldApp
    let ann: string
    let bob: string
    let number = 0

    before(async function () {
      this.timeout(120_000)
      const folder = join((await packedProject()).folder, `realworld-${variant}`)
      app = await startRealworld(await compileRealworld(variant, folder), postgres.url)
      ann = await register('ann')
      bob = await register('bob')
    })
    after(() => app.stop())

    async function register(username: string): Promise<string> {
      const user = { username, email: `${username}@example.org`, password: 'secret' }
      const { body } = await request(app.url).post('/api/users').send({ user }).expect(201)
      return (body as { user: { token: string } }).user.token
    }

    function send(
      method: 'get' | 'post' | 'put' | 'delete',
      path: string,
      token?: string,
    ): request.Test {
      const sent = request(app.url)[method](`/api${path}`)
      return token === undefined ? sent : sent.set('Authorization', `Token ${token}`)
    }

    async function get<T>(path: string, token?: string): Promise<T> {
      return (await send('get', path, token).expect(200)).body as T
    }

    async function publish(tagList: readonly string[] = []): Promise<string> {
      const article = { title: `Tokens ${variant} ${++number}`, ...TEXT, tagList }
      const { body } = await send('post', '/articles', ann).send({ article }).expect(201)
      return (body as ArticleBody).article.slug
    }

    it('knows its users by password and by token', async () => {
      const user = { email: 'ann@example.org', password: 'secret' }
      const { body } = await request(app.url).post('/api/users/login').send({ user }).expect(200)
      expect(body).to.have.nested.property('user.username', 'ann')
      expect(await get('/user', ann)).to.have.nested.property('user.email', 'ann@example.org')

      await send('get', '/user').expect(401)
      await request(app.url)
        .post('/api/users/login')
        .send({ user: { ...user, password: 'wrong' } })
        .expect(401)
    })

    it('shows an article as it was last written', async () => {
      const slug = await publish()
      expect((await get<ArticleBody>(`/articles/${slug}`)).article.slug).to.equal(slug)

      const title = `Versions ${variant}`
      await send('put', `/articles/${slug}`, ann).send({ article: { title } }).expect(200)

      await send('get', `/articles/${slug}`).expect(404)
      const moved = await get<ArticleBody>(`/articles/versions-${variant}`)
      expect(moved.article.title).to.equal(title)
      await send('delete', `/articles/versions-${variant}`, ann).expect(204)
      await send('get', `/articles/versions-${variant}`).expect(404)
    })

    it('lets only authors change and remove', async () => {
      const slug = await publish()

      await send('put', `/articles/${slug}`, bob)
        .send({ article: { title: 'Mine' } })
        .expect(403)
      await send('delete', `/articles/${slug}`, bob).expect(403)
      await send('delete', `/articles/${slug}`).expect(401)
    })

    it('lists articles by author, tag and page, the newest first', async () => {
      const tag = `list-${variant}`
      const paged = (rest = ''): Promise<ListBody> => get(`/articles?tag=${tag}${rest}`)
      expect((await paged()).articlesCount).to.equal(0)
      expect(await get('/tags')).not.to.have.deep.nested.property('tags', [tag])
      const [first, second] = [await publish([tag]), await publish([tag])]

      expect((await paged()).articles.map(({ slug }) => slug)).to.deep.equal([second, first])
      expect((await paged('&limit=1&offset=1')).articles.map(({ slug }) => slug)).to.deep.equal([
        first,
      ])
      expect((await paged('&author=bob')).articlesCount).to.equal(0)
      expect((await get<{ tags: string[] }>('/tags')).tags).to.include(tag)

      await send('delete', `/articles/${second}`, ann).expect(204)
      expect((await paged()).articles.map(({ slug }) => slug)).to.deep.equal([first])
    })

    it('shows each viewer their own favorites, and all the count', async () => {
      const slug = await publish()
      const seen = async (token?: string): Promise<unknown> => {
        const { article } = await get<ArticleBody>(`/articles/${slug}`, token)
        return [article.favorited, article.favoritesCount]
      }
      const liked = async (): Promise<unknown> =>
        (await get<ListBody>('/articles?favorited=bob')).articles.map((one) => one.slug)
      expect([await seen(ann), await seen(bob), await seen()]).to.deep.equal([
        [false, 0],
        [false, 0],
        [false, 0],
      ])
      expect(await liked()).to.deep.equal([])

      await send('post', `/articles/${slug}/favorite`, bob).expect(201)
      expect([await seen(ann), await seen(bob), await seen()]).to.deep.equal([
        [false, 1],
        [true, 1],
        [false, 1],
      ])
      expect(await liked()).to.deep.equal([slug])

      await send('delete', `/articles/${slug}/favorite`, bob).expect(200)
      expect(await seen(bob)).to.deep.equal([false, 0])
      expect(await liked()).to.deep.equal([])
    })

    it('shows comments, each under its author', async () => {
      const slug = await publish()
      const comments = (): Promise<CommentsBody> => get(`/articles/${slug}/comments`)
      expect((await comments()).comments).to.deep.equal([])

      const comment = { body: 'Nice.' }
      await send('post', `/articles/${slug}/comments`, bob).send({ comment }).expect(201)
      const [shown] = (await comments()).comments
      expect([shown?.body, shown?.author.username]).to.deep.equal(['Nice.', 'bob'])

      await send('delete', `/articles/${slug}/comments/${shown?.id}`, ann).expect(403)
      await send('delete', `/articles/${slug}/comments/${shown?.id}`, bob).expect(204)
      expect((await comments()).comments).to.deep.equal([])
    })

    it('shows whom somebody follows, in profiles, pages and feeds', async () => {
      const slug = await publish()
      const following = async (): Promise<unknown> =>
        (await get<ArticleBody>(`/articles/${slug}`, bob)).article.author.following
      const feed = async (): Promise<readonly string[]> =>
        (await get<ListBody>('/articles/feed', bob)).articles.map((one) => one.slug)
      expect([await following(), await feed()]).to.deep.equal([false, []])

      await send('post', '/profiles/ann/follow', bob).expect(201)
      expect(await following()).to.equal(true)
      expect(await feed()).to.include(slug)
      expect(await get('/profiles/ann', bob)).to.have.nested.property('profile.following', true)

      await send('delete', '/profiles/ann/follow', bob).expect(200)
      expect([await following(), await feed()]).to.deep.equal([false, []])
    })

    it('shows authors by their present name', async () => {
      const slug = await publish()
      await get(`/articles/${slug}`)

      await send('put', '/user', ann)
        .send({ user: { username: 'anna' } })
        .expect(200)

      const { article } = await get<ArticleBody>(`/articles/${slug}`)
      const { articles } = await get<ListBody>('/articles?author=anna&limit=1')
      expect([article.author.username, articles[0]?.author.username]).to.deep.equal([
        'anna',
        'anna',
      ])
      await send('put', '/user', ann)
        .send({ user: { username: 'ann' } })
        .expect(200)
    })
  })
}

for (const variant of ['plain', 'cached'] as const) answersLikeTheApi(variant)

describe('docs/nest.md', () => {
  it('shows the whole difference', async () => {
    const [page, diff] = await Promise.all(
      ['docs/nest.md', 'example-realworld/cached.diff'].map((file) =>
        readFile(join(ROOT, file), 'utf8'),
      ),
    )

    expect(page).to.include(`\`\`\`diff\n${diff}\`\`\``)
  })
})
