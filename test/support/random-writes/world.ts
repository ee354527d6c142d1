import type { Snapshot } from './snapshot'

/** The rows that operations can be drawn for. */
export interface World {
  readonly articles: readonly number[]
  readonly comments: readonly number[]
  readonly votes: readonly number[]
  readonly tags: readonly { readonly id: number; readonly slug: string }[]
  readonly users: readonly { readonly id: string; readonly email: string }[]
  readonly pages: readonly number[]
  readonly orders: readonly { readonly tenant: string; readonly number: number }[]
  readonly lines: readonly {
    readonly tenant: string
    readonly number: number
    readonly position: number
  }[]
  readonly logins: readonly number[]
  readonly videos: readonly number[]
  readonly profiles: readonly string[]
}

export function worldIn({ rows }: Snapshot): World {
  const all = [...rows.values()]
  const valuesOf = (name: string) =>
    all
      .filter(({ table }) => table.name === name)
      .toSorted((a, b) => (a.label < b.label ? -1 : 1))
      .map(({ values }) => values)
  const ids = (name: string): number[] => valuesOf(name).map(({ id }) => Number(id))
  return {
    articles: ids('Article'),
    comments: ids('Comment'),
    votes: ids('Vote'),
    tags: valuesOf('Tag').map(({ id, slug }) => ({ id: Number(id), slug: String(slug) })),
    users: valuesOf('User').map(({ id, email }) => ({ id: String(id), email: String(email) })),
    pages: ids('Page'),
    orders: valuesOf('Order').map(({ tenant, number }) => ({
      tenant: String(tenant),
      number: Number(number),
    })),
    lines: valuesOf('Line').map(({ tenant, number, position }) => ({
      tenant: String(tenant),
      number: Number(number),
      position: Number(position),
    })),
    logins: ids('Login'),
    videos: valuesOf('Content')
      .filter(({ kind }) => kind === 'video')
      .map(({ id }) => Number(id)),
    profiles: valuesOf('Profile').map(({ id }) => String(id)),
  }
}
