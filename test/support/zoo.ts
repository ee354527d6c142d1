import {
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
  ChildEntity,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm'
import { Sweepable } from '../../src/index'

/** Belongs to nothing; swept by its comments. */
@Entity('zoo_article')
@Sweepable({ using: 'updatedAt' })
export class Article {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) title!: string
  @UpdateDateColumn() updatedAt!: Date
  @DeleteDateColumn() deletedAt!: Date | null
  @OneToMany(() => Comment, (comment) => comment.article, { cascade: true }) comments!: Comment[]
  @ManyToMany(() => Tag, (tag) => tag.articles)
  @JoinTable({ name: 'zoo_article_tag' })
  tags!: Tag[]
}

@Entity('zoo_comment')
@Sweepable({ using: 'updatedAt', dependsOn: ['article'] })
export class Comment {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) text!: string
  @Column({ default: 0 }) hits!: number
  @UpdateDateColumn() updatedAt!: Date
  @VersionColumn() version!: number
  @DeleteDateColumn() deletedAt!: Date | null
  @ManyToOne(() => Article, (article) => article.comments, { onDelete: 'CASCADE' })
  article!: Article | null
  @ManyToOne(() => User, (user) => user.comments, { onDelete: 'SET NULL' }) author!: User | null
  @OneToMany(() => Vote, (vote) => vote.comment) votes!: Vote[]
}

/** A plain foreign key column stands beside its relation. */
@Entity('zoo_vote')
@Sweepable({ dependsOn: ['comment'] })
export class Vote {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: 1 }) value!: number
  @Column({ nullable: true }) commentId!: number | null
  @ManyToOne(() => Comment, (comment) => comment.votes, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'commentId' })
  comment!: Comment | null
}

/** Through the inverse side: when a user changes, all their comments are swept. */
@Entity('zoo_user')
@Sweepable({ dependsOn: ['comments'] })
export class User {
  @PrimaryGeneratedColumn('uuid') id!: string
  @Column({ default: '' }) name!: string
  @Column({ unique: true }) email!: string
  @OneToMany(() => Comment, (comment) => comment.author) comments!: Comment[]
}

/** Many-to-many, declared on this side. */
@Entity('zoo_tag')
@Sweepable({ dependsOn: ['articles'] })
export class Tag {
  @PrimaryGeneratedColumn() id!: number
  @Column({ unique: true }) slug!: string
  @Column({ default: '' }) label!: string
  @ManyToMany(() => Article, (article) => article.tags) articles!: Article[]
}

/** A self relation, which may go in circles. */
@Entity('zoo_page')
@Sweepable({ dependsOn: ['parent'] })
export class Page {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) title!: string
  @ManyToOne(() => Page, { nullable: true }) parent!: Page | null
}

@Entity('zoo_order')
export class Order {
  @PrimaryColumn() tenant!: string
  @PrimaryColumn() number!: number
  @Column({ default: '' }) note!: string
  @CreateDateColumn() createdAt!: Date
}

/** Composite key, composite foreign key. */
@Entity('zoo_line')
@Sweepable({ dependsOn: ['order'] })
export class Line {
  @PrimaryColumn() tenant!: string
  @PrimaryColumn() number!: number
  @PrimaryColumn() position!: number
  @Column({ default: '' }) text!: string
  @ManyToOne(() => Order, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'tenant', referencedColumnName: 'tenant' },
    { name: 'number', referencedColumnName: 'number' },
  ])
  order!: Order
}

/** A foreign key that goes by a unique column which is not the primary key. */
@Entity('zoo_login')
@Sweepable({ dependsOn: ['user'] })
export class Login {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) device!: string
  @ManyToOne(() => User, { nullable: true, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'userEmail', referencedColumnName: 'email' })
  user!: User | null
}

@Entity('zoo_content')
@TableInheritance({ column: { name: 'kind', type: 'varchar' } })
export abstract class Content {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) title!: string
}

/** Single-table inheritance: only videos belong to an article. */
@ChildEntity('video')
@Sweepable({ dependsOn: ['article'] })
export class Video extends Content {
  @Column({ nullable: true }) seconds!: number
  @ManyToOne(() => Article, { nullable: true, onDelete: 'SET NULL' }) article!: Article | null
}

@ChildEntity('photo')
export class Photo extends Content {
  @Column({ nullable: true }) width!: number
}

/** One-to-one, the owning side. */
@Entity('zoo_profile')
@Sweepable({ dependsOn: ['user'] })
export class Profile {
  @PrimaryColumn({ type: 'bigint' }) id!: string
  @Column({ default: '' }) bio!: string
  @OneToOne(() => User, { nullable: true, onDelete: 'CASCADE' }) @JoinColumn() user!: User | null
}

export const ZOO = [
  Article,
  Comment,
  Vote,
  User,
  Tag,
  Page,
  Order,
  Line,
  Login,
  Content,
  Video,
  Photo,
  Profile,
]
