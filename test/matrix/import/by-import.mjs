import { Redis } from 'ioredis'
import { Redis as Redis6 } from 'ioredis-6'
import 'reflect-metadata'
import * as typeorm from 'typeorm'
import * as library from 'typeorm-sweeper'
import { RedisStore } from 'typeorm-sweeper/redis'
import aCommentSweepsItsPage from './a-comment-sweeps-its-page.cjs'

await aCommentSweepsItsPage({ typeorm, library, RedisStore, Redis })
await aCommentSweepsItsPage({ typeorm, library, RedisStore, Redis: Redis6 })
