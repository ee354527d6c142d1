import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { SweeperModule } from 'typeorm-sweeper/nest'
import { Article } from './article.entity'
import { ArticlesController } from './articles.controller'
import { ArticlesService } from './articles.service'
import { Comment } from './comment.entity'

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'sqljs', entities: [Article, Comment], synchronize: true }),
    TypeOrmModule.forFeature([Article, Comment]),
    SweeperModule.forRoot(),
  ],
  controllers: [ArticlesController],
  providers: [ArticlesService],
})
export class AppModule {}
