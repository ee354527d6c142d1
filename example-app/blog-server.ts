import type { Live } from './live'
import type { Blog, Pages } from './pages'
import type { ShowcaseStore } from './showcase-store'

/** One server of the blog, and how it is called where there are several. */
export interface BlogServer extends Blog {
  readonly pages: Pages
  readonly store: ShowcaseStore
  readonly live: Live
  readonly server: string
  readonly servers: readonly { readonly name: string; readonly port: number }[]
}
