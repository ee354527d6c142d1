import type { SweepTarget } from './snapshot'
import {
  Article,
  Comment,
  Content,
  Line,
  Login,
  Order,
  Page,
  Profile,
  Tag,
  User,
  Vote,
} from '../zoo'

/** A declared dependency, told once more in terms of tables: what the library makes of the entities must agree. */
export interface TableLink {
  /** Columns of the row that changes, and of the row that is swept with it. */
  readonly own: readonly string[]
  readonly to: string
  readonly their: readonly string[]
  /** The list of the other row that this one stands in. */
  readonly list?: string
}

export interface ZooTable {
  readonly table: string
  /** As it stands in labels. */
  readonly name: string
  readonly target: SweepTarget
  readonly key: readonly string[]
  readonly links: readonly TableLink[]
}

/** A many-to-many table whose relation is declared: both ends are swept. */
export const JUNCTION = {
  table: 'zoo_article_tag',
  article: 'zooArticleId',
  tag: 'zooTagId',
} as const

export const ZOO_TABLES: readonly ZooTable[] = [
  { table: 'zoo_article', name: 'Article', target: Article, key: ['id'], links: [] },
  {
    table: 'zoo_comment',
    name: 'Comment',
    target: Comment,
    key: ['id'],
    links: [{ own: ['articleId'], to: 'Article', their: ['id'], list: 'comments' }],
  },
  {
    table: 'zoo_vote',
    name: 'Vote',
    target: Vote,
    key: ['id'],
    links: [{ own: ['commentId'], to: 'Comment', their: ['id'], list: 'votes' }],
  },
  {
    table: 'zoo_user',
    name: 'User',
    target: User,
    key: ['id'],
    links: [{ own: ['id'], to: 'Comment', their: ['authorId'] }],
  },
  { table: 'zoo_tag', name: 'Tag', target: Tag, key: ['id'], links: [] },
  {
    table: 'zoo_page',
    name: 'Page',
    target: Page,
    key: ['id'],
    links: [{ own: ['parentId'], to: 'Page', their: ['id'] }],
  },
  { table: 'zoo_order', name: 'Order', target: Order, key: ['tenant', 'number'], links: [] },
  {
    table: 'zoo_line',
    name: 'Line',
    target: Line,
    key: ['tenant', 'number', 'position'],
    links: [{ own: ['tenant', 'number'], to: 'Order', their: ['tenant', 'number'] }],
  },
  {
    table: 'zoo_login',
    name: 'Login',
    target: Login,
    key: ['id'],
    links: [{ own: ['userEmail'], to: 'User', their: ['email'] }],
  },
  {
    table: 'zoo_content',
    name: 'Content',
    target: Content,
    key: ['id'],
    links: [{ own: ['articleId'], to: 'Article', their: ['id'] }],
  },
  {
    table: 'zoo_profile',
    name: 'Profile',
    target: Profile,
    key: ['id'],
    links: [{ own: ['userId'], to: 'User', their: ['id'] }],
  },
]
