import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type DataSource, InstanceChecker } from 'typeorm'
import { UsageError } from './usage'

/** As TypeORM's own command line first; the others do without the compiler. */
const LOADERS = ['ts-node/register', '@swc-node/register', 'tsx/cjs']
const TYPESCRIPT = /\.[cm]?ts$/

/**
 * The one DataSource that a file exports, itself or as a promise: what TypeORM's command line takes.
 *
 * @throws {UsageError}
 */
export async function loadDataSource(
  file: string,
  modules: readonly string[],
): Promise<DataSource> {
  const path = resolve(file)
  if (!existsSync(path)) throw new UsageError(`-d "${file}": there is no such file`)
  for (const one of modules) await load(one.startsWith('.') ? resolve(one) : one, '-r')
  const exported = await load(path, '-d')
  const found = new Set<DataSource>()
  for (const value of [exported, ...Object.values<unknown>({ ...exported })]) {
    const awaited: unknown = await value
    if (InstanceChecker.isDataSource(awaited)) found.add(awaited)
  }
  const [dataSource] = found
  if (dataSource === undefined || found.size > 1)
    throw new UsageError(
      `-d "${file}": it exports ${found.size} DataSources; export one, which is not initialized yet`,
    )
  return dataSource
}

/** Files of CommonJS by `require`, for whose extensions loaders register; everything else by `import`. */
async function load(path: string, option: string): Promise<object> {
  const require = createRequire(resolve('package.json'))
  if (TYPESCRIPT.test(path)) registerLoader(path)
  try {
    const found: unknown = /\.m[jt]s$/.test(path)
      ? await import(pathToFileURL(path).href)
      : require(path)
    return typeof found === 'object' && found !== null ? found : {}
  } catch (error) {
    const hint =
      TYPESCRIPT.test(path) && !canLoadTypeScript()
        ? '; install ts-node or tsx, or name what loads TypeScript with -r'
        : ''
    throw new UsageError(
      `${option} "${path}": it cannot be loaded: ${error instanceof Error ? error.message : String(error)}${hint}`,
      { cause: error },
    )
  }
}

/** By what somebody has registered: Node's own stripping of types knows no decorators. */
function canLoadTypeScript(): boolean {
  const { extensions } = createRequire(__filename)
  return '.ts' in extensions && !String(extensions['.ts']).includes('stripTypeScript')
}

/** With what the project has, unless something is registered already. Where it has nothing, Node may manage by itself. */
function registerLoader(path: string): void {
  if (canLoadTypeScript()) return
  const require = createRequire(path)
  const loader = LOADERS.find((name) => resolvable(require, name))
  if (loader !== undefined) require(loader)
}

function resolvable(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name)
    return true
  } catch {
    // Not installed there, which is what was asked.
    return false
  }
}
