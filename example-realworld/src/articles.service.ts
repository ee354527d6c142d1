import { ForbiddenException, Injectable, NotFoundException } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { In, Repository } from 'typeorm'
import { Article, Comment, Favorite, Tag } from './entities'
import { profileOf, UsersService, type Profile } from './users.service'

export interface ArticleView {
  readonly slug: string
  readonly title: string
  readonly description: string
  readonly body: string
  readonly tagList: readonly string[]
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly favorited: boolean
  readonly favoritesCount: number
  readonly author: Profile
}

export interface CommentView {
  readonly id: number
  readonly body: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly author: Profile
}

export interface ArticleFilter {
  readonly tag?: string | undefined
  readonly author?: string | undefined
  readonly favorited?: string | undefined
  readonly followedBy?: number | undefined
  readonly limit: number
  readonly offset: number
}

export interface ArticleText {
  readonly title: string
  readonly description: string
  readonly body: string
  readonly tagList?: readonly string[]
}

const RELATIONS = { author: true, tags: true, favorites: { user: true } } as const

@Injectable()
export class ArticlesService {
  constructor(
    @InjectRepository(Article) private readonly articles: Repository<Article>,
    @InjectRepository(Comment) private readonly comments: Repository<Comment>,
    @InjectRepository(Favorite) private readonly favorites: Repository<Favorite>,
    @InjectRepository(Tag) private readonly tags: Repository<Tag>,
    private readonly users: UsersService,
  ) {}

  async idOf(slug: string): Promise<number> {
    const article = await this.articles.findOne({ where: { slug }, select: { id: true } })
    if (article === null) throw new NotFoundException()
    return article.id
  }

  async page(id: number, viewer: number | undefined): Promise<ArticleView> {
    const article = await this.articles.findOne({ where: { id }, relations: RELATIONS })
    if (article === null) throw new NotFoundException()
    return viewOf(article, viewer, await this.users.followedBy(viewer))
  }

  async list(
    filter: ArticleFilter,
    viewer: number | undefined,
  ): Promise<{ articles: ArticleView[]; articlesCount: number }> {
    const followed = await this.users.followedBy(viewer)
    const [ids, articlesCount] = await this.matching(filter)
    const found = await this.articles.find({ where: { id: In(ids) }, relations: RELATIONS })
    const byId = new Map(found.map((article) => [article.id, article]))
    const articles = ids.flatMap((id) => byId.get(id) ?? [])
    return { articles: articles.map((one) => viewOf(one, viewer, followed)), articlesCount }
  }

  async commentsOf(id: number, viewer: number | undefined): Promise<CommentView[]> {
    const followed = await this.users.followedBy(viewer)
    const found = await this.comments.find({
      where: { article: { id } },
      relations: { author: true },
      order: { id: 'ASC' },
    })
    return found.map(({ author, id: commentId, body, createdAt, updatedAt }) => ({
      ...{ id: commentId, body, createdAt, updatedAt },
      author: profileOf(author, followed),
    }))
  }

  async tagNames(): Promise<string[]> {
    const found = await this.tags.find({ order: { name: 'ASC' } })
    return found.map(({ name }) => name)
  }

  async create({ tagList = [], ...text }: ArticleText, viewer: number): Promise<string> {
    const slug = slugOf(text.title)
    const tags = tagList.map((name) => ({ name }))
    await this.articles.save({ ...text, slug, tags, author: { id: viewer } })
    return slug
  }

  async update(id: number, changes: Partial<ArticleText>, viewer: number): Promise<string> {
    const article = await this.owned(id, viewer)
    const { title = article.title, description, body } = changes
    const slug = title === article.title ? article.slug : slugOf(title)
    const text = { ...(description !== undefined && { description }), ...(body && { body }) }
    await this.articles.update({ id }, { title, slug, ...text })
    return slug
  }

  async remove(id: number, viewer: number): Promise<void> {
    await this.articles.remove(await this.owned(id, viewer))
  }

  async favorite(id: number, viewer: number): Promise<void> {
    await this.favorites.upsert({ article: { id }, user: { id: viewer } }, ['user', 'article'])
  }

  async unfavorite(id: number, viewer: number): Promise<void> {
    await this.favorites.delete({ article: { id }, user: { id: viewer } })
  }

  async comment(id: number, body: string, viewer: number): Promise<number> {
    const comment = await this.comments.save({ body, article: { id }, author: { id: viewer } })
    return comment.id
  }

  async removeComment(commentId: number, viewer: number): Promise<void> {
    const comment = await this.comments.findOne({
      where: { id: commentId },
      relations: { author: true },
    })
    if (comment === null) throw new NotFoundException()
    if (comment.author.id !== viewer) throw new ForbiddenException()
    await this.comments.remove(comment)
  }

  private async owned(id: number, viewer: number): Promise<Article> {
    const article = await this.articles.findOne({ where: { id }, relations: { author: true } })
    if (article === null) throw new NotFoundException()
    if (article.author.id !== viewer) throw new ForbiddenException()
    return article
  }

  private async matching(filter: ArticleFilter): Promise<[number[], number]> {
    const { tag, author, favorited, followedBy, limit, offset } = filter
    const query = this.articles
      .createQueryBuilder('article')
      .innerJoin('article.author', 'author')
      .orderBy('article.createdAt', 'DESC')
      .addOrderBy('article.id', 'DESC')
      .take(limit)
      .skip(offset)
    if (tag !== undefined) query.innerJoin('article.tags', 'tag', 'tag.name = :tag', { tag })
    if (author !== undefined) query.andWhere('author.username = :author', { author })
    if (favorited !== undefined)
      query
        .innerJoin('article.favorites', 'favorite')
        .innerJoin('favorite.user', 'fan', 'fan.username = :favorited', { favorited })
    if (followedBy !== undefined)
      query.innerJoin(
        'follows',
        'follow',
        'follow.followedId = author.id AND follow.followerId = :followedBy',
        { followedBy },
      )
    const [found, count] = await query.getManyAndCount()
    return [found.map(({ id }) => id), count]
  }
}

function viewOf(
  { slug, title, description, body, createdAt, updatedAt, author, tags, favorites }: Article,
  viewer: number | undefined,
  followed: ReadonlySet<number>,
): ArticleView {
  return {
    ...{ slug, title, description, body, createdAt, updatedAt },
    tagList: tags.map(({ name }) => name).toSorted(),
    favorited: favorites.some(({ user }) => user.id === viewer),
    favoritesCount: favorites.length,
    author: profileOf(author, followed),
  }
}

function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
