import type { DataSource, QueryRunner } from 'typeorm'
import { engineOfDataSource } from './engines'
import { WriteStatement, type WriteBuilder, type WriteResult } from './write-statement'

type Execute = (this: WatchedBuilder) => Promise<WriteResult>

/** 1.x calls it dataSource, 0.3 connection. */
interface WatchedBuilder extends WriteBuilder {
  readonly dataSource?: DataSource
  readonly connection: DataSource
}

interface BuilderPrototype {
  execute: Execute & { readonly [PATCH]?: Patch }
}

/** Copies of this package know each other's patches when they meet them. */
const PATCH = Symbol.for('typeorm-sweeper.watched')

interface Patch {
  /** What was there before. */
  readonly original: Execute
  /** Sweepers that are open; without any it only passes on. */
  users: number
  /** Whether it is still in the way of calls, maybe below patches of others. */
  isLaid: boolean
}

/** The patches of this copy of the package. */
const patches = new WeakMap<BuilderPrototype, Patch>()

/**
 * Has `execute()` of TypeORM's write query builders pass by the Sweeper of its DataSource. All writes but raw SQL
 * come through there, those of `save()` too; hooks alone missed 118 of 300 random units of work (typeorm facts 4).
 *
 * It is a change to someone else's prototypes, so: once per process and copy of this package, whatever the number
 * of Sweepers, without effect on DataSources that have no Sweeper, and undone when the last Sweeper closes.
 * Where another patch has been laid over it meanwhile it stays below that and only passes on.
 *
 * @returns takes it back
 */
export function watchBuilders(dataSource: DataSource): () => void {
  const releases = prototypesOf(dataSource).map((prototype) => watch(prototype))
  return () => {
    for (const release of releases) release()
  }
}

/** The prototypes that this DataSource's own copy of TypeORM uses; one of them is not exported by it. */
function prototypesOf(dataSource: DataSource): readonly BuilderPrototype[] {
  const builder = dataSource.createQueryBuilder()
  const builders = [builder.insert(), builder.update(), builder.delete(), builder.softDelete()]
  return builders.map((one) => {
    const prototype: unknown = Object.getPrototypeOf(one)
    return prototype as BuilderPrototype
  })
}

function watch(prototype: BuilderPrototype): () => void {
  const known = patches.get(prototype)
  const patch = known?.isLaid === true ? known : lay(prototype)
  patch.users++
  let released = false
  return () => {
    if (released) return
    released = true
    patch.users--
    unwind(prototype)
  }
}

/** Takes off what lies on top and nobody uses, of other copies too. */
function unwind(prototype: BuilderPrototype): void {
  for (let top = prototype.execute[PATCH]; top?.users === 0; top = prototype.execute[PATCH]) {
    prototype.execute = top.original
    top.isLaid = false
  }
}

function lay(prototype: BuilderPrototype): Patch {
  const original = prototype.execute
  const patch: Patch = { original, users: 0, isLaid: true }
  const execute = function (this: WatchedBuilder): Promise<WriteResult> {
    const dataSource = this.dataSource ?? this.connection
    const engine = patch.users > 0 ? engineOfDataSource(dataSource) : undefined
    const statement = engine && WriteStatement.of(this)
    if (engine === undefined || statement === undefined) return original.call(this)
    const newRunner = (): QueryRunner => dataSource.createQueryRunner('master')
    return engine.statement(statement, newRunner, () => original.call(this))
  }
  prototype.execute = Object.assign(execute, { [PATCH]: patch })
  patches.set(prototype, patch)
  return patch
}
