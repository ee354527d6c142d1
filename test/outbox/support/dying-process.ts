import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { endProcess } from '../../support/services-process'
import type { DyingSettings } from './dying-main'

const STARTING_TAKES_AT_MOST_MS = 30_000

/** A real process of an application, to be killed when it is about to send a sweep. */
export class DyingProcess {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Resolves when its first sweep would have been sent next. */
  static async upToItsSweep(settings: DyingSettings): Promise<DyingProcess> {
    const child = fork(join(__dirname, 'dying-main.js'), {
      env: { ...process.env, DYING_PROCESS: JSON.stringify(settings) },
    })
    const aborting = AbortSignal.timeout(STARTING_TAKES_AT_MOST_MS)
    try {
      await Promise.race([
        once(child, 'message', { signal: aborting }),
        once(child, 'exit').then(() => {
          throw new Error(`the process has ended by itself: ${child.exitCode}`)
        }),
      ])
    } catch (error) {
      await endProcess(child)
      throw error
    }
    return new DyingProcess(child)
  }

  /** As `kill -9` does; resolves when it is gone. */
  async kill(): Promise<void> {
    await endProcess(this.#child)
    if (this.#child.signalCode !== 'SIGKILL') throw new Error('the process was not killed')
  }
}
