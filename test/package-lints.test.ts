import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { packedProject, run } from './support/packed-project'

/** What the package takes when it is unpacked, in bytes. With it nothing else is installed. */
const MAX_INSTALLED_BYTES = 1_600_000

describe('the packed package', function () {
  this.timeout(120_000)
  let tarball: Buffer
  let file: string

  before(async () => {
    file = (await packedProject()).tarball
    tarball = await readFile(file)
  })

  it('has nothing that publint objects to', async () => {
    const { publint } = await import('publint')
    const { formatMessage } = await import('publint/utils')
    const bytes = new Uint8Array(tarball).buffer

    const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true })

    expect(messages.map((message) => formatMessage(message, pkg))).to.deep.equal([])
  })

  it('has the right types for every way to resolve it', async () => {
    const { checkPackage, createPackageFromTarballData } = await import('@arethetypeswrong/core')

    const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)))

    expect(checked).to.have.property('problems').that.deep.equals([])
  })

  it('is small when it is installed, and brings nothing with it', async () => {
    const { stdout } = await run('tar', ['-tvzf', file])
    const sizes = stdout
      .split('\n')
      .map((line) => Number(/^\S+\s+\S+\s+(\d+)/.exec(line)?.[1] ?? 0))
    const manifest = await run('tar', ['-xzOf', file, 'package/package.json'])

    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.within(1, MAX_INSTALLED_BYTES)
    expect(JSON.parse(manifest.stdout)).not.to.have.property('dependencies')
  })
})
