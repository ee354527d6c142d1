export { RedisStore } from './store/redis-store'
export type { RedisClient, RedisPipelineReply } from './store/redis-client'
export type { NodeRedisClient } from './store/node-redis-client'
