// What the fragments in README.md and docs/ use without saying where it comes from.
// A fragment is a ts block that no output stands under; test/docs-examples.test.ts compiles each below these names.
// A name that is not here has to be imported or declared in the fragment itself.

import type * as Adapter from '@nestjs-cls/transactional-adapter-typeorm'
import type * as Cls from '@nestjs-cls/transactional'
import type * as Nest from '@nestjs/common'
import type * as NestTypeOrm from '@nestjs/typeorm'
import type * as Chai from 'chai'
import type * as Express from 'express'
import type * as Fastify from 'fastify'
import type * as Ioredis from 'ioredis'
import type * as Http from 'node:http'
import type * as Nunjucks from 'nunjucks'
import type * as NodeRedis from 'redis'
import type * as TypeOrm from 'typeorm'
import type * as Library from 'typeorm-sweeper'
import type * as LibraryHttp from 'typeorm-sweeper/http'
import type * as LibraryMemcached from 'typeorm-sweeper/memcached'
import type * as LibraryNest from 'typeorm-sweeper/nest'
import type * as LibraryRedis from 'typeorm-sweeper/redis'
import type * as LibraryTelemetry from 'typeorm-sweeper/telemetry'
import type * as LibraryTesting from 'typeorm-sweeper/testing'

declare global {
  // The application's own.
  class Article {
    id: number
    title: string
    updatedAt: Date
    comments: Comment[]
  }
  class CommentColumns {
    id: number
    text: string
    updatedAt: Date
    article: Article
    ref: { page: Article }
  }
  class Comment extends CommentColumns {
    private readonly hidden: Article
  }
  class LegacyComment extends CommentColumns {}
  class OrderLine {
    tenant: string
    number: number
    position: number
  }
  class Parcel {
    key: { carrier: string; code: string }
  }
  class Engine {
    id: number
  }
  class User {
    id: number
    email: string
    address: Parcel
  }
  class Car {
    id: number
    engine: Engine
    owner: User
  }
  class ConfigModule {
    readonly isGlobal: boolean
  }
  class ConfigService {
    getOrThrow(name: string): string
  }
  interface Filter {
    tag: string
  }
  class ArticleQueries {
    readonly sweeper: Library.Sweeper
    query(filter: Filter): TypeOrm.SelectQueryBuilder<Article>
  }
  const CommentSchema: TypeOrm.EntitySchema<Comment>
  const article: Article
  const comment: Comment
  const comments: TypeOrm.Repository<Comment>
  const page: number
  const options: TypeOrm.DataSourceOptions
  const dataSource: TypeOrm.DataSource
  const sweeper: Library.Sweeper
  const redis: Ioredis.Redis
  const app: Express.Express
  const fastify: Fastify.FastifyInstance
  const env: Nunjucks.Environment
  const cdn: { purgeTags(tags: readonly string[]): Promise<void> }
  function loadAndRender(id: number): Promise<string>
  function loadArticle(id: string): Promise<Article>
  function handle(request: Http.IncomingMessage, response: Http.ServerResponse): Promise<void>
  function respond(html: string | null): void
  function report(error: Error): void

  // What an editor imports by itself.
  const Column: typeof TypeOrm.Column
  const DataSource: typeof TypeOrm.DataSource
  const Entity: typeof TypeOrm.Entity
  const ManyToOne: typeof TypeOrm.ManyToOne
  const PrimaryGeneratedColumn: typeof TypeOrm.PrimaryGeneratedColumn
  const UpdateDateColumn: typeof TypeOrm.UpdateDateColumn
  const CreateSweepOutbox: typeof Library.CreateSweepOutbox
  const Sweepable: typeof Library.Sweepable
  const Sweeper: typeof Library.Sweeper
  type Sweeper = Library.Sweeper
  const cachedBy: typeof Library.cachedBy
  const children: typeof Library.children
  const record: typeof Library.record
  const sweepable: typeof Library.sweepable
  const sweptQueryCache: typeof Library.sweptQueryCache
  const fresh: typeof LibraryHttp.fresh
  const requestScope: typeof LibraryHttp.requestScope
  const surrogateKeys: typeof LibraryHttp.surrogateKeys
  const MemcachedStore: typeof LibraryMemcached.MemcachedStore
  const Cached: typeof LibraryNest.Cached
  const SweeperModule: typeof LibraryNest.SweeperModule
  const ClusterStore: typeof LibraryRedis.ClusterStore
  const RedisStore: typeof LibraryRedis.RedisStore
  const openTelemetry: typeof LibraryTelemetry.openTelemetry
  const recordSweeps: typeof LibraryTesting.recordSweeps
  const MapStore: new () => Library.Store
  const Module: typeof Nest.Module
  const TypeOrmModule: typeof NestTypeOrm.TypeOrmModule
  type TransactionHost<A> = Cls.TransactionHost<A>
  type TransactionalAdapterTypeOrm = Adapter.TransactionalAdapterTypeOrm
  const Redis: typeof Ioredis.Redis
  const createClient: typeof NodeRedis.createClient
  const createServer: typeof Http.createServer
  const expect: typeof Chai.expect & { extend(matchers: object): void }
}
