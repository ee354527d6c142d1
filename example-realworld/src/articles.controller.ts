import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  ParseIntPipe,
  Post,
  Put,
  Query,
  UseGuards,
} from '@nestjs/common'
import { ArticlesService, type ArticleText } from './articles.service'
import { LoggedIn, Viewer } from './auth'

interface ListQuery {
  readonly tag?: string
  readonly author?: string
  readonly favorited?: string
  readonly limit?: string
  readonly offset?: string
}

@Controller()
export class ArticlesController {
  constructor(private readonly articles: ArticlesService) {}

  @Get('articles')
  list(@Query() query: ListQuery, @Viewer() viewer?: number): Promise<object> {
    const { tag, author, favorited, limit, offset } = query
    const page = { limit: Number(limit ?? 20), offset: Number(offset ?? 0) }
    return this.articles.list({ tag, author, favorited, ...page }, viewer)
  }

  @Get('articles/feed')
  @UseGuards(LoggedIn)
  feed(@Query() { limit, offset }: ListQuery, @Viewer() viewer: number): Promise<object> {
    const page = { limit: Number(limit ?? 20), offset: Number(offset ?? 0) }
    return this.articles.list({ followedBy: viewer, ...page }, viewer)
  }

  @Get('articles/:slug')
  async page(@Param('slug') slug: string, @Viewer() viewer?: number): Promise<object> {
    return { article: await this.articles.page(await this.articles.idOf(slug), viewer) }
  }

  @Post('articles')
  @UseGuards(LoggedIn)
  async create(
    @Body() { article }: { article: ArticleText },
    @Viewer() viewer: number,
  ): Promise<object> {
    return this.page(await this.articles.create(article, viewer), viewer)
  }

  @Put('articles/:slug')
  @UseGuards(LoggedIn)
  async update(
    @Param('slug') slug: string,
    @Body() { article }: { article: Partial<ArticleText> },
    @Viewer() viewer: number,
  ): Promise<object> {
    const id = await this.articles.idOf(slug)
    return this.page(await this.articles.update(id, article, viewer), viewer)
  }

  @Delete('articles/:slug')
  @HttpCode(204)
  @UseGuards(LoggedIn)
  async remove(@Param('slug') slug: string, @Viewer() viewer: number): Promise<void> {
    await this.articles.remove(await this.articles.idOf(slug), viewer)
  }

  @Post('articles/:slug/favorite')
  @UseGuards(LoggedIn)
  async favorite(@Param('slug') slug: string, @Viewer() viewer: number): Promise<object> {
    await this.articles.favorite(await this.articles.idOf(slug), viewer)
    return this.page(slug, viewer)
  }

  @Delete('articles/:slug/favorite')
  @UseGuards(LoggedIn)
  async unfavorite(@Param('slug') slug: string, @Viewer() viewer: number): Promise<object> {
    await this.articles.unfavorite(await this.articles.idOf(slug), viewer)
    return this.page(slug, viewer)
  }

  @Get('articles/:slug/comments')
  async comments(@Param('slug') slug: string, @Viewer() viewer?: number): Promise<object> {
    return { comments: await this.articles.commentsOf(await this.articles.idOf(slug), viewer) }
  }

  @Post('articles/:slug/comments')
  @UseGuards(LoggedIn)
  async comment(
    @Param('slug') slug: string,
    @Body() { comment }: { comment: { body: string } },
    @Viewer() viewer: number,
  ): Promise<object> {
    const id = await this.articles.idOf(slug)
    const commentId = await this.articles.comment(id, comment.body, viewer)
    const comments = await this.articles.commentsOf(id, viewer)
    return { comment: comments.find((one) => one.id === commentId) }
  }

  @Delete('articles/:slug/comments/:id')
  @HttpCode(204)
  @UseGuards(LoggedIn)
  async removeComment(
    @Param('id', ParseIntPipe) id: number,
    @Viewer() viewer: number,
  ): Promise<void> {
    await this.articles.removeComment(id, viewer)
  }

  @Get('tags')
  async tags(): Promise<object> {
    return { tags: await this.articles.tagNames() }
  }
}
