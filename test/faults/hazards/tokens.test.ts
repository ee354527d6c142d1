import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { record } from '../../../src/index'
import { type AppProcess, AppProcesses } from '../../support/app-processes'
import { describeWith } from '../../support/services'
import { Comment } from '../../support/zoo'

/** Tokens that get lost, and commands that arrive twice. The names are those of docs/consistency.md. */
describeWith(['postgres', 'redis'], 'hazards of tokens', (services) => {
  let processes: AppProcesses
  let writer: AppProcess
  let reader: AppProcess

  beforeEach(async () => {
    processes = new AppProcesses(services)
    writer = await processes.start()
    reader = await processes.start()
  })
  afterEach(() => processes.stop())

  async function remove(...kinds: readonly string[]): Promise<void> {
    for (const kind of kinds) {
      const keys = await processes.keys(kind)
      if (keys.length > 0) await processes.client.unlink(...keys)
    }
  }

  it('H5 lost token', async () => {
    const { id } = await reader.aComment()
    await reader.untilCached(id)
    const first = await processes.textOfToken(id)

    await remove('t', 'c', 'y')
    await writer.writeText(id, 'y')
    // Whoever reads next has it made anew, and never the one that the old entry carries.
    await writer.sweeper.version(record(Comment, id))

    expect(await reader.filled(reader.readText(id))).to.equal('y')
    expect(await processes.textOfToken(id)).not.to.equal(first)
    expect(await reader.readText(id)).to.equal('y')
  })

  it('H5 lost token: everything is flushed while a value is loaded', async () => {
    const { id } = await reader.aComment()

    const reading = reader.readText(id, async () => {
      const text = await reader.loadText(id)
      await remove('t', 'c', 'y', 'e')
      await writer.writeText(id, 'y')
      return text
    })

    expect(await reader.filled(reading)).to.equal('x')
    await writer.sweeper.version(record(Comment, id))
    expect(await reader.readText(id)).to.equal('y')
  })

  it('H5b token put back', async () => {
    const { id } = await reader.aComment()
    await reader.untilCached(id)
    const scripts = await RecordedScripts.of(processes)
    await writer.writeText(id, 'y')
    const old = await scripts.untilNow()
    await reader.untilCached(id)
    await writer.writeText(id, 'z')

    // A client library that lost the replies sends the first writer's commands again.
    for (const [command = '', ...args] of old) await processes.client.call(command, args)
    scripts.end()

    expect(old.length).to.be.greaterThan(1)
    expect(await reader.untilCached(id)).to.equal('z')
  })
})

/** What processes send to have tokens made, as the server tells of it. */
class RecordedScripts {
  readonly #monitor: Redis
  readonly #processes: AppProcesses
  readonly #sent: string[][] = []

  private constructor(monitor: Redis, processes: AppProcesses) {
    this.#monitor = monitor
    this.#processes = processes
    monitor.on('monitor', (_time: string, args: string[], source: string) => {
      const isOurs = args.some((arg) => arg.startsWith(processes.namespace))
      if (isOurs && source !== 'lua' && /^eval/i.test(args[0] ?? '')) this.#sent.push(args)
    })
  }

  static async of(processes: AppProcesses): Promise<RecordedScripts> {
    return new RecordedScripts(await processes.client.monitor(), processes)
  }

  async untilNow(): Promise<readonly string[][]> {
    const marker = `${this.#processes.namespace}:marker`
    const told = new Promise<void>((resolve) => {
      this.#monitor.on('monitor', (_time: string, args: string[]) => {
        if (args.includes(marker)) resolve()
      })
    })
    await this.#processes.client.exists(marker)
    await told
    return [...this.#sent]
  }

  end(): void {
    this.#monitor.disconnect()
  }
}
