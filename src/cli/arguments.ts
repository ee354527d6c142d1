import { parseArgs } from 'node:util'
import { UsageError } from './usage'

const COMMANDS = ['graph', 'doctor', 'sweep', 'clear'] as const
const FORMATS = ['mermaid', 'dot'] as const

export interface Arguments {
  readonly command: (typeof COMMANDS)[number]
  readonly operands: readonly string[]
  readonly dataSource: string
  readonly require: readonly string[]
  readonly format: (typeof FORMATS)[number]
  readonly cascade: boolean
  readonly offline: boolean
  readonly strict: boolean
}

/**
 * @returns undefined when help is asked for
 * @throws {UsageError}
 */
export function parseArguments(argv: readonly string[]): Arguments | undefined {
  const { values, positionals } = parsed(argv)
  if (values.help === true) return undefined
  const [name, ...operands] = positionals
  const command = oneOf(COMMANDS, name, 'command')
  const allowed = command === 'sweep' ? 2 : 0
  if (operands.length > allowed || (command === 'sweep' && operands.length === 0))
    throw new UsageError(
      command === 'sweep'
        ? 'sweep: give an entity and, for one record, its id: sweep Comment 17'
        : `${command}: "${operands.join(' ')}" is too much; it takes options alone`,
    )
  if (values.dataSource === undefined)
    throw new UsageError(`${command}: -d is missing; name the file that exports your DataSource`)
  return {
    command,
    operands,
    dataSource: values.dataSource,
    require: values.require ?? [],
    format: oneOf(FORMATS, values.format ?? 'mermaid', '--format'),
    cascade: values['no-cascade'] !== true,
    offline: values.offline === true,
    strict: values.strict === true,
  }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        dataSource: { type: 'string', short: 'd' },
        require: { type: 'string', short: 'r', multiple: true },
        format: { type: 'string' },
        'no-cascade': { type: 'boolean' },
        offline: { type: 'boolean' },
        strict: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function oneOf<T extends string>(known: readonly T[], given: string | undefined, what: string): T {
  const found = known.find((one) => one === given)
  if (found !== undefined) return found
  const wrong = given === undefined ? 'is missing' : `"${given}" is not known`
  throw new UsageError(`${what} ${wrong}; give ${known.join(', ')}`)
}
