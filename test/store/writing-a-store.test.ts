import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { itBehavesLikeAStore } from '../../src/store-contract'
import { ROOT } from '../support/packed-project'
import { MapStore } from './map-store'

itBehavesLikeAStore('the store of docs/writing-a-store.md', () => new MapStore())

describe('docs/writing-a-store.md', () => {
  it('shows the store that passes', async () => {
    const page = await readFile(join(ROOT, 'docs/writing-a-store.md'), 'utf8')
    const source = await readFile(join(ROOT, 'test/store/map-store.ts'), 'utf8')
    const published = source
      .replace('../../src/index', 'typeorm-sweeper')
      .replace('../../src/store-kit', 'typeorm-sweeper/store-kit')

    expect(page).to.include(`\`\`\`ts\n${published}\`\`\``)
  })
})
