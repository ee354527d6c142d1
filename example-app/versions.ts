import { record, type On } from '../src/index'
import { Article, Comment } from './entities'
import type { Blog } from './pages'
import { shortened } from './write-report'

const MAX = 500

/** The versions that records have now, by their names: `Comment:7`, or `Article` for any. 1 round trip for all. */
export async function versionsOf(
  { sweeper }: Blog,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const known = names.slice(0, MAX).flatMap((name) => {
    const on = subjectOf(name)
    return on === undefined ? [] : [{ name, on }]
  })
  const versions = await Promise.all(
    known.map(async ({ name, on }) => [name, shortened(await sweeper.version(on))] as const),
  )
  return Object.fromEntries(versions)
}

function subjectOf(name: string): On | undefined {
  const [, type, id] = /^(Article|Comment)(?::([1-9]\d{0,8}))?$/.exec(name) ?? []
  if (type === undefined) return undefined
  if (id === undefined) return type === 'Article' ? Article : Comment
  return type === 'Article' ? record(Article, Number(id)) : record(Comment, Number(id))
}
