import { Column, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm'
import { Sweepable } from 'typeorm-sweeper'
import { Article } from './article.entity'

@Entity()
@Sweepable({ dependsOn: ['article'] })
export class Comment {
  @PrimaryGeneratedColumn() id!: number
  @Column() text!: string
  @ManyToOne(() => Article, (article) => article.comments) article!: Article
}
