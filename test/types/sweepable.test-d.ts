import {
  Column,
  Entity,
  EntitySchema,
  ManyToOne,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
} from 'typeorm'
import { Sweepable, sweepable } from '../../src/model/sweepable'

// Compiled, never run: what the compiler lets through and what it refuses. Options are unused on purpose.

@Entity()
@Sweepable()
class Page {
  @PrimaryGeneratedColumn() id!: number
  @Column() title!: string
}

class Coordinates {
  @Column() x!: number
  @Column(() => Page) deep!: Page
}

class Ref {
  @ManyToOne(() => Page) article?: Page | null
  @Column(() => Coordinates) at!: Coordinates
}

@Entity()
@Sweepable({
  using: 'updatedAt',
  dependsOn: ['page', 'ref.article'],
  writeThrough: true,
  ttl: '30m',
})
export class Comment {
  @PrimaryGeneratedColumn() id!: number
  @UpdateDateColumn() updatedAt!: Date
  @ManyToOne(() => Page) page!: Page | null
  @ManyToOne(() => Page) lazyPage!: Promise<Page>
  @Column(() => Ref) ref!: Ref
  @ManyToOne(() => Page) protected readonly hidden!: Page

  isHidden(): boolean {
    return this.hidden !== undefined
  }
}

// Legacy decorators, on a class with a constructor and on an abstract one.
@Sweepable({ using: 'version', ttl: 500 })
export class Counted {
  readonly version: number
  constructor(version: number) {
    this.version = version
  }
}

@Sweepable({ dependsOn: ['page', 'lazyPage'] })
export abstract class Base {
  abstract page: Page
  abstract lazyPage: Promise<Page>
}

// A property of a third level is looked at at run time, one of the first two here.
Sweepable({ using: 'ref.at.x', dependsOn: ['ref.at.anything'] })(Comment)

// What is only text to the compiler is looked at at run time.
const computed = ['updated', 'At'].join('')
Sweepable({ using: computed, dependsOn: [computed] })(Comment)

// The same function serves standard decorators, which are called with a context.
const context = { kind: 'class', name: 'Comment', addInitializer: () => undefined }
Sweepable({ using: 'id' })(Comment, context)

// @ts-expect-error no property "updated_at" on this entity
@Sweepable({ using: 'updated_at' })
export class Misspelled {
  updatedAt!: Date
}

// @ts-expect-error no property "artcle" on this entity
@Sweepable({ using: 'id', dependsOn: ['article', 'artcle'] })
export class MisspelledRelation {
  id!: number
  article!: Page
}

// @ts-expect-error no property "ref.artcle" on this entity
Sweepable({ dependsOn: ['ref.artcle'] })(Comment)

// @ts-expect-error no property "rf.article" on this entity
Sweepable({ dependsOn: ['rf.article'] })(Comment)

// @ts-expect-error properties of a Date are no columns
Sweepable({ using: 'updatedAt.getTime' })(Comment)

// @ts-expect-error only sweepable() can name what is not public
Sweepable({ dependsOn: ['hidden'] })(Comment)

// @ts-expect-error no duration
Sweepable({ ttl: '10 minutes' })

// @ts-expect-error an option that does not exist
Sweepable({ dependOn: ['page'] })

// @ts-expect-error not an array
Sweepable({ dependsOn: 'page' })

// The sentence is part of the type that the compiler shows.
const misspelled = Sweepable({ using: 'updated_at' })<typeof Comment>
export const sentence: Parameters<
  typeof misspelled
>[0] extends `no property "updated_at" on this entity`
  ? true
  : false = true

interface Note {
  id: number
  page: Page
}
const NoteSchema = new EntitySchema<Note>({ name: 'Note', columns: {} })

sweepable(NoteSchema, { using: 'id', dependsOn: ['page'] })
sweepable(Comment, { dependsOn: ['page', 'hidden', 'ref.article'] })
sweepable(Base)
sweepable('Note', { dependsOn: ['page'] })

// @ts-expect-error no entity
sweepable({ name: 'Note' })

// @ts-expect-error an option that does not exist
sweepable(Comment, { depends: ['page'] })
