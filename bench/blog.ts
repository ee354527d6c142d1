import {
  Column,
  type DataSource,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm'
import { Sweepable } from '../src'

export const ARTICLES = 5
export const COMMENTS_EACH = 20
export const COMMENTS = ARTICLES * COMMENTS_EACH

@Entity()
@Sweepable()
export class Article {
  @PrimaryGeneratedColumn()
  id!: number

  @Column()
  title!: string

  @Column()
  text!: string

  @Column()
  writtenAt!: Date
}

@Entity()
@Sweepable({ dependsOn: ['article'] })
export class Comment {
  @PrimaryGeneratedColumn()
  id!: number

  @Column()
  text!: string

  @ManyToOne(() => Article)
  @JoinColumn()
  article!: Relation<Article>
}

@Entity()
@Sweepable({ dependsOn: ['comment'] })
export class Vote {
  @PrimaryGeneratedColumn()
  id!: number

  @Column()
  value!: number

  @ManyToOne(() => Comment)
  @JoinColumn()
  comment!: Relation<Comment>
}

/** Articles and comments with the ids from 1 on. */
export async function seed(dataSource: DataSource): Promise<void> {
  const text = 'What was to be proved. '.repeat(40)
  const articles = await dataSource
    .getRepository(Article)
    .save(numbers(ARTICLES).map((n) => ({ title: `Article ${n}`, text, writtenAt: new Date(0) })))
  await dataSource
    .getRepository(Comment)
    .save(
      articles.flatMap((article) =>
        numbers(COMMENTS_EACH).map((n) => ({ text: `Comment ${n}`, article })),
      ),
    )
}

/** 1 to `count`. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1)
}

/** Text of one byte a character, as a rendered fragment. */
export const html = (bytes: number): string => 'a<p>bcdef'.repeat(bytes / 9 + 1).slice(0, bytes)
