import {
  Column,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  UpdateDateColumn,
} from 'typeorm'
import { Sweepable, SweepOutbox } from '../../../src/index'

/**
 * The checker's tables. `n` names a state of a row: a trigger gives every written row another number, growing and never
 * given twice, also not after a rollback. `by` says whose write it was.
 */
@Entity('check_article')
@Sweepable()
export class Article {
  @PrimaryColumn() id!: number
  @Column({ default: 0, insert: false, update: false }) n!: number
  @Column({ default: '' }) by!: string
  @OneToMany(() => Comment, (comment) => comment.article) comments!: Comment[]
  @ManyToMany(() => Tag, (tag) => tag.articles)
  @JoinTable({
    name: 'check_article_tag',
    joinColumn: { name: 'articleId' },
    inverseJoinColumn: { name: 'tagId' },
  })
  tags!: Tag[]
}

@Entity('check_comment')
@Sweepable({ using: 'updatedAt', dependsOn: ['article'] })
export class Comment {
  @PrimaryColumn() id!: number
  @Column({ default: 0, insert: false, update: false }) n!: number
  @Column({ default: '' }) by!: string
  @UpdateDateColumn() updatedAt!: Date
  @ManyToOne(() => Article, (article) => article.comments) article!: Article | null
  @OneToMany(() => Vote, (vote) => vote.comment) votes!: Vote[]
}

@Entity('check_vote')
@Sweepable({ dependsOn: ['comment'] })
export class Vote {
  @PrimaryColumn() id!: number
  @Column({ default: 0, insert: false, update: false }) n!: number
  @Column({ default: '' }) by!: string
  @ManyToOne(() => Comment, (comment) => comment.votes, { onDelete: 'SET NULL' })
  comment!: Comment | null
}

@Entity('check_tag')
@Sweepable({ dependsOn: ['articles'], writeThrough: true })
export class Tag {
  @PrimaryColumn() id!: number
  @Column({ nullable: true, unique: true }) slug!: string
  @Column({ default: 0, insert: false, update: false }) n!: number
  @Column({ default: '' }) by!: string
  @ManyToMany(() => Article, (article) => article.tags) articles!: Article[]
}

/** With the table of durable sweeps, or without. */
export function entitiesWith(outbox: boolean): (new () => object)[] {
  const own = [Article, Comment, Vote, Tag]
  return outbox ? [...own, SweepOutbox] : own
}

/** Ids of each table go from 1 to this. */
export const ROWS = { articles: 16, comments: 64, votes: 64, tags: 8 } as const
