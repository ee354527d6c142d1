import { Body, Controller, Get, Param, ParseIntPipe, Post, UseInterceptors } from '@nestjs/common'
import { record } from 'typeorm-sweeper'
import { Fresh, SweeperInterceptor } from 'typeorm-sweeper/nest'
import { Article } from './article.entity'
import { ArticlesService, type ArticlePage } from './articles.service'

@Controller('articles')
@UseInterceptors(SweeperInterceptor)
export class ArticlesController {
  constructor(readonly service: ArticlesService) {}

  @Get(':id')
  @Fresh<{ params: { id: string } }>({ on: ({ params }) => record(Article, Number(params.id)) })
  page(@Param('id', ParseIntPipe) id: number): Promise<ArticlePage> {
    return this.service.page(id)
  }

  @Post(':id/comments')
  async comment(
    @Param('id', ParseIntPipe) id: number,
    @Body() { text }: { text: string },
  ): Promise<void> {
    await this.service.comment(id, text)
  }
}
