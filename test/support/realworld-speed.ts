import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { execFile } from 'node:child_process'
import { PostgresService } from './services-postgres'
import { startedHere } from './services-process'
import { compileRealworld, startRealworld, type RealworldApp, type Variant } from './realworld-app'

const run = promisify(execFile)
const ROOT = join(__dirname, '../../..')
const AUTOCANNON = join(ROOT, 'example-realworld/node_modules/autocannon/autocannon.js')
const VARIANTS = ['plain', 'cached'] as const satisfies readonly Variant[]
/** Short, and by turns: a busy machine disturbs both alike. */
const { rounds, seconds } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
  },
}).values
const ARTICLES = 40

/** `npm run check:realworld -- --rounds 3 --seconds 3`: requests per second of the RealWorld application, as it was written and cached, in one run. */
async function main(): Promise<void> {
  const postgres = new PostgresService()
  await postgres.open()
  const apps = new Map<Variant, RealworldApp>()
  try {
    for (const variant of VARIANTS) {
      const program = await compileRealworld(variant, join(ROOT, '.build/realworld', variant))
      apps.set(variant, await startRealworld(program, await postgres.createDatabase()))
    }
    for (const { url } of apps.values()) await fill(`${url}/api`)
    for (const path of ['/articles', '/articles/tokens-1', '/articles/tokens-1/comments'])
      console.log(lineOf(path, await measured(apps, path)))
  } finally {
    for (const app of apps.values()) await app.stop()
    await postgres.close()
    await startedHere.stopAll()
  }
}

async function fill(url: string): Promise<void> {
  const user = { username: 'ann', email: 'ann@example.org', password: 'secret' }
  const { token } = ((await post(`${url}/users`, { user })) as { user: { token: string } }).user
  for (let number = 1; number <= ARTICLES; number++) {
    const article = { title: `Tokens ${number}`, description: 'd', body: 'b'.repeat(2_000) }
    await post(`${url}/articles`, { article: { ...article, tagList: ['a', 'b'] } }, token)
  }
  for (let number = 1; number <= 10; number++)
    await post(`${url}/articles/tokens-1/comments`, { comment: { body: `${number}` } }, token)
}

async function post(url: string, body: object, token = ''): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${await response.text()}`)
  return response.json()
}

/** The median round of each variant, in requests per second. */
async function measured(
  apps: ReadonlyMap<Variant, RealworldApp>,
  path: string,
): Promise<ReadonlyMap<Variant, number>> {
  const rates = new Map(VARIANTS.map((variant) => [variant, [] as number[]]))
  for (let round = 0; round < Number(rounds); round++)
    for (const [variant, { url }] of apps)
      rates.get(variant)?.push(await requestsPerSecond(`${url}/api${path}`))
  return new Map(VARIANTS.map((variant) => [variant, median(rates.get(variant) ?? [])]))
}

async function requestsPerSecond(url: string): Promise<number> {
  const load = ['--json', '--connections', '10', '--duration', seconds, url]
  const { stdout } = await run(process.execPath, [AUTOCANNON, ...load])
  const result = JSON.parse(stdout) as { requests: { average: number }; non2xx: number }
  if (result.non2xx > 0) throw new Error(`GET ${url}: ${result.non2xx} answers were not 2xx`)
  return result.requests.average
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

function lineOf(path: string, rates: ReadonlyMap<Variant, number>): string {
  const [plain = NaN, cached = NaN] = VARIANTS.map((variant) => rates.get(variant))
  return `GET ${path}: ${plain.toFixed(0)} requests/s without, ${cached.toFixed(0)} with: ${(cached / plain).toFixed(1)} times`
}

void main()
