import { InstanceChecker, type EntityMetadata, type EntitySchema } from 'typeorm'
import type { Duration } from '../core/duration'
import { DeclarationError } from '../core/errors'
import type { EntityClass } from './entity-class'

/** What an entity declares. Options of abstract bases and of the root of a table's inheritance hold for subclasses too. */
export interface SweepableOptions<Using extends string = string, Parent extends string = string> {
  /**
   * A column property whose value is compared beside the token when an instance is at hand: `'updatedAt'`,
   * a `@VersionColumn`. One more check, never the version alone.
   *
   * @default the store's token alone
   */
  readonly using?: Using
  /**
   * Relation properties. Their targets are swept whenever a record of this entity changes, and what those declare
   * in turn. Any kind of relation, also inside embedded objects: `'ref.article'`.
   */
  readonly dependsOn?: readonly Parent[]
  /** A committed save puts the object into the cache, a removal takes it out. @default false */
  readonly writeThrough?: boolean
  /** How long entries of this entity live where a call says nothing else. @default the Sweeper's `ttl` */
  readonly ttl?: Duration
}

/** One declaration as it was written down; nothing of it has been checked. */
export interface Declaration {
  /** The class, or the name of an `EntitySchema`. */
  readonly entity: EntityClass | string
  readonly schema: EntitySchema | undefined
  /** `@Sweepable on Comment`: where the mistakes in it are to be found. */
  readonly where: string
  readonly options: SweepableOptions
}

interface Registry {
  /** In the order in which they were made; an entity that is declared twice has two. */
  readonly declarations: Map<EntityClass | string, Declaration[]>
  /** Classes, schemas and names that a DataSource has been read with: what comes later would not be heard. */
  readonly inUse: WeakSet<object>
  readonly namesInUse: Set<string>
}

/** Two copies of this package in one process know the same declarations. */
const REGISTRY = Symbol.for('typeorm-sweeper.declarations')

/**
 * @internal Writes down what an entity declares. Checked when a DataSource is first used.
 *
 * @throws {DeclarationError} SWEEPER_DECLARATION for an entity that is in use by then
 */
export function declare(
  target: EntityClass | EntitySchema | string,
  options: SweepableOptions,
  form: '@Sweepable' | 'sweepable',
): void {
  const schema = InstanceChecker.isEntitySchema(target) ? target : undefined
  const entity = entityOf(target)
  const name = typeof entity === 'string' ? entity : entity.name
  const where = form === '@Sweepable' ? `@Sweepable on ${name}` : `sweepable(${name})`
  const { declarations, inUse, namesInUse } = registry()
  if (typeof target === 'string' ? namesInUse.has(target) : inUse.has(target)) {
    throw new DeclarationError([
      `${where}: it comes too late, a DataSource with this entity is in use; declare where the entity is defined`,
    ])
  }
  const earlier = declarations.get(entity) ?? []
  declarations.set(entity, [...earlier, { entity, schema, where, options }])
}

/** @internal Says that a DataSource has been read with these: from here on they cannot be declared. */
export function closeDeclarationsOf(entities: Iterable<unknown>): void {
  const { inUse, namesInUse } = registry()
  for (const entity of entities) {
    if (typeof entity === 'string') namesInUse.add(entity)
    else if (isObject(entity)) inUse.add(entity)
  }
}

/**
 * @internal What was declared for an entity itself: nothing, one declaration, or several by mistake.
 *
 * @param schemas that a DataSource lists
 */
export function declarationsOf(
  entity: EntityClass | string,
  schemas: ReadonlySet<unknown>,
): readonly Declaration[] {
  const all = registry().declarations.get(entity) ?? []
  if (typeof entity !== 'string') return all
  // Schemas of one name are different entities of different DataSources, or one module that was evaluated again.
  const listed = all.filter(({ schema }) => schemas.has(schema))
  if (listed.length > 0) return listed
  const last = all.at(-1)
  return all.filter(({ schema }) => schema === last?.schema)
}

/**
 * @internal The classes whose declarations hold for an entity, bases first.
 *
 * `inheritanceTree` alone does not tell: under single-table inheritance it lists subclasses too
 * (typeorm 1.1.1 EntityMetadataBuilder.createEntityMetadata).
 */
export function declaringTargets(metadata: EntityMetadata): readonly (EntityClass | string)[] {
  const { target } = metadata
  if (typeof target === 'string') return [target]
  // TypeORM's own word for a class is Function.
  const tree = metadata.inheritanceTree as unknown as readonly EntityClass[]
  const prototype = target.prototype as object
  return tree
    .filter((one) => one.prototype === prototype || isPrototypeOf(one.prototype, prototype))
    .toReversed()
}

function isObject(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null)
}

function isPrototypeOf(base: unknown, prototype: object): boolean {
  return typeof base === 'object' && Object.prototype.isPrototypeOf.call(base, prototype)
}

function entityOf(target: EntityClass | EntitySchema | string): EntityClass | string {
  if (!InstanceChecker.isEntitySchema(target)) return target
  const { target: mapped, name } = target.options
  // A schema may map a class; TypeORM's own word for one is Function.
  return typeof mapped === 'function' ? (mapped as unknown as EntityClass) : name
}

function registry(): Registry {
  const shared = globalThis as { [REGISTRY]?: Registry }
  return (shared[REGISTRY] ??= {
    declarations: new Map(),
    inUse: new WeakSet(),
    namesInUse: new Set(),
  })
}
