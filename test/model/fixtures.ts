import {
  ChildEntity,
  Column,
  DeleteDateColumn,
  Entity,
  EntitySchema,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
  Tree,
  TreeChildren,
  TreeParent,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm'
import { Sweepable, sweepable } from '../../src/model/sweepable'

/** An abstract base: what it declares holds for its subclasses. */
@Sweepable({ using: 'updatedAt', ttl: '10m' })
export abstract class Dated {
  @PrimaryGeneratedColumn() id!: number
  @UpdateDateColumn() updatedAt!: Date
}

@Entity()
export class Article extends Dated {
  @Column({ unique: true }) slug!: string
  @Column({ default: '' }) title!: string
  @OneToMany(() => Comment, (comment) => comment.article) comments!: Comment[]
  /** The same foreign key as `comments`. */
  @OneToMany(() => Comment, (comment) => comment.article) approved!: Comment[]
  @OneToMany(() => Vote, (vote) => vote.article) votes!: Vote[]
  @ManyToMany(() => Label, (label) => label.articles)
  @JoinTable()
  labels!: Label[]
  /** Named in no dependsOn. */
  @ManyToMany(() => Label) @JoinTable({ name: 'article_hidden' }) hidden!: Label[]
}

/** An embedded object with a relation in it. */
export class Place {
  @Column({ default: 0 }) line!: number
  @ManyToOne(() => Page, { nullable: true }) page!: Page | null
}

@Entity()
@Sweepable({ dependsOn: ['article', 'place.page'], ttl: '1h' })
export class Comment extends Dated {
  @Column({ default: '' }) text!: string
  @Column({ nullable: true }) articleId!: number | null
  @ManyToOne(() => Article, (article) => article.comments, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'articleId' })
  article!: Article | null
  @Column(() => Place) place!: Place
}

/** The foreign key goes by a unique column; `article` is declared nowhere, nor is anything else of Vote. */
@Entity()
export class Vote {
  @PrimaryColumn({ type: 'bigint' }) id!: string
  @ManyToOne(() => Article, (article) => article.votes, { nullable: true, onDelete: 'SET NULL' })
  @JoinColumn({ name: 'articleSlug', referencedColumnName: 'slug' })
  article!: Article | null
}

/** A foreign key by a unique column, declared. */
@Entity()
@Sweepable({ dependsOn: ['article'] })
export class Review {
  @PrimaryGeneratedColumn('uuid') id!: string
  @VersionColumn() version!: number
  @DeleteDateColumn() deletedAt!: Date | null
  @ManyToOne(() => Article, { nullable: true })
  @JoinColumn({ name: 'articleSlug', referencedColumnName: 'slug' })
  article!: Article | null
}

@Entity()
@Sweepable({ using: 'version', dependsOn: ['articles'], writeThrough: true })
export class Label {
  @PrimaryColumn() name!: string
  @VersionColumn() version!: number
  @ManyToMany(() => Article, (article) => article.labels) articles!: Article[]
}

/** A tree; its relation to itself is declared. */
@Entity()
@Tree('closure-table')
@Sweepable({ dependsOn: ['parent'] })
export class Page {
  @PrimaryGeneratedColumn() id!: number
  @TreeParent() parent!: Page | null
  @TreeChildren() pages!: Page[]
}

@Entity()
export class User {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) name!: string
  @OneToOne(() => Profile, (profile) => profile.user) profile!: Profile | null
}
// Through the side that has no foreign key.
sweepable(User, { dependsOn: ['profile'] })

/** Its primary key is its relation; the relation is private, so no decorator can name it. */
@Entity()
export class Profile {
  @PrimaryColumn() userId!: number
  @OneToOne(() => User, (user) => user.profile)
  @JoinColumn({ name: 'userId' })
  readonly user!: User
  @ManyToOne(() => Page, { nullable: true, lazy: true })
  private readonly home!: Promise<Page | null>

  hasHome(): boolean {
    return this.home !== undefined
  }
}
sweepable(Profile, { dependsOn: ['user', 'home'] })

@Entity()
export class Order {
  @PrimaryColumn() tenant!: string
  @PrimaryColumn() number!: number
  @OneToMany(() => Line, (line) => line.order) lines!: Line[]
}

/** Its foreign key is part of its key. */
@Entity()
@Sweepable({ dependsOn: ['order'] })
export class Line {
  // In another order than the key it goes by.
  @ManyToOne(() => Order, (order) => order.lines, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'orderNumber', referencedColumnName: 'number' },
    { name: 'tenant', referencedColumnName: 'tenant' },
  ])
  order!: Order
  @PrimaryColumn() tenant!: string
  @PrimaryColumn() orderNumber!: number
  @PrimaryColumn() position!: number
}

export class ParcelKey {
  @PrimaryColumn() carrier!: string
  @PrimaryColumn() code!: string
}

/** A composite key inside an embedded object. */
@Entity()
export class Parcel {
  @Column(() => ParcelKey) key!: ParcelKey
}

/** Its key is its relation. */
@Entity()
export class Seat {
  @OneToOne(() => User)
  @JoinColumn({ name: 'owner' })
  @PrimaryColumn({ type: 'integer' })
  owner!: User
}

/** Single-table inheritance: three classes, one table. */
@Entity()
@TableInheritance({ column: { name: 'kind', type: 'varchar' } })
@Sweepable({ using: 'version' })
export class Content {
  @PrimaryGeneratedColumn() id!: number
  @VersionColumn() version!: number
  @ManyToOne(() => Page, { nullable: true }) page!: Page | null
}

@ChildEntity()
@Sweepable({ dependsOn: ['article'], ttl: '5m' })
export class Video extends Content {
  @Column({ nullable: true }) seconds!: number
  @ManyToOne(() => Article, { nullable: true }) article!: Article | null
}

@ChildEntity()
@Sweepable({ using: 'width', dependsOn: ['page'] })
export class Photo extends Content {
  @Column({ nullable: true }) width!: number
}

/** A class of its own in code, the row of an Article in the database. */
@Entity('article')
export class ArticleTeaser {
  @PrimaryGeneratedColumn() id!: number
  @Column() title!: string
}

export interface Folder {
  id: number
  name: string
}

export interface Note {
  id: number
  text: string
  folder: Folder | null
}

// Schemas can be related to schemas alone (typeorm 1.1.1 ConnectionMetadataBuilder builds them apart).
export const FolderSchema = new EntitySchema<Folder>({
  name: 'Folder',
  columns: { id: { type: 'integer', primary: true, generated: true }, name: { type: 'text' } },
})

export const NoteSchema = new EntitySchema<Note>({
  name: 'Memo',
  columns: { id: { type: 'integer', primary: true, generated: true }, text: { type: 'text' } },
  relations: { folder: { type: 'many-to-one', target: 'Folder', nullable: true } },
})
sweepable(NoteSchema, { using: 'text', dependsOn: ['folder'] })

export const ENTITIES = [
  Article,
  ArticleTeaser,
  Comment,
  Vote,
  Review,
  Label,
  Page,
  User,
  Profile,
  Order,
  Line,
  Parcel,
  Seat,
  Content,
  Video,
  Photo,
  FolderSchema,
  NoteSchema,
]
