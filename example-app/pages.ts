import type { DataSource } from 'typeorm'
import { record, type Sweeper } from '../src/index'
import { Article, Comment } from './entities'
import { Html, html } from './html'

/** What pages are made from. */
export interface Blog {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
}

/** Takes the name of every fragment that had to be rendered for one view. */
export type Rendered = string[]

/** The front page. "Any article" is its subject: it ends with every change to any of them. */
export async function articleList(blog: Blog, rendered: Rendered): Promise<Html> {
  const markup = await blog.sweeper.getOrSet({
    on: Article,
    key: 'article.list',
    ttl: '10m',
    factory: async () => {
      rendered.push('the list')
      const ids = await blog.dataSource.getRepository(Article).find({
        select: { id: true },
        order: { id: 'ASC' },
      })
      const teasers = ids.map(({ id }) => articleTeaser(blog, id, rendered))
      return html`<h1>Articles</h1>
        ${await Promise.all(teasers)}`.toString()
    },
  })
  return new Html(markup)
}

async function articleTeaser(blog: Blog, id: number, rendered: Rendered): Promise<Html> {
  const markup = await blog.sweeper.getOrSet({
    on: record(Article, id),
    key: 'article.teaser',
    ttl: '10m',
    factory: async () => {
      const [article] = await blog.dataSource.getRepository(Article).find({
        where: { id },
        relations: { comments: { votes: true } },
      })
      if (article === undefined) return ''
      rendered.push(`the teaser of Article ${id}`)
      const votes = article.comments.reduce((sum, comment) => sum + comment.votes.length, 0)
      return html`<article class="card">
        <h2><a href="/articles/${id}">${article.title}</a></h2>
        <p class="soft">${article.comments.length} comments, ${votes} votes</p>
      </article>`.toString()
    },
  })
  return new Html(markup)
}

/** An article with its comments: a fragment made of fragments. Undefined when there is no such article. */
export async function articlePage(
  blog: Blog,
  id: number,
  rendered: Rendered,
): Promise<Html | undefined> {
  const markup = await blog.sweeper.getOrSet({
    on: record(Article, id),
    key: 'article.page',
    ttl: '10m',
    factory: async () => {
      const [article] = await blog.dataSource.getRepository(Article).find({
        select: { id: true, title: true, text: true, comments: { id: true } },
        where: { id },
        relations: { comments: true },
        order: { comments: { id: 'ASC' } },
      })
      if (article === undefined) return undefined
      rendered.push(`Article ${id}`)
      // Only the ids are taken from here. A card loads its comment itself, after its token was read,
      // so a write between the two loads can never put an old comment under a new token.
      const cards = article.comments.map((comment) => commentCard(blog, comment.id, rendered))
      return html`<h1>${article.title}</h1>
        <p>${article.text}</p>
        <h2>${article.comments.length} comments</h2>
        ${await Promise.all(cards)} ${commentForm(id)}`.toString()
    },
  })
  return markup === undefined ? undefined : new Html(markup)
}

async function commentCard(blog: Blog, id: number, rendered: Rendered): Promise<Html> {
  const markup = await blog.sweeper.getOrSet({
    on: record(Comment, id),
    key: 'comment.card',
    ttl: '10m',
    factory: async () => {
      const [comment] = await blog.dataSource.getRepository(Comment).find({
        where: { id },
        relations: { votes: true },
      })
      if (comment === undefined) return ''
      rendered.push(`Comment ${id}`)
      return html`<section class="card" id="comment-${id}">
        <header>
          <strong>${comment.author}</strong>
          <form method="post" action="/comments/${id}/votes">
            <button aria-label="Vote for this comment">▲ ${comment.votes.length}</button>
          </form>
        </header>
        <p>${comment.text}</p>
      </section>`.toString()
    },
  })
  return new Html(markup)
}

function commentForm(articleId: number): Html {
  return html`<form method="post" action="/articles/${articleId}/comments" class="card">
    <input name="author" placeholder="Your name" aria-label="Your name" required maxlength="60" />
    <textarea
      name="text"
      placeholder="Your comment"
      aria-label="Your comment"
      required
      maxlength="2000"
      rows="3"
    ></textarea>
    <button>Comment</button>
  </form>`
}
