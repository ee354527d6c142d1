import type { Mutation } from './mutation'
import { MUTATIONS_OF_CLUSTERS } from './mutations-of-clusters'
import { MUTATIONS_OF_OBJECTS } from './mutations-of-objects'
import { MUTATIONS_OF_OUTBOX } from './mutations-of-outbox'
import { MUTATIONS_OF_READING } from './mutations-of-reading'
import { MUTATIONS_OF_TENANTS } from './mutations-of-tenants'
import { MUTATIONS_OF_WRITING } from './mutations-of-writing'

export const MUTATIONS: readonly Mutation[] = [
  ...MUTATIONS_OF_READING,
  ...MUTATIONS_OF_WRITING,
  ...MUTATIONS_OF_TENANTS,
  ...MUTATIONS_OF_CLUSTERS,
  ...MUTATIONS_OF_OBJECTS,
  ...MUTATIONS_OF_OUTBOX,
]
