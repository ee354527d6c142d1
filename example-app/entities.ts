import {
  Column,
  Entity,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
} from 'typeorm'
import { Sweepable } from '../src/index'

@Entity()
@Sweepable({ using: 'updatedAt' })
export class Article {
  @PrimaryGeneratedColumn()
  id!: number

  @Column('varchar')
  title!: string

  @Column('text')
  text!: string

  @UpdateDateColumn()
  updatedAt!: Date

  @OneToMany(() => Comment, (comment) => comment.article)
  comments!: Comment[]
}

// A changed comment sweeps its article; one that moves sweeps both.
@Entity()
@Sweepable({ using: 'updatedAt', dependsOn: ['article'] })
export class Comment {
  @PrimaryGeneratedColumn()
  id!: number

  @Column('varchar')
  author!: string

  @Column('text')
  text!: string

  @UpdateDateColumn()
  updatedAt!: Date

  @ManyToOne(() => Article, (article) => article.comments, { nullable: false, onDelete: 'CASCADE' })
  article!: Article

  @OneToMany(() => Vote, (vote) => vote.comment)
  votes!: Vote[]
}

// A new vote sweeps its comment, and through it the article.
@Entity()
@Sweepable({ dependsOn: ['comment'] })
export class Vote {
  @PrimaryGeneratedColumn()
  id!: number

  @ManyToOne(() => Comment, (comment) => comment.votes, { nullable: false, onDelete: 'CASCADE' })
  comment!: Comment
}
