'use strict'

require('reflect-metadata')
const aCommentSweepsItsPage = require('./a-comment-sweeps-its-page.cjs')

async function main() {
  for (const client of ['ioredis', 'ioredis-6'])
    await aCommentSweepsItsPage({
      typeorm: require('typeorm'),
      library: require('typeorm-sweeper'),
      RedisStore: require('typeorm-sweeper/redis').RedisStore,
      Redis: require(client).Redis,
    })
}

void main()
