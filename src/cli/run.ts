import type { DataSource } from 'typeorm'
import { type Arguments, parseArguments } from './arguments'
import { doctor } from './doctor'
import { graph } from './graph'
import { loadDataSource } from './load-data-source'
import { clear, sweep } from './sweep'
import { USAGE, UsageError, type Terminal } from './usage'

/** @returns the exit code */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let dataSource: DataSource | undefined
  try {
    const given = parseArguments(argv)
    if (given === undefined) {
      terminal.out(USAGE)
      return 0
    }
    dataSource = await loadDataSource(given.dataSource, given.require)
    return await perform(given, dataSource, terminal)
  } catch (error) {
    terminal.err(`${error instanceof Error ? error.message : String(error)}\n`)
    if (!(error instanceof UsageError)) return 1
    terminal.err('See typeorm-sweeper --help\n')
    return 2
  } finally {
    if (dataSource?.isInitialized === true) await dataSource.destroy()
  }
}

function perform(given: Arguments, dataSource: DataSource, terminal: Terminal): Promise<number> {
  switch (given.command) {
    case 'graph':
      return graph(dataSource, given, terminal)
    case 'doctor':
      return doctor(dataSource, given, terminal)
    case 'sweep':
      return sweep(dataSource, given, terminal)
    case 'clear':
      return clear(dataSource, terminal)
  }
}
