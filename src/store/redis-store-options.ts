/** What has to be on replicas too before a sweep counts as done. */
export interface ReplicaWait {
  /** How many replicas. */
  readonly replicas: number
  /** How long a sweep waits for them, in milliseconds. The commands behind it on the connection wait with it. */
  readonly ms: number
}

/** What a sweep waits for, beside the server that is written to. */
export interface RedisStoreOptions {
  /** Which replicas have a sweep before it counts as done. @default none, and no WAIT is sent */
  readonly wait?: ReplicaWait | undefined
}
