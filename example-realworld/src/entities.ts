import {
  Column,
  CreateDateColumn,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
  UpdateDateColumn,
} from 'typeorm'

@Entity('users')
export class User {
  @PrimaryGeneratedColumn() id!: number
  @Column({ unique: true }) email!: string
  @Column({ unique: true }) username!: string
  @Column() password!: string
  @Column({ default: '' }) bio!: string
  @Column({ type: 'varchar', nullable: true }) image!: string | null
}

@Entity('follows')
@Unique(['follower', 'followed'])
export class Follow {
  @PrimaryGeneratedColumn() id!: number
  @ManyToOne(() => User) follower!: User
  @ManyToOne(() => User) followed!: User
}

@Entity('tags')
export class Tag {
  @PrimaryColumn() name!: string
}

@Entity('articles')
export class Article {
  @PrimaryGeneratedColumn() id!: number
  @Column({ unique: true }) slug!: string
  @Column() title!: string
  @Column() description!: string
  @Column() body!: string
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date
  @ManyToOne(() => User) author!: User
  @ManyToMany(() => Tag, { cascade: ['insert'] })
  @JoinTable({ name: 'article_tags' })
  tags!: Tag[]
  @OneToMany(() => Comment, (comment) => comment.article) comments!: Comment[]
  @OneToMany(() => Favorite, (favorite) => favorite.article) favorites!: Favorite[]
}

@Entity('favorites')
@Unique(['user', 'article'])
export class Favorite {
  @PrimaryGeneratedColumn() id!: number
  @ManyToOne(() => User) user!: User
  @ManyToOne(() => Article, (article) => article.favorites, { onDelete: 'CASCADE' })
  article!: Article
}

@Entity('comments')
export class Comment {
  @PrimaryGeneratedColumn() id!: number
  @Column() body!: string
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date
  @ManyToOne(() => User) author!: User
  @ManyToOne(() => Article, (article) => article.comments, { onDelete: 'CASCADE' })
  article!: Article
}
