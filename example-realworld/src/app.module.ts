import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { ArticlesController } from './articles.controller'
import { ArticlesService } from './articles.service'
import { Article, Comment, Favorite, Follow, Tag, User } from './entities'
import { UsersController } from './users.controller'
import { UsersService } from './users.service'

const ENTITIES = [Article, Comment, Favorite, Follow, Tag, User]

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env['REALWORLD_DATABASE_URL'] ?? '',
      entities: ENTITIES,
      synchronize: true,
    }),
    TypeOrmModule.forFeature(ENTITIES),
  ],
  controllers: [ArticlesController, UsersController],
  providers: [ArticlesService, UsersService],
})
export class AppModule {}
