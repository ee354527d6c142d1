import { EntitySchema } from 'typeorm'
import {
  children,
  record,
  type ChildrenRef,
  type On,
  type RecordRef,
} from '../../src/model/record-ref'

// Compiled, never run: how records are named.

class Comment {
  id!: number
  readonly article!: Article
}

class Article {
  id!: number
  title!: string
  comments!: Comment[]
  readonly meta!: { readonly links: Comment[] }
}

class OrderLine {
  orderNo!: number
  lineNo!: number
  constructor(orderNo: number) {
    this.orderNo = orderNo
  }
}

interface Note {
  id: number
  lines: Comment[]
}
const NoteSchema = new EntitySchema<Note>({ name: 'Note', columns: {} })

record(Comment, 17) satisfies RecordRef<Comment>
record(NoteSchema, '17') satisfies RecordRef<Note>
record(Comment, 17n)
record(Comment, new Date())
record(Comment, Buffer.from('17'))
record(OrderLine, { orderNo: 7, lineNo: 1 }) satisfies RecordRef

children(Article, 7, 'comments') satisfies ChildrenRef<Article>
children(Article, 7, 'meta.links')
children(NoteSchema, 7, 'lines')

// @ts-expect-error no property of the key
record(OrderLine, { orderNumber: 7 })
// @ts-expect-error no key at all
record(Comment, undefined)
// @ts-expect-error no entity
record('Comment', 17)
// @ts-expect-error no property of Article
children(Article, 7, 'coments')
// @ts-expect-error no property of an array
children(Article, 7, 'comments.length')

const comment = new Comment()
const article = new Article()

export const subjects: readonly On[] = [
  comment,
  Comment,
  NoteSchema,
  record(Comment, 17),
  record(OrderLine, { orderNo: 7, lineNo: 1 }),
  children(Article, 7, 'comments'),
  [Comment, 17],
  [Comment, '17'],
  [NoteSchema, 17n],
  [comment, article],
  [record(Comment, 17), Article, article, [Comment, 18]],
  [],
]

// @ts-expect-error a text names nothing
export const text: On = 'Comment:17'
// @ts-expect-error a promise has to be awaited
export const promise: On = Promise.resolve(comment)
// @ts-expect-error nothing
export const nothing: On = undefined
// @ts-expect-error nothing in a list
export const hole: On = [comment, undefined]
