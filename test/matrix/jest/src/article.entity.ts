import { Column, Entity, OneToMany, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm'
import { Sweepable } from 'typeorm-sweeper'
import { Comment } from './comment.entity'

@Entity()
@Sweepable({ using: 'updatedAt' })
export class Article {
  @PrimaryGeneratedColumn() id!: number
  @Column() title!: string
  @UpdateDateColumn() updatedAt!: Date
  @OneToMany(() => Comment, (comment) => comment.article) comments!: Comment[]
}
