import { StartFailure } from './start-failure'

export interface Arguments {
  readonly once: boolean
  readonly cluster: boolean
  readonly help: boolean
}

export interface Settings {
  readonly port: number
  readonly databaseUrl: URL | undefined
  readonly redisUrl: URL | undefined
}

export const HELP = `Usage: npm start [-- options]

A small blog whose pages are cached in fragments: first a tour in the terminal, then a server.

Options:
  --once      the tour alone, without the server
  --cluster   two servers on one Redis: needs a DATABASE_URL, and a REDIS_URL or the program redis-server
  --help      this text

Environment:
  DATABASE_URL   postgres://user:password@host:5432/database   default: a PostgreSQL inside this process
  REDIS_URL      redis://:password@host:6379/0                 default: this process's memory
  PORT           where to serve, 0 for any free port           default: 3000
`

/** Reads the command line; a {@link StartFailure} for an argument it does not know. */
export function readArguments(args: readonly string[]): Arguments {
  const unknown = args.find((arg) => !['--once', '--cluster', '--help'].includes(arg))
  if (unknown !== undefined) {
    throw new StartFailure(
      `unknown argument ${JSON.stringify(unknown)}; there are --once, --cluster and --help`,
    )
  }
  return {
    once: args.includes('--once'),
    cluster: args.includes('--cluster'),
    help: args.includes('--help'),
  }
}

/** Reads the environment; a {@link StartFailure} for a value it cannot understand. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  return {
    port: portFrom(env['PORT']),
    databaseUrl: urlFrom('DATABASE_URL', env['DATABASE_URL'], {
      protocols: ['postgres:', 'postgresql:'],
      path: /^/,
      example: 'postgres://user:password@host:5432/database',
    }),
    redisUrl: urlFrom('REDIS_URL', env['REDIS_URL'], {
      protocols: ['redis:', 'rediss:'],
      path: /^(\/\d{0,5})?$/,
      example: 'redis://:password@host:6379/0',
    }),
  }
}

function portFrom(value: string | undefined): number {
  if (value === undefined || value === '') return 3000
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65535) return Number(value)
  throw new StartFailure(`PORT: ${JSON.stringify(value)} is no port; give a number from 0 to 65535`)
}

interface Expected {
  readonly protocols: readonly string[]
  readonly path: RegExp
  readonly example: string
}

// The value is never quoted in a message: it may hold a password.
function urlFrom(name: string, value: string | undefined, expected: Expected): URL | undefined {
  if (value === undefined || value === '') return undefined
  const url = parsed(value)
  if (url === undefined) {
    throw new StartFailure(
      `${name} is not a URL; it should look like ${expected.example}, with special characters of the password as %xx`,
    )
  }
  if (expected.protocols.includes(url.protocol) && expected.path.test(url.pathname)) return url
  throw new StartFailure(
    `${name} is a URL of another kind; it should look like ${expected.example}`,
  )
}

function parsed(value: string): URL | undefined {
  if (!URL.canParse(value)) return undefined
  const url = new URL(value)
  // With an unescaped "/", "?" or "#" in it, a piece of the password would be taken for the host, and be shown.
  if (`${url.pathname}${url.search}${url.hash}`.includes('@')) return undefined
  const decodable = [url.username, url.password, url.pathname].every(isDecodable)
  return decodable ? url : undefined
}

function isDecodable(text: string): boolean {
  return !/%(?![0-9a-f]{2})/i.test(text)
}
