import type { Repository } from 'typeorm'
import type { Article, Comment, Tag } from '../zoo'

export interface Filter {
  readonly tag?: string
  readonly search?: string
}

const PAGE_SIZE = 3

/** A service as one finds them in NestJS applications; there its repositories are injected. */
export class BlogService {
  readonly articles: Repository<Article>
  readonly comments: Repository<Comment>
  readonly tags: Repository<Tag>

  constructor(articles: Repository<Article>, comments: Repository<Comment>, tags: Repository<Tag>) {
    this.articles = articles
    this.comments = comments
    this.tags = tags
  }

  page({ tag, search }: Filter, page: number): Promise<[Article[], number]> {
    const query = this.articles
      .createQueryBuilder('article')
      .leftJoinAndSelect('article.tags', 'tag')
      .leftJoinAndSelect('article.comments', 'comment')
      .orderBy('article.id', 'DESC')
      .addOrderBy('comment.id')
      .addOrderBy('tag.id')
      .skip(page * PAGE_SIZE)
      .take(PAGE_SIZE)
    if (tag !== undefined) query.andWhere('tag.slug = :tag', { tag })
    if (search !== undefined)
      query.andWhere('article.title LIKE :search', { search: `%${search}%` })
    return query.getManyAndCount()
  }

  detail(id: number): Promise<Article | null> {
    return this.articles.findOne({
      where: { id },
      relations: { comments: { author: true, votes: true }, tags: true },
      order: { comments: { id: 'ASC', votes: { id: 'ASC' } }, tags: { id: 'ASC' } },
    })
  }

  commentsPerTag(): Promise<unknown[]> {
    return this.tags
      .createQueryBuilder('tag')
      .leftJoin('tag.articles', 'article')
      .leftJoin('article.comments', 'comment')
      .select('tag.slug', 'slug')
      .addSelect('COUNT(comment.id)', 'comments')
      .groupBy('tag.slug')
      .orderBy('tag.slug')
      .getRawMany()
  }

  openComments(): Promise<number> {
    return this.comments.count({
      where: { hits: 0 },
    })
  }

  async publish(title: string, tags: Tag[]): Promise<Article> {
    return this.articles.save(this.articles.create({ title, tags }))
  }

  async comment(article: number, text: string): Promise<Comment> {
    return this.comments.save(this.comments.create({ text, article: { id: article } }))
  }

  async retitle(id: number, title: string): Promise<void> {
    await this.articles.update(id, { title })
  }

  async read(id: number): Promise<void> {
    await this.comments.increment({ id }, 'hits', 1)
  }

  async tag(id: number, tag: Tag): Promise<void> {
    await this.articles.createQueryBuilder().relation('tags').of(id).add(tag)
  }

  async takeDown(id: number): Promise<void> {
    await this.articles.softDelete(id)
  }
}
