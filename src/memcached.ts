export { MemcachedStore } from './store/memcached-store'
export type { MemcachedClient, MemcachedGets } from './store/memcached-client'
