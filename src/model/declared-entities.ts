import type { DataSource, EntityMetadata } from 'typeorm'
import { DeclarationError } from '../core/errors'
import { mistakesIn } from './check-declaration'
import {
  closeDeclarationsOf,
  declarationsOf,
  declaringTargets,
  type Declaration,
  type SweepableOptions,
} from './declarations'

/** What the classes of an entity declare together: relations united, of everything else the last word of a subclass. */
export type DeclaredOptions = SweepableOptions & { readonly dependsOn: readonly string[] }

/** The entities of a DataSource with what they declare, all of it checked. */
export class DeclaredEntities {
  readonly #options = new Map<EntityMetadata, DeclaredOptions>()

  /** @throws {DeclarationError} SWEEPER_DECLARATION with all mistakes of all declarations */
  constructor({ entityMetadatas, options }: DataSource) {
    const schemas = listedIn(options.entities)
    const mistakes = new Set<string>()
    const seen = new Set<Declaration>()
    // Entities before those that inherit from them: a mistake is told where it was made.
    for (const metadata of [...entityMetadatas].sort(byDepth)) {
      const declared = declaringTargets(metadata).flatMap((target) => {
        const own = declarationsOf(target, schemas)
        if (own.length > 1 && own[0] !== undefined && !seen.has(own[0]))
          mistakes.add(declaredTwice(own))
        return own
      })
      for (const declaration of declared) {
        if (seen.has(declaration)) continue
        seen.add(declaration)
        for (const mistake of mistakesIn(declaration, metadata)) mistakes.add(mistake)
      }
      this.#options.set(metadata, united(declared))
    }
    if (mistakes.size > 0) throw new DeclarationError([...mistakes])
    closeDeclarationsOf([...schemas, ...entityMetadatas.flatMap(declaringTargets)])
  }

  optionsOf(metadata: EntityMetadata): DeclaredOptions {
    return this.#options.get(metadata) ?? { dependsOn: [] }
  }
}

function united(declared: readonly Declaration[]): DeclaredOptions {
  const options = declared.map((one) => one.options)
  const dependsOn = new Set<string>()
  for (const { dependsOn: names } of options)
    // Checked beside this; here it only must not fail before the mistake is told.
    if (Array.isArray(names)) for (const name of names as readonly string[]) dependsOn.add(name)
  const merged = options.reduce<object>((all, one) => ({ ...all, ...withoutUndefined(one) }), {})
  return { ...merged, dependsOn: [...dependsOn] }
}

/** `ttl: undefined` in a subclass says nothing; it does not take back what its base says. */
function withoutUndefined(options: SweepableOptions): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function declaredTwice([first, ...others]: readonly Declaration[]): string {
  return `${first?.where}: it is declared ${others.length + 1} times; declare it once, with all options together`
}

function byDepth(left: EntityMetadata, right: EntityMetadata): number {
  return declaringTargets(left).length - declaringTargets(right).length
}

function listedIn(entities: DataSource['options']['entities']): ReadonlySet<unknown> {
  return new Set<unknown>(Object.values(entities ?? {}))
}
