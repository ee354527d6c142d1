import { join } from 'node:path'
import { Liquid } from 'liquidjs'
import type { DataSource } from 'typeorm'
import { record, type On, type Sweeper } from '../src/index'
import { cachesweeper } from '../src/liquid'
import { Article, Comment, Vote } from './entities'

/** What pages are made from. */
export interface Blog {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
}

/** Takes the name of every fragment that had to be rendered for one view. */
export type Rendered = string[]

/** What a template with a `cachesweeper` tag is given: its body alone calls `load`, so a hit has no query. */
interface FragmentScope {
  readonly ref: On
  load(): Promise<object | undefined>
  now(): number
}

// The program runs from .build, the templates where they are written.
const VIEWS = join(__dirname, '..', '..', 'example-app', 'views')

/** The pages of the blog: fragments made of fragments, each cached by the tag in its template. */
export class Pages {
  readonly #blog: Blog
  readonly #engine = new Liquid({
    root: VIEWS,
    extname: '.liquid',
    cache: true,
    outputEscape: escaped,
  })

  constructor(blog: Blog) {
    this.#blog = blog
    this.#engine.plugin(cachesweeper(blog.sweeper))
  }

  /** A template that is not cached. */
  render(view: string, scope: object): Promise<string> {
    return this.#engine.renderFile(view, scope) as Promise<string>
  }

  /** The front page. "Any article" is its subject: it ends with every change to any of them. */
  list(rendered: Rendered): Promise<string> {
    const load = async (): Promise<readonly string[]> => {
      rendered.push('the list')
      const ids = await this.#blog.dataSource.getRepository(Article).find({
        select: { id: true },
        order: { id: 'ASC' },
      })
      return Promise.all(ids.map(({ id }) => this.#teaser(id, rendered)))
    }
    return this.#fragment('list', { ref: [Article], load, now: Date.now })
  }

  /** An article with its comments; undefined when there is no such article. */
  async article(id: number, rendered: Rendered): Promise<string | undefined> {
    const load = async (): Promise<object | undefined> => {
      const [article] = await this.#blog.dataSource.getRepository(Article).find({
        select: { id: true, title: true, text: true, comments: { id: true } },
        where: { id },
        relations: { comments: true },
        order: { comments: { id: 'ASC' } },
      })
      if (article === undefined) return undefined
      rendered.push(`Article ${id}`)
      const votes = await this.#votesOf(id)
      // Only the ids are taken from here. A card loads its comment itself, after its token was read,
      // so a write between the two loads can never put an old comment under a new token.
      const cards = article.comments.map((comment) => this.#comment(comment.id, rendered))
      const { title, text } = article
      return { id, title, text, votes, cards: await Promise.all(cards) }
    }
    const ref = record(Article, id)
    const markup = await this.#fragment('article', { ref, load, now: Date.now })
    return markup === '' ? undefined : markup
  }

  #comment(id: number, rendered: Rendered): Promise<string> {
    const load = async (): Promise<object | undefined> => {
      const [comment] = await this.#blog.dataSource.getRepository(Comment).find({
        where: { id },
        relations: { votes: true },
      })
      if (comment === undefined) return undefined
      rendered.push(`Comment ${id}`)
      const { author, text, votes } = comment
      return { id, author, text, votes: votes.length }
    }
    return this.#fragment('comment', { ref: record(Comment, id), load, now: Date.now })
  }

  #teaser(id: number, rendered: Rendered): Promise<string> {
    const load = async (): Promise<object | undefined> => {
      const { dataSource } = this.#blog
      const article = await dataSource.getRepository(Article).findOneBy({ id })
      if (article === null) return undefined
      rendered.push(`the teaser of Article ${id}`)
      const comments = await dataSource.getRepository(Comment).countBy({ article: { id } })
      return { id, title: article.title, comments, votes: await this.#votesOf(id) }
    }
    return this.#fragment('teaser', { ref: record(Article, id), load, now: Date.now })
  }

  #votesOf(articleId: number): Promise<number> {
    const where = { comment: { article: { id: articleId } } }
    return this.#blog.dataSource.getRepository(Vote).countBy(where)
  }

  #fragment(view: string, scope: FragmentScope): Promise<string> {
    return this.render(view, { [view]: scope })
  }
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' } as const

/** Our templates print texts and numbers; anything else would be a mistake, and stays out of sight. */
function escaped(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string') return ''
  // Every character the pattern finds is a key of the table.
  return value.replace(/[&<>"']/g, (found) => ENTITIES[found as keyof typeof ENTITIES])
}
