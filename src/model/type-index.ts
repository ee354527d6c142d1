import { InstanceChecker, type EntityMetadata } from 'typeorm'
import type { EntityTarget } from './entity-class'
import type { EntityType } from './entity-type'

/** A type, and the entity of its table that was named. */
export interface FoundEntity {
  readonly type: EntityType
  readonly metadata: EntityMetadata
}

/** Finds types by everything that names an entity. */
export class TypeIndex {
  readonly #byMetadata: ReadonlyMap<EntityMetadata, EntityType>
  readonly #byTarget = new Map<unknown, FoundEntity>()
  /** Classes of instances, subclasses of entities among them; null for those that are none. */
  readonly #byClass = new WeakMap<object, FoundEntity | null>()

  constructor(types: ReadonlyMap<EntityMetadata, EntityType>) {
    this.#byMetadata = types
    for (const [metadata, type] of types) {
      this.#byTarget.set(metadata.target, { type, metadata })
      if (typeof metadata.target === 'function') {
        this.#byClass.set(metadata.target.prototype as object, { type, metadata })
      }
    }
    for (const [metadata, type] of types)
      for (const name of [metadata.name, metadata.tablePath])
        if (!this.#byTarget.has(name)) this.#byTarget.set(name, { type, metadata })
  }

  ofMetadata(metadata: EntityMetadata): EntityType | undefined {
    return this.#byMetadata.get(metadata)
  }

  ofTarget(target: EntityTarget | string): FoundEntity | undefined {
    const found = this.#byTarget.get(target)
    if (found !== undefined || !InstanceChecker.isEntitySchema(target)) return found
    const { target: mapped, name } = target.options
    return this.#byTarget.get(mapped ?? name)
  }

  ofInstance(instance: object): FoundEntity | undefined {
    // Not `instance.constructor`: that may be a property of the object itself.
    const prototype: unknown = Object.getPrototypeOf(instance)
    return this.#ofPrototype(prototype)
  }

  #ofPrototype(prototype: unknown): FoundEntity | undefined {
    if (typeof prototype !== 'object' || prototype === null) return undefined
    const known = this.#byClass.get(prototype)
    if (known !== undefined) return known ?? undefined
    const found = this.#ofPrototype(Object.getPrototypeOf(prototype))
    this.#byClass.set(prototype, found ?? null)
    return found
  }
}
