import { Injectable } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { Repository } from 'typeorm'
import { record } from 'typeorm-sweeper'
import { Cached } from 'typeorm-sweeper/nest'
import { Article } from './article.entity'
import { Comment } from './comment.entity'

export interface ArticlePage {
  readonly title: string
  readonly comments: readonly string[]
  readonly madeAt: Date
}

@Injectable()
export class ArticlesService {
  loads = 0

  constructor(
    @InjectRepository(Article) readonly articles: Repository<Article>,
    @InjectRepository(Comment) readonly comments: Repository<Comment>,
  ) {}

  @Cached({ on: (id: number) => record(Article, id), ttl: '10m' })
  async page(id: number): Promise<ArticlePage> {
    this.loads++
    const { title } = await this.articles.findOneByOrFail({ id })
    const comments = await this.comments.findBy({ article: { id } })
    return { title, comments: comments.map(({ text }) => text), madeAt: new Date() }
  }

  comment(id: number, text: string): Promise<Comment> {
    return this.comments.save(this.comments.create({ text, article: { id } }))
  }
}
