import type { EntitySchema } from 'typeorm'
import { InvalidOptionError } from '../core/errors'
import { declare, type SweepableOptions } from './declarations'
import type { EntityClass, HasProperties, PropertyPath } from './entity-class'

export type { SweepableOptions } from './declarations'

/**
 * Declares what an entity's cached values hang on: `dependsOn: ['article']` on Comment reads "a comment belongs to the
 * article's cache; when a comment changes, the article is swept".
 *
 * A property that the class doesn't have is a compile-time error. A property that is no column, or no relation, is a
 * `DeclarationError` (`SWEEPER_DECLARATION`) at the first use of the DataSource. Works as a legacy and as a standard
 * decorator, and needs no decorator metadata. Private properties are for `sweepable()`.
 *
 * @example
 * \@Entity()
 * \@Sweepable({ using: 'updatedAt', dependsOn: ['article'] })
 * class Comment { ... }
 */
export function Sweepable<const Using extends string = never, const Parent extends string = never>(
  options: SweepableOptions<Using, Parent> = {},
): <C extends EntityClass>(
  entity: C & HasProperties<InstanceType<C>, Using, Parent>,
  context?: unknown,
) => void {
  if (typeof options === 'function') {
    throw new InvalidOptionError('@Sweepable: it is not called; write @Sweepable()')
  }
  return (entity) => {
    declare(entity, options, '@Sweepable')
  }
}

/**
 * The same as `@Sweepable` for what cannot be decorated: an `EntitySchema`, its name, a class of someone else, and for
 * private relation properties. Property names are offered by the editor and checked at the first use of the DataSource.
 * Has to come before that: an entity that is in use cannot be declared any more.
 *
 * @throws {DeclarationError} SWEEPER_DECLARATION for an entity that is in use
 * @example
 * sweepable(CommentSchema, { using: 'updatedAt', dependsOn: ['article'] })
 */
export function sweepable<E extends object>(
  entity: EntityClass<E> | EntitySchema<E> | string,
  options: SweepableOptions<NameOf<E>, NameOf<E>> = {},
): void {
  declare(entity, options, 'sweepable')
}

/** Any text, with the known names offered for completion. */
type NameOf<E> = PropertyPath<E> | (string & Record<never, never>)
