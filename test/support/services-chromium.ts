import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { MissingServiceError } from './services-process'

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome']
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const LAUNCH_TAKES_AT_MOST_MS = 30_000

/** Undefined where none is on the PATH. */
function installedChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.flatMap((folder) => PROGRAMS.map((name) => join(folder, name))).find(isProgram)
}

/** A browser, started for a suite. */
export class ChromiumService {
  #browser: Browser | undefined

  get browser(): Browser {
    if (this.#browser === undefined)
      throw new Error('chromium.browser: not started yet; use it in hooks and tests')
    return this.#browser
  }

  async open(): Promise<void> {
    const executablePath = installedChromium()
    if (executablePath === undefined)
      throw new MissingServiceError(
        'no chromium is installed; install one, on Debian with: apt-get install chromium',
      )
    const options = { executablePath, args: FLAGS, timeout: LAUNCH_TAKES_AT_MOST_MS }
    this.#browser = await chromium.launch(options)
  }

  async close(): Promise<void> {
    await this.#browser?.close()
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
