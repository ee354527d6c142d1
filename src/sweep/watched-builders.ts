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
  execute: Execute & Partial<Patched>
}

/** A second copy of this package must know a patched prototype when it meets one. */
const PATCHED = Symbol.for('typeorm-sweeper.watched')

interface Patched {
  [PATCHED]: { readonly original: Execute; users: number }
}

/**
 * Has `execute()` of TypeORM's write query builders pass by the Sweeper of its DataSource. All writes but raw SQL
 * come through there, those of `save()` too; hooks alone missed 118 of 300 random units of work (typeorm facts 4).
 *
 * It is a change to someone else's prototypes, so: once per process whatever the number of Sweepers and copies of
 * this package, without effect on DataSources that have no Sweeper, and undone when the last Sweeper closes,
 * unless another patch has been laid over it meanwhile (then ours stays below it and does nothing).
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
  const patched = prototype.execute[PATCHED]
  if (patched === undefined) patch(prototype)
  else patched.users++
  let released = false
  return () => {
    if (released) return
    released = true
    const current = prototype.execute[PATCHED]
    if (current !== undefined && --current.users === 0) prototype.execute = current.original
  }
}

function patch(prototype: BuilderPrototype): void {
  const original = prototype.execute
  const execute: BuilderPrototype['execute'] = function (this: WatchedBuilder) {
    const dataSource = this.dataSource ?? this.connection
    const engine = engineOfDataSource(dataSource)
    const statement = engine && WriteStatement.of(this)
    if (engine === undefined || statement === undefined) return original.call(this)
    const newRunner = (): QueryRunner => dataSource.createQueryRunner('master')
    return engine.statement(statement, newRunner, () => original.call(this))
  }
  execute[PATCHED] = { original, users: 1 }
  prototype.execute = execute
}
